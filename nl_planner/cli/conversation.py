"""The planner that hears what is typed or spoken, and what a person is told that it learned."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nl_planner.cli.arguments import tell
from nl_planner.cli.seen import look

if TYPE_CHECKING:
    from nl_planner.planner import Planner


def open_planner(arguments: argparse.Namespace) -> Planner:
    """The planner of the arguments of `add_scene`."""
    from nl_planner import Planner

    planner = Planner(
        arguments.site,
        arguments.model,
        arguments.runtime,
        journal=arguments.journal,
        adapter=arguments.adapter,
    )
    look(planner, arguments.memory)
    return planner


def tell_journal(planner: Planner) -> None:
    """What was learned, and where it was written down."""
    if planner.note:
        tell(planner.note)
    if planner.entry is not None:
        tell(f"journal: entry {planner.entry}")
