"""``train``: the adapter of a site from its lessons."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from nl_planner.cli.arguments import add_json, command, print_json, tell
from nl_planner.models import DEFAULT_MODEL

if TYPE_CHECKING:
    from nl_planner.learning.site_training import Figures
    from nl_planner.learning.versions import Versions

_ABOUT = "train the model on this site's lessons; use the result only if it is better"


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = command(
        commands,
        "train",
        _ABOUT,
        "  nl-planner train --site S --minutes 60    train, measure, put to use if better\n"
        "  nl-planner train --site S --list          the versions and their figures\n"
        "  nl-planner train --site S --rollback      use the version before again\n"
        "  nl-planner train --site S --export chats.jsonl   the same data for a larger model",
    )
    parser.add_argument("--site", metavar="S", required=True, help="the site file (*.site.yaml)")
    parser.add_argument("--journal", metavar="J", help="its journal: a file, or postgresql://...")
    parser.add_argument(
        "--model", metavar="M", default=DEFAULT_MODEL, help="weights on this machine: %(default)s"
    )
    parser.add_argument("--adapters", metavar="DIR", help="where its versions are kept")
    parser.add_argument(
        "--minutes", type=_minutes, default=60.0, help="stop training after (default: %(default)g)"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="the versions, and which is in use")
    instead.add_argument("--rollback", action="store_true", help="use the version before again")
    instead.add_argument("--promote", metavar="VERSION", help="use this version")
    instead.add_argument("--export", metavar="FILE", help="write the data set as chats instead")
    add_json(parser)
    parser.set_defaults(run=_train)


def _minutes(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e5:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes")
    return value


def _train(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from nl_planner.learning.versions import Versions
    from nl_planner.site import read_site

    site = read_site(arguments.site)
    folder = Path(arguments.adapters) if arguments.adapters else None
    versions = Versions.of(site, arguments.model, folder)
    if arguments.list:
        return _list(versions, arguments.json)
    if arguments.rollback or arguments.promote:
        if arguments.promote:
            versions.promote(arguments.promote)
        used = arguments.promote or versions.roll_back()
        tell(f"in use now: {used}")
        if arguments.json:
            print_json({"in_use": used})
        return 0
    from nl_planner.learning.journal import Journal

    with Journal.existing(site, arguments.journal) as journal:
        lessons = journal.lessons()
    if arguments.export:
        return _export(site, lessons, arguments)
    return _run(site, lessons, versions, arguments)


def _list(versions: Versions, as_json: bool) -> int:
    from nl_planner.learning.versions import SHIPPED

    used = versions.current.name if versions.current else SHIPPED
    if as_json:
        print_json({"in_use": used, "versions": versions.all()})
        return 0
    row = "{:1} {:9} {:>8} {:>18} {:>10} {:>12}"
    tell(row.format("", "version", "lessons", "held-out lessons", "generated", "wrong moves"))
    tell(row.format("*" if used == SHIPPED else "", SHIPPED, "", "", "", "").rstrip())
    for name, card in versions.all().items():
        measured = card.get("measured", {})
        shares = [
            f"{measured[key]:.1%}" if key in measured else "-"
            for key in ("lessons", "generated", "wrong_moves")
        ]
        tell(row.format("*" if used == name else "", name, card.get("lessons", "-"), *shares))
    return 0


def _export(site: Any, lessons: Any, arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from nl_planner.errors import BadInputError
    from nl_planner.learning.lesson_data import write_chats

    try:
        with Path(arguments.export).open("w", encoding="utf-8") as out:
            count = write_chats(site, lessons, out)
    except OSError as error:
        raise BadInputError(f"{arguments.export}: {error.strerror}") from error
    tell(f"{arguments.export}: {count} chats, from {len(lessons)} lessons and generated sentences")
    if arguments.json:
        print_json({"file": arguments.export, "chats": count, "lessons": len(lessons)})
    return 0


def _run(site: Any, lessons: Any, versions: Versions, arguments: argparse.Namespace) -> int:
    from dataclasses import asdict

    from nl_planner.learning.site_training import train_site

    done = train_site(site, lessons, versions, arguments.model, arguments.minutes, tell)
    if done.version is None or done.new is None or done.old is None:
        tell("stopped; the same command goes on from the last checkpoint")
        return 130
    _compare(done.old, done.new)
    name = done.version.name
    tell(
        f"{name} is better and in use now; `train --rollback` takes that back"
        if done.promoted
        else f"{name} is not better: kept, not used"
    )
    if arguments.json:
        print_json(
            {
                "version": name,
                "in_use": done.promoted,
                "before": asdict(done.old),
                "after": asdict(done.new),
            }
        )
    return 0


def _compare(old: Figures, new: Figures) -> None:
    row = "{:34} {:>8} {:>8}"
    tell(row.format("", "in use", "new"))
    tell(row.format("held-out lessons right", f"{old.lessons:.1%}", f"{new.lessons:.1%}"))
    tell(row.format("doubt on them (less is better)", f"{old.doubt:.2f}", f"{new.doubt:.2f}"))
    tell(row.format("generated sentences right", f"{old.generated:.1%}", f"{new.generated:.1%}"))
    tell(row.format("wrong moves in them", f"{old.wrong_moves:.1%}", f"{new.wrong_moves:.1%}"))
