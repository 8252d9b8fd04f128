"""``eval``: how many cases of a file are understood rightly."""

from __future__ import annotations

import argparse
from typing import Any

from nl_planner.cli.arguments import add_site_and_model, command


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = command(
        commands,
        "eval",
        "exact-match accuracy, wrong moves and seconds on a file of cases",
        "  nl-planner eval cases.jsonl --site S.site.yaml --predictions out.jsonl",
    )
    parser.add_argument("cases", metavar="CASES.jsonl", help="one case a line")
    add_site_and_model(parser)
    parser.add_argument(
        "--predictions", metavar="OUT.jsonl", help="what was understood, a line each"
    )
    parser.set_defaults(run=_evaluate)


def _evaluate(arguments: argparse.Namespace) -> int:
    import json
    from contextlib import ExitStack
    from pathlib import Path

    from tqdm import tqdm

    from nl_planner import Planner
    from nl_planner.errors import BadInputError
    from nl_planner.language.evaluate import evaluate, read_cases, report

    cases = read_cases(arguments.cases)
    planner = Planner(arguments.site, arguments.model, arguments.runtime, adapter=arguments.adapter)
    results = []
    with ExitStack() as stack:
        out = None
        if arguments.predictions:
            try:
                out = stack.enter_context(Path(arguments.predictions).open("w", encoding="utf-8"))
            except OSError as error:
                raise BadInputError(f"{arguments.predictions}: {error.strerror}") from error
        for result in tqdm(evaluate(cases, planner), total=len(cases), unit="case"):
            results.append(result)
            if out:
                print(json.dumps(result.to_json(), ensure_ascii=False), file=out, flush=True)
    print(f"{arguments.cases} on {arguments.site}, {planner.model.name}")
    print(report(results))
    return 0
