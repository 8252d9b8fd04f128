"""``understand``, ``talk`` and ``plan``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nl_planner.cli.arguments import (
    EXIT_CODES,
    add_instruction,
    add_scene,
    command,
    print_json,
    summary,
    tell,
)
from nl_planner.cli.conversation import open_planner, tell_journal
from nl_planner.cli.seen import look
from nl_planner.errors import InstructionError

if TYPE_CHECKING:
    from nl_planner.planner import Leg


def add(commands: Any) -> None:
    """Add the commands to the parser."""
    understand = command(
        commands,
        "understand",
        "what an instruction means on a site: a task, a question, or a refusal",
        '  nl-planner understand "mop the lobby twice" --site S.site.yaml\n'
        "  nl-planner understand 扫一下我这儿 --site S.site.yaml --operator 12,40 --json",
    )
    add_instruction(understand)
    understand.set_defaults(run=_understand)
    talk = command(
        commands,
        "talk",
        "a conversation, line by line: answers to questions, 'once more', corrections",
        "  nl-planner talk --site S.site.yaml\n"
        "  nl-planner talk --site S.site.yaml --journal   learns from corrections\n"
        "  printf 'sweep by the garage\\nthe second one\\n' | nl-planner talk --site S --json",
    )
    add_scene(talk)
    talk.set_defaults(run=_talk)
    plan = command(
        commands,
        "plan",
        "understand, then the region and the coverage path of each task",
        '  nl-planner plan "sweep the cola bottle in front of building 1" \\\n'
        "      --site maps/riverside.site.yaml --robot 40,30,0 --out plan.png\n"
        "  nl-planner plan 把垃圾都捡了 --site S.site.yaml --memory seen.db --json",
    )
    add_instruction(plan)
    plan.add_argument("--out", metavar="P.png", help="draw the plan into this file")
    plan.set_defaults(run=_plan)


def _understand(arguments: argparse.Namespace) -> int:
    from nl_planner.language import language_of

    planner = open_planner(arguments)
    understood = planner.understand(
        arguments.text, robot=arguments.robot, operator=arguments.operator
    )
    if arguments.json:
        print_json(understood.to_json())
    else:
        print(summary(understood, planner.site, language_of(arguments.text)))
    tell_journal(planner)
    return EXIT_CODES[understood.status]


def _talk(arguments: argparse.Namespace) -> int:
    from nl_planner.language import language_of

    planner = open_planner(arguments)
    for text in _lines():
        look(planner, arguments.memory)  # something may have been seen since
        try:
            understood = planner.understand(
                text, robot=arguments.robot, operator=arguments.operator
            )
        except InstructionError as error:
            tell(f"nl-planner: {error}")
            continue
        if arguments.json:
            print_json(understood.to_json())
        else:
            print(summary(understood, planner.site, language_of(text)))
        tell_journal(planner)
        sys.stdout.flush()
    return 0


def _lines() -> Iterator[str]:
    """What is typed, or piped in, until its end; empty lines are passed over."""
    if sys.stdin.isatty():
        import readline  # noqa: F401  input() then edits and remembers lines

        tell("say something; end with Ctrl-D")
    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        try:
            text = input(prompt)
        except EOFError:
            return
        if text.strip():
            yield text


def _plan(arguments: argparse.Namespace) -> int:
    from nl_planner.language import language_of

    planner = open_planner(arguments)
    plan = planner.plan(arguments.text, robot=arguments.robot, operator=arguments.operator)
    if arguments.json:
        print_json(plan.to_json())
    else:
        print(f"{planner.model.name} reads: {plan.text}")
        print(summary(plan.understanding, planner.site, language_of(plan.text)))
        for number, leg in enumerate(plan.legs, start=1):
            print("\n".join(_leg(number, leg)), flush=True)
    tell_journal(planner)
    if arguments.out:
        tell(f"picture: {plan.draw(arguments.out)}")
    return EXIT_CODES[plan.understanding.status]


def _leg(number: int, leg: Leg) -> list[str]:
    """A leg in words."""
    path = leg.path
    seen = ", ".join(f"{o.class_id} at ({o.at[0]:.1f}, {o.at[1]:.1f})" for o in leg.region.objects)
    return [
        f"leg {number}: {leg.region.frame}, {leg.region.geometry.area:.1f} m²",
        f"  path {path.length:.1f} m, {path.turns} turns, about {path.duration / 60:.1f} min, "
        f"covers {path.coverage:.1%} of what the tool can reach",
        *([f"  seen: {seen}"] if seen else []),
        *(f"  {note}" for note in leg.region.notes),
    ]
