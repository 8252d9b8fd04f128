"""How fast a site is learned: exact match on paraphrases after so many corrections.

    python benchmarks/learning_curve.py foundry harbour --results R.json [--train] [--draw F.png]

People of an invented site talk in words that the base model does not know (`learning_sites`).
They say one sentence after the other; when the robot misreads one, they correct it, and that is a
lesson. After 0, 5, 10, 20 and 50 lessons in each language, sentences of other patterns are read:
(a) with the lessons alone; (b) with ``--train``, with the adapter that `nl-planner train` makes of
the lessons of both languages, whether it would be put to use or not. Sentences without any local
word show whether lessons overreach. Where fewer of the sentences that are said (``--said``) go
wrong, the last point is what there is. R.json keeps what is done; the same command goes on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local_speech import LocalSpeech, Said
from tqdm import tqdm

from nl_planner.language.evaluate import compare
from nl_planner.language.interpreter import Interpreter
from nl_planner.learning.lessons import Lessons
from nl_planner.models import DEFAULT_MODEL, LanguageModel, open_model

MARKS = (0, 5, 10, 20, 50)
LANGUAGES = {"zh": "Chinese", "en": "English"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sites", nargs="+", help="files of learning_sites, without .yaml")
    parser.add_argument("--results", type=Path, required=True, help="kept there, and gone on from")
    parser.add_argument("--held-out", type=int, default=48, help="paraphrases a language")
    parser.add_argument("--said", type=int, default=100, help="sentences people say at most")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--minutes", type=float, default=10.0, help="for a training")
    parser.add_argument("--draw", type=Path, help="the picture (PNG)")
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    if arguments.results.exists():
        results = json.loads(arguments.results.read_text("utf-8"))

    def keep(key: str, found: Any) -> None:
        results[key] = found
        arguments.results.write_text(json.dumps(results, indent=1), "utf-8")

    model = open_model()
    for site in arguments.sites:
        speech = LocalSpeech(site)
        for seed in arguments.seeds:
            for language in LANGUAGES:
                if (key := f"{site} {language} {seed}") not in results:
                    keep(key, curve(speech, language, seed, model, arguments))
            for mark in _marks(results, site, seed) if arguments.train else ():
                if (key := f"{site} trained {seed} {mark}") not in results:
                    lessons = _lessons(results, speech, site, seed, mark)
                    keep(key, trained(speech, lessons, arguments))
    print(table(results))
    if arguments.draw:
        draw(results, arguments.sites, arguments.seeds[0], arguments.draw)


def curve(
    speech: LocalSpeech, language: str, seed: int, model: LanguageModel, arguments: Any
) -> dict[str, Any]:
    """(a): points of lessons so far, sentences said, share right, share right of the ordinary."""
    lessons = Lessons(speech.site)
    interpreter = Interpreter(speech.site, model, lessons)
    held_out = speech.held_out(language, arguments.held_out)
    ordinary = speech.ordinary(language)
    points: list[tuple[int, int, float, float]] = []
    taught: list[int] = []
    marks = list(MARKS)
    stream = speech.lessons(language, arguments.said, seed)
    for number, said in enumerate([*stream, None]):
        if marks and (len(taught) == marks[0] or (said is None and len(taught) > points[-1][0])):
            marks.pop(0)
            shares = share(interpreter, held_out), share(interpreter, ordinary)
            points.append((len(taught), number, *shares))
        if said is None or not marks:
            break
        if not is_right(interpreter, said):
            lessons.add(said)
            taught.append(said.id)
    return {"points": points, "taught": taught, "said": arguments.said}


def trained(speech: LocalSpeech, lessons: Sequence[Said], arguments: Any) -> dict[str, Any]:
    """(b): trains on the lessons, then reads as in (a) with the adapter and the lessons."""
    from nl_planner.learning.site_training import train_site
    from nl_planner.learning.versions import Versions

    with tempfile.TemporaryDirectory() as folder:
        versions = Versions(Path(folder) / DEFAULT_MODEL)
        done = train_site(speech.site, lessons, versions, DEFAULT_MODEL, arguments.minutes, print)
        if not (done.version and done.new and done.old):
            raise SystemExit("stopped")
        card = json.loads((done.version / "adapter.json").read_text("utf-8"))
        model = open_model(adapter=done.version)
        interpreter = Interpreter(speech.site, model, Lessons(speech.site, lessons))
        return {
            "lessons": len(lessons),
            "minutes": card["minutes"],
            "promoted": done.promoted,
            "before": asdict(done.old),
            "after": asdict(done.new),
            **{
                language: (
                    share(interpreter, speech.held_out(language, arguments.held_out)),
                    share(interpreter, speech.ordinary(language)),
                )
                for language in LANGUAGES
            },
        }


def is_right(interpreter: Interpreter, said: Said) -> bool:
    understood = interpreter.understand(said.text)
    return all(compare(said.case().expect, understood.to_json()).values())


def share(interpreter: Interpreter, sentences: Sequence[Said]) -> float:
    right = [is_right(interpreter, said) for said in tqdm(sentences, leave=False)]
    return sum(right) / len(right)


def _marks(results: dict[str, Any], site: str, seed: int) -> list[int]:
    """After how many lessons of each language to train."""
    most = max(len(results[f"{site} {language} {seed}"]["taught"]) for language in LANGUAGES)
    return [mark for mark in MARKS[1:] if mark < most] + [m for m in MARKS if m >= most][:1]


def _lessons(
    results: dict[str, Any], speech: LocalSpeech, site: str, seed: int, mark: int
) -> list[Said]:
    """The first lessons of each language, in turn."""
    taught = []
    for number, language in enumerate(LANGUAGES):
        found = results[f"{site} {language} {seed}"]
        said = {s.id: s for s in speech.lessons(language, found["said"], seed)}
        taught += [said[i].numbered(2 * i + number) for i in found["taught"][:mark]]
    return sorted(taught, key=lambda said: said.id)


def table(results: dict[str, Any]) -> str:
    """All points; (b) stands in the rows called trained."""
    lines = [f"{'':22} {'lessons':>8} {'said':>5} {'exact':>7} {'errors gone':>12} {'ordinary':>9}"]
    for key, found in results.items():
        site, kind, seed, *_ = key.split()
        if kind != "trained":
            start = found["points"][0][2]
            for taught, said, right, ordinary in found["points"]:
                lines.append(_row(key, taught, f"{said}", right, start, ordinary))
            continue
        for language in LANGUAGES:
            start = results[f"{site} {language} {seed}"]["points"][0][2]
            right, ordinary = found[language]
            name = f"{site} {language} {seed} trained"
            lines.append(_row(name, found["lessons"], "", right, start, ordinary))
        lines.append(
            f"{'':22} {found['minutes']} min; generated sentences right "
            f"{found['before']['generated']:.1%} -> {found['after']['generated']:.1%}, wrong moves "
            f"{found['before']['wrong_moves']:.1%} -> {found['after']['wrong_moves']:.1%}; "
            f"{'put' if found['promoted'] else 'not put'} to use"
        )
    return "\n".join(lines)


def _row(name: str, taught: int, said: str, right: float, start: float, ordinary: float) -> str:
    gone = (right - start) / (1 - start)
    return f"{name:22} {taught:8} {said:>5} {right:7.1%} {gone:12.1%} {ordinary:9.1%}"


def draw(results: dict[str, Any], sites: Sequence[str], seed: int, out: Path) -> None:
    """The curves, a panel for each site."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib import ticker

    size = (5 * len(sites), 3.8)
    figure, axes = plt.subplots(
        1, len(sites), figsize=size, sharex=True, sharey=True, squeeze=False
    )
    panels = list(axes[0])
    for site, panel in zip(sites, panels, strict=True):
        for (language, name), colour in zip(LANGUAGES.items(), ("#c1440e", "#1f5fa8"), strict=True):
            points = results[f"{site} {language} {seed}"]["points"]
            x, y = [p[0] for p in points], [100 * p[2] for p in points]
            panel.plot(x, y, "o-", color=colour, label=f"{name}, lessons alone")
            after = sorted(
                (min(int(key.split()[3]), x[-1]), 100 * found[language][0])
                for key, found in results.items()
                if key.startswith(f"{site} trained {seed} ")
            )
            if after:
                label = f"{name}, after training"
                panel.plot(*zip(*after, strict=True), "s--", color=colour, mfc="w", label=label)
        panel.set_title(site.capitalize())
        panel.set_xlabel("corrections, in each language")
        panel.set_ylim(-3, 103)
        panel.xaxis.set_major_locator(ticker.MultipleLocator(5))
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("paraphrases understood exactly, %")
    panels[-1].legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(out, dpi=130)


if __name__ == "__main__":
    main()
