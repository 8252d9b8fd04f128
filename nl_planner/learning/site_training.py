"""Training the adapter of one site over night: data, training, measuring, and whether to use it.

It starts from the adapter in use and is put to use only when it reads held-out lessons better than
that (more of them rightly, or as many with less doubt) and generated held-out sentences not worse.
The threshold for asking is kept: it was calibrated on more sentences than are measured here, and a
version that moves wrongly more often at it is not put to use.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import log
from pathlib import Path
from typing import Any

from nl_planner.errors import BadInputError, ModelMissingError
from nl_planner.language.decide import Situation
from nl_planner.language.evaluate import compare
from nl_planner.language.interpreter import Interpreter
from nl_planner.learning.lesson_data import DataSet, data_set
from nl_planner.learning.lessons import Taught
from nl_planner.learning.versions import SHIPPED, Versions
from nl_planner.models import LanguageModel, open_model
from nl_planner.models.adapter import shipped_adapter
from nl_planner.site.model import Site

RATE = 1.5e-4
"""Less than for a new adapter: what it can is to stay."""
FEWEST = 5
"""Lessons without which there is nothing to train on."""
GENERATED, _SEED = 100, 101
"""Generated held-out sentences that are read before and after."""
TOLERANCE = 0.01
"""By how much the shares on them may be worse, one sentence in a hundred."""
LESS_DOUBT = 0.02
"""By how much the doubt must fall for as many right to count as better."""
SECONDS_A_SAMPLE, MEASURING = {"cpu": 0.9, "cuda": 0.02}, 2.0
"""For the estimate, before a first training has measured them (2 cores with AVX-512): seconds, and
minutes.
"""


@dataclass(frozen=True)
class Figures:
    """How a version reads. ``lessons``: share of the held-out ones that is right; ``doubt``: mean
    negative log of what the readings that are right are sure by, wrong ones counting as 5.
    ``generated``: share of generated held-out sentences; ``wrong_moves``: those that are `ready`
    and wrong at the threshold.
    """

    lessons: float
    doubt: float
    generated: float
    wrong_moves: float


def figures(model: LanguageModel, site: Site, data: DataSet, generated: int = GENERATED) -> Figures:
    """Measure a model on the held-out lessons and on generated sentences."""
    from nl_planner.learning.calibrate import outcomes

    interpreter = Interpreter(site, model, data.words)
    right, doubts = [], []
    for lesson in data.held_out:
        situation = Situation(site, (0.0, 0.0, 0.0), (1.0, 1.0), lesson.before)
        understood = interpreter.decide(lesson.text, situation, ask_below=0.0).understanding
        fits = compare(_expected(lesson), understood.to_json())
        right.append(all(fits.values()))
        doubts.append(-log(max(understood.confidence, 1e-3)) if right[-1] else 5.0)
    found = outcomes(model, generated, _SEED)
    wrong = [o.moves and not o.right and o.probability >= model.ask_below for o in found]
    return Figures(
        sum(right) / max(1, len(right)),
        sum(doubts) / max(1, len(doubts)),
        sum(o.right for o in found) / len(found),
        sum(wrong) / len(found),
    )


def _expected(lesson: Taught) -> dict[str, Any]:
    meant = lesson.understanding.to_json()
    return {key: meant[key] for key in ("intent", "status", "tasks")}


def is_better(new: Figures, old: Figures) -> bool:
    """Whether to put the new one to use: better on lessons and not worse on the rest."""
    surer = new.lessons == old.lessons and new.doubt < old.doubt - LESS_DOUBT
    there = new.generated >= old.generated - TOLERANCE
    moves = new.wrong_moves <= old.wrong_moves + TOLERANCE
    return (new.lessons > old.lessons or surer) and there and moves


@dataclass(frozen=True)
class Trained:
    """What a training came to. ``version``: its folder, None when it was stopped before the end."""

    version: Path | None
    new: Figures | None = None
    old: Figures | None = None
    promoted: bool = False


def train_site(
    site: Site,
    lessons: Sequence[Taught],
    versions: Versions,
    model: str,
    minutes: float,
    tell: Callable[[str], None],
) -> Trained:
    """Train on the lessons, measure, and put the version to use if it is better.

    Stopped by ``minutes`` it measures what it has; stopped by Ctrl-C it keeps a checkpoint, and
    the next call with the same lessons goes on from there.

    Raises:
        BadInputError: too few lessons.
        ModelError: the model cannot be used.
    """
    if len(lessons) < FEWEST:
        raise BadInputError(
            f"there are {len(lessons)} lessons; training needs {FEWEST}. Until then they work at "
            "once, without training"
        )
    data = data_set(site, lessons)
    tell(
        f"{data.lessons} lessons to train on, {len(data.held_out)} to measure by, "
        f"{len(data.training)} samples with variants and replay"
        + (f"; {data.passed_over} lessons cannot be written as a line" if data.passed_over else "")
    )
    try:
        from nl_planner.learning.train import Checkpoint, Trainer, batches, encode, fit
    except ImportError as error:
        raise ModelMissingError(
            f"the packages that train are not installed ({error.name}); "
            "run `pip install nl_planner[train]`"
        ) from error
    start = versions.current or shipped_adapter(model)
    if not start.exists():
        raise BadInputError(
            f"no adapter comes with {model}, so there is none to go on from; `python -m "
            "nl_planner.learning.train` makes one"
        )
    trainer = Trainer(model, data.training[0].prompt.prefix, start)
    noted = _Noted(versions.folder / "noted.json")
    device = trainer.device.type
    seconds = noted.get(f"seconds a sample, {device}", SECONDS_A_SAMPLE[device])
    tell(
        f"training takes about {len(data.training) * seconds / 60:.0f} min on this {device} (at "
        f"most {minutes:g}), measuring about {noted.get('minutes to measure', MEASURING):.0f}; "
        "Ctrl-C stops it, and the next call goes on"
    )
    encoded = [encode(sample, trainer.tokenizer) for sample in data.training]
    unfinished = versions.folder / f"unfinished-{_fingerprint(data, start)}"
    checkpoint = Checkpoint(trainer, unfinished)
    done = fit(trainer, list(batches(encoded, 1)), RATE, minutes, begin=checkpoint)
    if done.stopped:
        return Trained(None)
    noted.put(f"seconds a sample, {device}", done.seconds_a_sample)
    version = versions.next()
    about = {
        "lessons": data.lessons,
        "examples": done.examples,
        "minutes": done.minutes,
        "started_from": versions.current.name if versions.current else SHIPPED,
        "ask_below": open_model(model, adapter=versions.current).ask_below,
    }
    trainer.save(version, about)
    del trainer
    tell("measuring the version in use and the new one")
    began = time.monotonic()
    old = figures(open_model(model, adapter=versions.current), site, data)
    new = figures(open_model(model, adapter=version), site, data)
    noted.put("minutes to measure", (time.monotonic() - began) / 60)
    better = is_better(new, old)
    card = json.loads((version / "adapter.json").read_text("utf-8"))
    card |= {"measured": asdict(new), "measured_before": asdict(old)}
    (version / "adapter.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    if better:
        versions.promote(version.name)
    shutil.rmtree(unfinished, ignore_errors=True)
    return Trained(version, new, old, better)


def _fingerprint(data: DataSet, start: Path) -> str:
    """Tells trainings apart: by what is trained on and what from."""
    from hashlib import sha256

    text = "\n".join(
        [str(start), *(sample.prompt.suffix + sample.line for sample in data.training)]
    )
    return sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class _Noted:
    """What earlier trainings on this machine took, for the estimate."""

    file: Path

    def get(self, what: str, otherwise: float) -> float:
        return float(self._all().get(what, otherwise))

    def put(self, what: str, value: float) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps({**self._all(), what: round(value, 3)}) + "\n", "utf-8")

    def _all(self) -> dict[str, float]:
        try:
            found: dict[str, float] = json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found
