"""``site``: check, draw, import and export a site file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from nl_planner.cli.arguments import add_json, command, print_json, tell


def add(commands: Any) -> None:
    """Add the commands to the parser."""
    group = command(
        commands,
        "site",
        "the site file: what the robot knows of a place",
        "  nl-planner site check maps/riverside.site.yaml\n"
        "  nl-planner site draw maps/riverside.site.yaml --out site.png\n"
        "  nl-planner site import campus.osm --out campus.site.yaml",
    )
    actions = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = command(
        actions,
        "check",
        "what to mend: errors with their line, names that clash, what cannot be reached",
        "  nl-planner site check maps/riverside.site.yaml",
    )
    add_json(check)
    check.set_defaults(run=_check)
    draw = command(
        actions,
        "draw",
        "the site as a picture, with what is to be mended numbered on it",
        "  nl-planner site draw maps/riverside.site.yaml --out site.png",
    )
    draw.add_argument("--out", metavar="P.png", required=True, help="the picture")
    draw.set_defaults(run=_draw)
    imports = command(
        actions,
        "import",
        "a draft of a site file from OpenStreetMap, QGIS, Open-RMF or a Nav2 map",
        "  nl-planner site import campus.osm --out campus.site.yaml\n"
        "  nl-planner site import drawn.geojson --out yard.site.yaml\n"
        "  nl-planner site import office.building.yaml --level L1 --out office.site.yaml\n"
        "  nl-planner site import map.yaml --out floor.site.yaml",
    )
    imports.add_argument("file", metavar="FILE", help="OSM XML, GeoJSON, building.yaml, Nav2 map")
    imports.add_argument("--out", metavar="S", required=True, help="the new site file")
    imports.add_argument(
        "--level", metavar="L", help="the floor: of a building.yaml; of OSM, else 0"
    )
    imports.set_defaults(run=_import)
    export = command(
        actions,
        "export",
        "the site as GeoJSON, to be changed in QGIS and imported again",
        "  nl-planner site export maps/riverside.site.yaml --out riverside.geojson",
    )
    export.add_argument("--out", metavar="F.geojson", required=True, help="the GeoJSON file")
    export.set_defaults(run=_export)
    for action in (check, draw, export):
        action.add_argument("site", metavar="S", help="the site file (*.site.yaml)")


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
    from nl_planner.site.check import check_site

    site = read_site(arguments.site)
    draw_site(site, arguments.out, findings=check_site(site))
    tell(f"picture: {arguments.out}")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from nl_planner.site.check import check_site
    from nl_planner.site.imports import read_draft
    from nl_planner.site.imports.write import write_site

    draft = read_draft(Path(arguments.file), arguments.level)
    site = write_site(draft, Path(arguments.out))
    for note in draft.notes:
        tell(note)
    tell(
        f"site: {arguments.out}: {len(site.landmarks)} landmarks, {len(site.keepouts)} keepouts; "
        f"{len(check_site(site))} findings to mend: nl-planner site check {arguments.out}"
    )
    return 0


def _export(arguments: argparse.Namespace) -> int:
    import json

    from nl_planner.errors import ImportFileError
    from nl_planner.site import read_site
    from nl_planner.site.export import site_geojson

    out = Path(arguments.out)
    document = site_geojson(read_site(arguments.site), out.parent)
    try:
        out.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        raise ImportFileError(f"{out}: cannot be written: {error.strerror}") from error
    tell(f"GeoJSON: {out}")
    return 0
