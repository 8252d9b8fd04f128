"""``seen``: what was seen and may still lie there, in a file that outlives the program."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from nl_planner.cli.arguments import add_json, add_memory, command, numbers, print_json, tell

if TYPE_CHECKING:
    from nl_planner.planner import Planner
    from nl_planner.site import ObjectMemory, SeenObject, Site


def add(commands: Any) -> None:
    """Add the commands to the parser."""
    group = command(
        commands,
        "seen",
        "the memory of things seen: report a sighting, list them, take one out",
        "  nl-planner seen report cola_bottle 17.6,56.4 --site S.site.yaml --memory seen.db\n"
        "  nl-planner seen list --site S.site.yaml --memory seen.db\n"
        "  nl-planner seen gone cola_bottle_1 --site S.site.yaml --memory seen.db",
    )
    actions = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    report = command(
        actions,
        "report",
        "remember a thing; one of its class close by is the same thing",
        "  nl-planner seen report leaf 55.3,65 --radius 0.8 --confidence 0.7 --site S --memory M",
    )
    report.add_argument("class_id", metavar="CLASS", help="a class of the site: cola_bottle, leaf")
    report.add_argument("at", metavar="X,Y", type=numbers(2), help="where it lies (m)")
    report.add_argument("--radius", metavar="R", type=float, default=0.05, help="its size (m)")
    report.add_argument(
        "--confidence", metavar="C", type=float, default=0.9, help="that it is there, 0 to 1"
    )
    report.set_defaults(run=_report)
    listing = command(
        actions,
        "list",
        "what may still lie there, the first seen first",
        "  nl-planner seen list --site S.site.yaml --memory seen.db --json",
    )
    listing.set_defaults(run=_list)
    gone = command(
        actions,
        "gone",
        "forget things that were taken away",
        "  nl-planner seen gone cola_bottle_1 leaf_2 --site S.site.yaml --memory seen.db",
    )
    gone.add_argument("ids", metavar="ID", nargs="+", help="see `nl-planner seen list`")
    gone.set_defaults(run=_gone)
    for action in (report, listing, gone):
        action.add_argument("--site", metavar="S", required=True, help="the site file")
        add_memory(action, required=True)
        add_json(action)


def look(planner: Planner, memory: str | None) -> None:
    """Let the planner know what the memory in that file holds now; without one, leave it alone."""
    if memory is None:
        return
    from datetime import UTC, datetime

    with opened(memory, planner.site, new=False) as seen:
        planner.see(seen.seen(datetime.now(UTC)))


def opened(file: str, site: Site, *, new: bool) -> ObjectMemory:
    """The memory in the file; ``new``: made where there is none."""
    from pathlib import Path

    from nl_planner.errors import MemoryFileError
    from nl_planner.site import ObjectMemory

    if not new and not Path(file).exists():
        raise MemoryFileError(f"{file}: there is no such file; `nl-planner seen report` makes it")
    return ObjectMemory(file, site.taxonomy)


def _report(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from nl_planner.errors import BadInputError
    from nl_planner.site import Detection, read_site

    found = Detection(
        arguments.class_id, arguments.at, arguments.confidence, radius=arguments.radius
    )
    site = read_site(arguments.site)
    with opened(arguments.memory, site, new=True) as memory:
        (known,) = memory.observe([found], datetime.now(UTC))
    if known is None:
        raise BadInputError(
            f"--confidence {arguments.confidence:g} is too low to remember the thing; leave it "
            "away, or say 0.2 or more"
        )
    if arguments.json:
        print_json({"id": known})
    else:
        print(known)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from nl_planner.site import read_site

    site = read_site(arguments.site)
    now = datetime.now(UTC)
    with opened(arguments.memory, site, new=False) as memory:
        things = memory.seen(now)
    if arguments.json:
        print_json([_row(thing) for thing in things])
        return 0
    for thing in things:
        x, y = thing.at
        print(f"{thing.id:24} ({x:8.2f}, {y:8.2f})  {thing.confidence:4.2f}  {_when(thing)}")
    tell(f"{len(things)} seen")
    return 0


def _row(thing: SeenObject) -> dict[str, Any]:
    return {
        "id": thing.id,
        "class": thing.class_id,
        "at": [round(at, 3) for at in thing.at],
        "radius": round(thing.radius, 3),
        "confidence": round(thing.confidence, 3),
        "seen": _when(thing),
    }


def _when(thing: SeenObject) -> str:
    assert thing.seen is not None  # a memory always knows
    return thing.seen.isoformat(timespec="seconds")


def _gone(arguments: argparse.Namespace) -> int:
    from nl_planner.site import read_site

    site = read_site(arguments.site)
    with opened(arguments.memory, site, new=False) as memory:
        memory.gone(arguments.ids)
    if arguments.json:
        print_json({"gone": arguments.ids})
    return 0
