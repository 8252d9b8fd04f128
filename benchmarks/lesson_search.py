"""How long lessons take to be found among very many, and to be learned from.

    python benchmarks/lesson_search.py [--count 100000]

The sentences are generated; each that is searched for is one of them with a word changed.
"""

from __future__ import annotations

import argparse
import random
import time

import numpy as np
from local_speech import LocalSpeech
from tqdm import tqdm

from nl_planner.learning.generate import generate
from nl_planner.learning.lessons import STUDIED, Lessons
from nl_planner.learning.nearest import NearestText


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=500)
    arguments = parser.parse_args()
    drawn = generate(7, arguments.count, "all")
    texts = [e.text for _, e in tqdm(drawn, total=arguments.count, desc="sentences")]
    nearest = NearestText()
    began = time.process_time()
    for number, text in enumerate(texts):
        nearest.add(number, text)
    each = (time.process_time() - began) / len(texts)
    rng = random.Random(1)
    seconds, found = [], 0
    for _ in range(arguments.searches):
        number = rng.randrange(len(texts))
        at = rng.randrange(len(texts[number]))
        said = texts[number][:at] + rng.choice("了嘛x ") + texts[number][at + 1 :]
        began = time.process_time()
        near = max(nearest.find(said), key=lambda pair: pair[1], default=(-1, 0.0))
        seconds.append(time.process_time() - began)
        found += near[0] == number or (near[0] >= 0 and texts[near[0]] == texts[number])
    p50, p95, most = 1000 * np.percentile(seconds, [50, 95, 100])
    print(
        f"{len(texts):,} sentences, {1e6 * each:.0f} µs each to add; the one that was changed is "
        f"found in {found / arguments.searches:.1%} of {arguments.searches} searches: p50 "
        f"{p50:.1f} ms, p95 {p95:.1f} ms, at most {most:.1f} ms of CPU"
    )
    speech = LocalSpeech("foundry")
    for count in (20, 100, 300, STUDIED):
        lessons = speech.lessons("zh", count // 2, 1) + speech.lessons("en", count // 2, 1)
        taught = Lessons(speech.site, [s.numbered(i) for i, s in enumerate(lessons)])
        began = time.process_time()
        words = taught.words
        print(
            f"{len(lessons)} lessons: {len(words)} words in "
            f"{time.process_time() - began:.2f} s of CPU"
        )


if __name__ == "__main__":
    main()
