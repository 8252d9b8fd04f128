"""``site``: check and draw a site file."""

from __future__ import annotations

import argparse
from typing import Any

from nl_planner.cli.arguments import add_json, command, print_json, tell


def add(commands: Any) -> None:
    """Add the commands to the parser."""
    group = command(
        commands,
        "site",
        "the site file: what the robot knows of a place",
        "  nl-planner site check maps/riverside.site.yaml\n"
        "  nl-planner site draw maps/riverside.site.yaml --out site.png",
    )
    actions = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = command(
        actions,
        "check",
        "what to mend: errors with their line, names that clash, what cannot be reached",
        "  nl-planner site check maps/riverside.site.yaml",
    )
    check.add_argument("site", metavar="S", help="the site file (*.site.yaml)")
    add_json(check)
    check.set_defaults(run=_check)
    draw = command(
        actions,
        "draw",
        "the site as a picture",
        "  nl-planner site draw maps/riverside.site.yaml --out site.png",
    )
    draw.add_argument("site", metavar="S", help="the site file (*.site.yaml)")
    draw.add_argument("--out", metavar="P.png", required=True, help="the picture")
    draw.set_defaults(run=_draw)


def _check(arguments: argparse.Namespace) -> int:
    from nl_planner.site import read_site
    from nl_planner.site.check import check_site

    site = read_site(arguments.site)
    findings = check_site(site)
    area = site.free_space.area
    if arguments.json:
        rows = [{"severity": f.severity, "key": f.key, "message": f.message} for f in findings]
        print_json({"landmarks": len(site.landmarks), "free_m2": round(area, 1), "findings": rows})
    else:
        for finding in findings:
            print(finding)
        print(
            f"{site.name[0]}: {len(site.landmarks)} landmarks, {len(site.keepouts)} keepouts, "
            f"{len(site.objects)} objects, {area:.0f} m² free, {len(findings)} findings"
        )
    return 2 if any(finding.severity == "error" for finding in findings) else 0


def _draw(arguments: argparse.Namespace) -> int:
    from nl_planner.draw import draw_site
    from nl_planner.site import read_site

    draw_site(read_site(arguments.site), arguments.out)
    tell(f"picture: {arguments.out}")
    return 0
