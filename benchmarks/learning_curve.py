"""How fast a site is learned: exact match on paraphrases after so many corrections.

    python benchmarks/learning_curve.py foundry [--train] [--draw docs/learning_curve.png]

People of an invented site talk in words that the base model does not know (`learning_sites`).
They say one sentence after the other; when the robot misreads one, they correct it, and that is a
lesson. After 0, 5, 10, 20 and 50 lessons in each language, sentences of other patterns are read:
(a) with the lessons alone; (b) with ``--train``, after `nl-planner train` on them as well.
Sentences without any local word show whether lessons overreach. Where fewer than 50 of the
sentences of a day (`--said`) go wrong, the last point is what there is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local_speech import LocalSpeech, Said
from tqdm import tqdm

from nl_planner.language.evaluate import compare
from nl_planner.language.interpreter import Interpreter
from nl_planner.learning.lessons import Lessons
from nl_planner.models import LanguageModel, open_model

MARKS = (0, 5, 10, 20, 50)
LANGUAGES = ("zh", "en")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", help="a file of learning_sites, without .yaml")
    parser.add_argument("--held-out", type=int, default=48, help="paraphrases a language")
    parser.add_argument("--said", type=int, default=100, help="sentences people say at most")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--results", type=Path, required=True, help="kept there, and gone on from")
    arguments = parser.parse_args()
    speech = LocalSpeech(arguments.site)
    results = json.loads(arguments.results.read_text()) if arguments.results.exists() else {}
    model = open_model()
    for seed in arguments.seeds:
        for language in LANGUAGES:
            key = f"{arguments.site} {language} {seed}"
            if key not in results:
                results[key] = curve(speech, language, seed, model, arguments)
                arguments.results.write_text(json.dumps(results, ensure_ascii=False, indent=1))
    print(table(results))


def curve(
    speech: LocalSpeech, language: str, seed: int, model: LanguageModel, arguments: Any
) -> dict[str, Any]:
    """Points of (a): the lessons so far, and shares of what is read rightly."""
    lessons = Lessons(speech.site)
    interpreter = Interpreter(speech.site, model, lessons)
    held_out = speech.held_out(language, arguments.held_out)
    ordinary = speech.ordinary(language)
    points, taught = [], []
    marks = list(MARKS)
    stream = speech.lessons(language, arguments.said, seed)
    for number, said in enumerate([*stream, None]):
        if marks and (len(taught) == marks[0] or (said is None and len(taught) > points[-1][0])):
            marks.pop(0)
            right = share(interpreter, held_out)
            points.append((len(taught), number, right, share(interpreter, ordinary)))
            print(f"{language} {len(taught)} lessons: {right:.1%}", points[-1], flush=True)
        if said is None or not marks:
            break
        if not is_right(interpreter, said):
            lessons.add(said)
            taught.append(said.id)
    return {"points": points, "taught": taught}


def is_right(interpreter: Interpreter, said: Said) -> bool:
    understood = interpreter.understand(said.text)
    return all(compare(said.case().expect, understood.to_json()).values())


def share(interpreter: Interpreter, sentences: Sequence[Said]) -> float:
    right = [is_right(interpreter, said) for said in tqdm(sentences, leave=False)]
    return sum(right) / len(right)


def table(results: dict[str, Any]) -> str:
    lines = []
    for key, found in results.items():
        for taught, said, right, ordinary in found["points"]:
            lines.append(
                f"{key:16} {taught:3} lessons ({said:3} said)  {right:6.1%}  without local words "
                f"{ordinary:.1%}"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
