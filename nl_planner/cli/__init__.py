"""The command line ``nl-planner``: one file a command group, each with ``add(commands)``.

Only argparse is imported before a command runs: ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from nl_planner import __version__
from nl_planner.cli import (
    cover,
    evaluate,
    journal,
    listen,
    models,
    plan,
    seen,
    site,
    train,
)
from nl_planner.errors import NlPlannerError

_ABOUT = """\
A cleaning robot understands people: from a sentence to a coverage path.

  nl-planner models pull qwen2.5-coder-0.5b
  nl-planner plan "sweep in front of building 1" --site maps/riverside.site.yaml --out plan.png
  nl-planner understand 一号楼门前有个可乐瓶，你来扫一扫 --site maps/riverside.site.yaml --json
  nl-planner site check maps/riverside.site.yaml
"""
_EXITS = """\
exit status: 0 done, 2 bad usage or input file, 3 a question is asked, 4 refused,
5 no free space or unreachable, 6 model missing or not usable
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="nl-planner",
        description=_ABOUT,
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nl-planner {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what is being done")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in (plan, listen, cover, evaluate, site, seen, models, journal, train):
        group.add(commands)
    arguments = parser.parse_args(argv)
    logging.basicConfig(
        format="%(message)s", level=logging.INFO if arguments.verbose else logging.WARNING
    )
    logging.getLogger("nl_planner").setLevel(logging.INFO)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except NlPlannerError as error:
        print(f"nl-planner: {error}", file=sys.stderr)
        if isinstance(error.__cause__, NlPlannerError):  # what a technician wants to know
            print(f"  {error.__cause__}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("nl-planner: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status
