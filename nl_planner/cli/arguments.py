"""Arguments that several commands share."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nl_planner.models import DEFAULT_MODEL, DEFAULT_RUNTIME

if TYPE_CHECKING:
    from nl_planner.site import Site
    from nl_planner.task import Understanding

EXIT_CODES = {"ready": 0, "ask": 3, "refuse": 4}
"""Status of an understanding → exit status."""


def command(commands: Any, name: str, about: str, examples: str) -> argparse.ArgumentParser:
    """A command with one line of help and examples below its options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=about,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document and nothing else"
    )


def add_instruction(parser: argparse.ArgumentParser) -> None:
    """TEXT, and what is known beside it."""
    parser.add_argument("text", metavar="TEXT", help="what the person says, Chinese or English")
    add_scene(parser)


def add_scene(parser: argparse.ArgumentParser) -> None:
    """What is known beside the words: site, model, where robot and person are, what was seen and
    learned; ``--json``.
    """
    add_site_and_model(parser)
    parser.add_argument(
        "--robot", metavar="X,Y,YAW", type=numbers(3), help="where the robot is (m, m, rad)"
    )
    parser.add_argument(
        "--operator", metavar="X,Y", type=numbers(2), help="where the person is (m)"
    )
    add_memory(parser)
    parser.add_argument(
        "--journal",
        metavar="FILE|URL",
        nargs="?",
        const="",
        help="write down what is said, and learn from it: in this file, in "
        "postgresql://USER@HOST/DATABASE, or without a value in your data folder",
    )
    add_json(parser)


def add_memory(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """``--memory``."""
    parser.add_argument(
        "--memory",
        metavar="M",
        required=required,
        help="the file of things seen (see `nl-planner seen`); it takes the place of the objects "
        "in the site file",
    )


def add_site_and_model(parser: argparse.ArgumentParser) -> None:
    """``--site``, ``--model``, ``--runtime`` and ``--adapter``."""
    parser.add_argument("--site", metavar="S", required=True, help="the site file (*.site.yaml)")
    parser.add_argument(
        "--model", metavar="M", default=DEFAULT_MODEL, help="language model (default: %(default)s)"
    )
    parser.add_argument(
        "--runtime",
        metavar="R",
        help=f"what runs its weights: {DEFAULT_RUNTIME} (default) or llamacpp (least memory)",
    )
    parser.add_argument(
        "--adapter",
        metavar="DIR",
        type=Path,
        help="adapter to use (default: what `train` put to use at this site, else the shipped one)",
    )


def numbers(count: int) -> Any:
    """A parser of that many numbers with commas between them."""

    def parse(text: str) -> tuple[float, ...]:
        try:
            values = tuple(float(value) for value in text.split(","))
        except ValueError:
            values = ()
        if len(values) != count or not all(abs(value) < 1e7 for value in values):
            raise argparse.ArgumentTypeError(
                f"{text!r} is not {count} numbers with commas between them, as in "
                + ",".join(["1.5"] * count)
            )
        return values

    return parse


def summary(understood: Understanding, site: Site, language: str) -> str:
    """What was understood, for people, in their language; each task also as JSON."""
    from nl_planner.language.replies import task_words

    lines = [f"{understood.intent}: {understood.status} (confidence {understood.confidence:.2f})"]
    for task in understood.tasks:
        lines.append(f"  {task_words(task, site, language)}")
        lines.append(f"  {json.dumps(task.to_json(), ensure_ascii=False)}")
    if understood.question:
        lines.append(f"  {understood.question}")
        lines += [f"    {number}. {o}" for number, o in enumerate(understood.options, start=1)]
    if understood.reason:
        lines.append(f"  {understood.reason}")
    return "\n".join(lines)


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    json.dump(document, sys.stdout, ensure_ascii=False)
    print()


def tell(line: str) -> None:
    """A line for people, on stderr."""
    print(line, file=sys.stderr, flush=True)
