"""How well models read: each set of cases × each way, as tables; ``--write`` makes the report.

    python benchmarks/understanding.py [--sets campus mall] [--ways adapter nearest] [--write FILE]

The sets in ``understanding_cases/`` are hand-written and used for development only: nothing of
them is in a prompt, a rule or the training data. The full tables are those of `nl-planner eval`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from nearest_line import NearestLine
from tqdm import tqdm

from nl_planner import Planner
from nl_planner.language.evaluate import Result, evaluate, read_cases, report
from nl_planner.models import LanguageModel, open_model
from nl_planner.models.registry import find_model
from nl_planner.models.transformers_runtime import TransformersModel

HERE = Path(__file__).parent / "understanding_cases"
SETS = ("campus", "estate", "hospital", "mall")


class Plain(TransformersModel):
    """Without the adapter: the line is explained by examples in the prompt."""

    _adapter = None


class NeverAsking(TransformersModel):
    """With the adapter, moving however doubtful the reading is."""

    ask_below = 0.0


SMALL, BIG = "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"
WAYS: dict[str, tuple[str, Callable[[], LanguageModel]]] = {
    "adapter": (f"{SMALL}, adapter, as shipped", lambda: open_model(SMALL)),
    "llamacpp": (f"{SMALL}, adapter, llama.cpp", lambda: open_model(SMALL, "llamacpp")),
    "never": (f"{SMALL}, adapter, never asking", lambda: NeverAsking(find_model(SMALL))),
    "plain": (f"{SMALL}, plain, examples in the prompt", lambda: Plain(find_model(SMALL))),
    "plain-big": (f"{BIG}, plain, examples in the prompt", lambda: Plain(find_model(BIG))),
    "nearest": ("no model: the most alike generated sentence", NearestLine),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--write", type=Path, help="write the report there (Markdown)")
    arguments = parser.parse_args()
    found: dict[str, dict[str, list[Result]]] = defaultdict(dict)
    for way in arguments.ways:
        name, opened = WAYS[way]
        model = opened()
        for chosen in arguments.sets:
            cases = read_cases(HERE / f"{chosen}.jsonl")
            planner = Planner(HERE / f"{chosen}.site.yaml", model)
            planner.understand(cases[0].say)  # the model is loaded, the names are indexed
            bar = tqdm(evaluate(cases, planner), total=len(cases), desc=f"{way} {chosen}")
            found[way][chosen] = list(bar)
            print(f"== {name}: {chosen}\n{report(found[way][chosen])}", flush=True)
    if arguments.write:
        arguments.write.write_text(document(found), "utf-8")


def document(found: dict[str, dict[str, list[Result]]]) -> str:
    """The report: ways × sets, and for each way its kinds and slots over all sets."""
    lines = [
        "# How well it understands",
        "",
        f"Made by `python {' '.join(sys.argv)}` on "
        f"{datetime.now(UTC):%Y-%m-%d}; {_machine()}. Cells are exact match / wrong moves (a "
        "`ready` that is not right), in percent. The sets are hand-written, on four sites that "
        "no training sentence knows (`benchmarks/understanding_cases/README.md`). They serve "
        "development: rules and tables were mended after looking at what went wrong in them, so "
        "expect somewhat less elsewhere.",
        "",
        "## Ways and sets",
        "",
    ]
    sets = list(next(iter(found.values())))
    rows = [["", *sets, "zh", "en", "all", "p50 s", "p95 s"]]
    for way, by_set in found.items():
        everything = [result for results in by_set.values() for result in results]
        p50, p95 = np.percentile([result.seconds for result in everything], [50, 95])
        in_language = [[r for r in everything if r.case.lang == code] for code in ("zh", "en")]
        groups = [*by_set.values(), *in_language, everything]
        rows.append([WAYS[way][0], *map(_cell, groups), f"{p50:.2f}", f"{p95:.2f}"])
    sizes = [f"{name} ({len(results)})" for name, results in next(iter(found.values())).items()]
    rows[0][1 : 1 + len(sets)] = sizes
    lines += _table(rows)
    for title, groups_of in (("Kinds", _by_kind), ("Slots", _by_slot)):
        lines += ["", f"## {title}", "", "Exact, in percent, over all sets.", ""]
        columns = {
            way: groups_of([r for results in by_set.values() for r in results])
            for way, by_set in found.items()
        }
        names = sorted({name for column in columns.values() for name in column})
        rows = [["", *columns]]
        for name in names:
            values = [column.get(name, []) for column in columns.values()]
            most = max(map(len, values))
            rows.append([f"{name} ({most})", *(f"{_percent(v)}" for v in values)])
        lines += _table(rows)
    return "\n".join(lines) + "\n"


def _machine() -> str:
    cpu = Path("/proc/cpuinfo").read_text().split("model name")[1].splitlines()[0].strip("\t :")
    return f"{cpu}, {len(os.sched_getaffinity(0))} cores"


def _cell(results: Sequence[Result]) -> str:
    right, wrong = [r.right for r in results], [r.wrong_move for r in results]
    return f"{_percent(right)} / {_percent(wrong)}"


def _percent(values: Sequence[bool]) -> str:
    return f"{100 * sum(values) / len(values):.1f}" if values else "-"


def _by_kind(results: Sequence[Result]) -> dict[str, list[bool]]:
    groups = defaultdict(list)
    for result in results:
        groups[result.case.kind].append(result.right)
    return groups


def _by_slot(results: Sequence[Result]) -> dict[str, list[bool]]:
    groups = defaultdict(list)
    for result in results:
        for slot, right in result.slots.items():
            groups[slot].append(right)
    return groups


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return [head, f"|{' --- |' * len(rows[0])}", *body]


if __name__ == "__main__":
    main()
