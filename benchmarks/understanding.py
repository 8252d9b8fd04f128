"""How well one model reads: plain, with its adapter, and with its questions out of doubt.

    python benchmarks/understanding.py [--cases CASES.jsonl --site S.site.yaml] [--model M]

The default cases, ``understanding_cases/``, are of an invented campus and used for development
only: nothing of them is in a prompt, a rule or the training data. The tables are those of
`nl-planner eval`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tqdm import tqdm

from nl_planner import Planner
from nl_planner.language.evaluate import evaluate, read_cases, report
from nl_planner.models import DEFAULT_MODEL
from nl_planner.models.registry import find_model
from nl_planner.models.transformers_runtime import TransformersModel

HERE = Path(__file__).parent / "understanding_cases"


class Plain(TransformersModel):
    """Without the adapter: the line is explained by examples in the prompt."""

    _adapter = None


class NeverAsking(TransformersModel):
    """With the adapter, moving however doubtful the reading is."""

    ask_below = 0.0


WAYS = {
    "plain, examples in the prompt": Plain,
    "adapter, never asking out of doubt": NeverAsking,
    "adapter, as shipped": TransformersModel,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", default=HERE / "campus.jsonl")
    parser.add_argument("--site", default=HERE / "campus.site.yaml")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    arguments = parser.parse_args()
    cases = read_cases(arguments.cases)
    for name, way in WAYS.items():
        planner = Planner(arguments.site, way(find_model(arguments.model)))
        results = list(tqdm(evaluate(cases, planner), total=len(cases), desc=name))
        print(f"== {name}\n{report(results)}", flush=True)


if __name__ == "__main__":
    main()
