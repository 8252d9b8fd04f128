"""From how unsure a reading to ask instead of to move, measured on held-out generated sentences.

A line has a probability: the product of those of its choices, less where it leaves out a place
that was named. Below a threshold the robot asks whether it understood rightly. The threshold is the
lowest at which the share of wrong moves among all sentences, with its upper confidence bound
(Clopper and Pearson 1934), stays under a stated bound: selective prediction with a guarantee, as in
KnowNo (Ren et al. 2023), for a greedy decoder.

    python -m nl_planner.learning.calibrate --count 300 --bound 0.05 --adapter FOLDER
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import beta
from tqdm import tqdm

from nl_planner.errors import ModelError
from nl_planner.language.decide import Situation
from nl_planner.language.evaluate import compare
from nl_planner.language.interpreter import Interpreter
from nl_planner.learning.dataset import open_question, site_of
from nl_planner.learning.generate import expected, generate
from nl_planner.models import DEFAULT_MODEL, LanguageModel, open_model
from nl_planner.task import Status, Task


@dataclass(frozen=True)
class Outcome:
    """One sentence: how sure the reading was, whether it moves the robot, whether it is right."""

    probability: float
    moves: bool
    right: bool
    kind: str = ""


def outcomes(model: LanguageModel, count: int, seed: int) -> list[Outcome]:
    """What the model makes of held-out sentences when it never asks out of doubt."""
    found = []
    for named, example in tqdm(generate(seed, count, "heldout"), total=count, desc="held out"):
        interpreter = Interpreter(site_of(named), model)
        last = Task.model_validate(example.before[1][-1]) if example.before else None
        known = Situation(interpreter.site, (0.0, 0.0, 0.0), (1.0, 1.0), last)
        try:
            asked = open_question(example, interpreter)
        except ModelError:
            continue
        got = interpreter.decide(example.text, known, asked, ask_below=0.0).understanding
        right = all(compare(expected(example, named), got.to_json()).values())
        moves = got.status is Status.READY and bool(got.tasks)
        found.append(Outcome(got.confidence, moves, right, example.kind))
    return found


def upper_bound(wrong: int, count: int, confidence: float = 0.9) -> float:
    """The share that the true one does not exceed, with this confidence."""
    return 1.0 if wrong == count else float(beta.ppf(confidence, wrong + 1, count - wrong))


def threshold(found: list[Outcome], bound: float) -> float:
    """The lowest probability at which moving keeps wrong moves under the bound."""
    for candidate in sorted({0.0, *(round(o.probability, 3) for o in found if o.moves)}):
        wrong = sum(o.moves and not o.right and o.probability >= candidate for o in found)
        if upper_bound(wrong, len(found)) <= bound:
            return candidate
    return 1.0


def main() -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--bound", type=float, default=0.05, help="share of wrong moves")
    parser.add_argument("--adapter", type=Path, help="write the threshold into its card")
    arguments = parser.parse_args()
    found = outcomes(open_model(arguments.model), arguments.count, arguments.seed)
    chosen = threshold(found, arguments.bound)
    print(f"{'ask below':>9} {'right':>7} {'wrong moves':>12} {'asks in doubt':>14}")
    for value in sorted({0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, chosen}):
        doubted = [o for o in found if o.moves and o.probability < value]
        kept = [o for o in found if o not in doubted]
        wrong = sum(o.moves and not o.right for o in kept)
        right = sum(o.right for o in kept)
        shares = [n / len(found) for n in (right, wrong, len(doubted))]
        print(f"{value:9.3f} {shares[0]:7.1%} {shares[1]:12.1%} {shares[2]:14.1%}")
    print(f"chosen for a bound of {arguments.bound:.1%} ({len(found)} sentences): {chosen}")
    for kind in sorted({o.kind for o in found}):
        group = [o.right for o in found if o.kind == kind]
        print(f"  {kind:16} {sum(group)}/{len(group)}")
    if arguments.adapter:
        card = arguments.adapter / "adapter.json"
        about = json.loads(card.read_text("utf-8"))
        about |= {"ask_below": chosen, "wrong_moves_bound": arguments.bound}
        card.write_text(json.dumps(about, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
