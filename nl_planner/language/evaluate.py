"""Measuring: cases with the right answer → how often it is given."""

from __future__ import annotations

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, ValidationError
from pydantic.dataclasses import dataclass as validated
from shapely.geometry import Point

from nl_planner.errors import CasesFileError, InstructionError, NlPlannerError
from nl_planner.grounding import ground
from nl_planner.task import Status, Understanding

if TYPE_CHECKING:
    from nl_planner.planner import Planner


@validated(frozen=True, config=ConfigDict(extra="forbid"))
class Case:
    """One case of the contract's form."""

    id: str
    lang: str
    kind: str
    say: str
    expect: Mapping[str, Any]
    before: tuple[str, ...] = ()
    robot: tuple[float, float, float] | None = None
    operator: tuple[float, float] | None = None
    inside: tuple[tuple[float, float], ...] = ()
    outside: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Result:
    """One case as it was understood. ``slots``: slot → whether it is right, for what the case
    compares. ``points``: how many of the region's points are right, of how many.
    """

    case: Case
    understood: Understanding | None
    seconds: float
    slots: Mapping[str, bool] = field(default_factory=dict)
    points: tuple[int, int] = (0, 0)
    error: str = ""

    @property
    def right(self) -> bool:
        """Whether all that the case compares is right."""
        return all(self.slots.values())

    @property
    def wrong_move(self) -> bool:
        """A `ready` that is not right."""
        return bool(self.understood and self.understood.status is Status.READY and not self.right)

    def to_json(self) -> dict[str, Any]:
        """A line of the predictions file."""
        document = self.understood.to_json() if self.understood else {"error": self.error}
        return {"id": self.case.id, **document, "seconds": round(self.seconds, 4)}


def read_cases(file: str | Path) -> list[Case]:
    """The cases of a JSON-lines file.

    Raises:
        CasesFileError: names the line and what is wrong with it.
    """
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CasesFileError(f"{file}: cannot be read: {error}") from error
    cases = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cases.append(Case(**json.loads(line)))
        except (ValueError, TypeError) as error:
            wrong: object = error
            if isinstance(error, ValidationError):
                wrong = ", ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())
            raise CasesFileError(
                f"{file}:{number}: not a case: {wrong}; a case is a JSON object with id, lang, "
                "kind, say, expect and optionally before, robot, operator, inside, outside"
            ) from error
    if not cases:
        raise CasesFileError(f"{file}: there are no cases in it")
    return cases


def evaluate(cases: Iterable[Case], planner: Planner) -> Iterator[Result]:
    """Understand each case and compare, one after the other."""
    for case in cases:
        planner.forget()
        where: dict[str, Any] = {
            "robot": case.robot,
            "operator": case.operator,
        }
        began = time.perf_counter()
        try:
            for earlier in case.before:
                planner.understand(earlier, **where)
            last = planner.last
            began = time.perf_counter()
            understood = planner.understand(case.say, **where)
        except InstructionError as error:
            seconds = time.perf_counter() - began
            yield Result(case, None, seconds, {"status": False}, error=str(error))
            continue
        seconds = time.perf_counter() - began
        slots = compare(case.expect, understood.to_json())
        points = (0, 0)
        if case.inside or case.outside:
            points = _points(case, understood, planner, last.place if last else None, where)
        yield Result(case, understood, seconds, slots, points)


def compare(expect: Mapping[str, Any], got: Mapping[str, Any]) -> dict[str, bool]:
    """Slot → whether it is right, for each slot that ``expect`` has.

    A slot that holds a list accepts any of it; `tasks`, `except` and `landmarks` are lists by
    nature. The order of `except` and of two landmarks means nothing.
    """
    slots = {key: _fits(expect[key], got[key]) for key in ("intent", "status") if key in expect}
    if got.get("status") != Status.READY and slots.get("status"):
        return slots
    wanted = expect.get("tasks")
    if wanted is None:
        return slots
    tasks = got["tasks"]
    slots["steps"] = len(tasks) == len(wanted)
    for want, task in zip(wanted, tasks, strict=False):
        for key in ("action", "object", "passes", "except_objects"):
            if key in want:
                value = task.get(key, [] if key == "except_objects" else None)
                _merge(slots, key, _fits(want[key], value))
        if "place" in want:
            for key, right in _compare_place(want["place"], task["place"]).items():
                _merge(slots, key, right)
        if "except" in want:
            _merge(slots, "except", _same_places(want["except"], task["except"]))
    return slots


def _merge(slots: dict[str, bool], key: str, right: bool) -> None:
    slots[key] = slots.get(key, True) and right


def _fits(want: Any, value: Any) -> bool:
    if isinstance(want, list):
        return value in want or (isinstance(value, list) and sorted(value) == sorted(want))
    return bool(want == value)


def _compare_place(
    want: Mapping[str, Any] | None, place: Mapping[str, Any] | None
) -> dict[str, bool]:
    if want is None or place is None:
        return {"landmarks": want is place}
    right = {
        key: _fits(want[key], place.get(key))
        for key in ("relation", "distance", "part")
        if key in want
    }
    if "landmarks" in want:
        landmarks = want["landmarks"]
        options = landmarks if landmarks and isinstance(landmarks[0], list) else [landmarks]
        right["landmarks"] = any(sorted(o) == sorted(place["landmarks"]) for o in options)
    return right


def _same_places(want: Sequence[Any], places: Sequence[Any]) -> bool:
    left = list(places)
    for wanted in want:
        match = next((p for p in left if all(_compare_place(wanted, p).values())), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _points(
    case: Case, understood: Understanding, planner: Planner, last: Any, where: Mapping[str, Any]
) -> tuple[int, int]:
    """How many of the case's points the region of its one task has on the right side."""
    total = len(case.inside) + len(case.outside)
    if len(understood.tasks) != 1:
        return 0, total
    try:
        area = ground(understood.tasks[0], planner.site, last=last, **where).geometry
    except NlPlannerError:
        return 0, total
    right = sum(area.intersects(Point(p)) for p in case.inside)
    return right + sum(not area.intersects(Point(p)) for p in case.outside), total


def report(results: Sequence[Result]) -> str:
    """The figures as a table, for people."""
    lines = [_share("exact match", [r.right for r in results])]
    for name, key in (("language", "lang"), ("kind", "kind")):
        groups = defaultdict(list)
        for result in results:
            groups[getattr(result.case, key)].append(result.right)
        lines += [_share(f"  {name} {group}", groups[group]) for group in sorted(groups)]
    slots = defaultdict(list)
    for result in results:
        for slot, right in result.slots.items():
            slots[slot].append(right)
    lines += [_share(f"  slot {slot}", right) for slot, right in slots.items()]
    lines.append(_share("wrong moves", [r.wrong_move for r in results]))
    points = [sum(r.points[i] for r in results) for i in (0, 1)]
    if points[1]:
        lines.append(
            f"{'region points right':26} {points[0]}/{points[1]} {points[0] / points[1]:.1%}"
        )
    seconds = sorted(r.seconds for r in results)
    p95 = seconds[min(len(seconds) - 1, round(0.95 * len(seconds)))]
    lines.append(f"{'seconds':26} p50 {statistics.median(seconds):.2f}, p95 {p95:.2f}")
    return "\n".join(lines)


def _share(name: str, values: Sequence[bool]) -> str:
    return f"{name:26} {sum(values)}/{len(values)} {sum(values) / len(values):.1%}"
