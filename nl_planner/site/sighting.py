"""When two sightings are one thing, and how long it is remembered.

Two detections are one thing when

- one class is the other or an ancestor of it (a bottle may turn out to be a cola bottle; a can and
  a cup are two things), and
- they are no further apart than ``gate * sqrt(s1² + s2²)``, where s1 and s2 (m) say how uncertain
  the two positions are, or than the larger of their radii, and
- they come from different looks: one look tells apart what it reports apart.

The nearest pairs, in units of that distance, are joined first. Position and radius are the means
weighted by 1 / s², and the uncertainty is that of the mean. The more specific class stays, a new
one counts from ``class_from`` on. The confidence is the greater of the two; it halves every
``half_life`` seconds in which nobody sees the thing, and below ``floor`` the thing is forgotten.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nl_planner.errors import BadInputError
from nl_planner.site.taxonomy import Taxonomy

FARTHEST = 1000.0  # m, beyond which a position says nothing


@dataclass(frozen=True)
class Detection:
    """One thing that perception found.

    ``class_id`` of the taxonomy; ``at`` (x, y) in the site's frame, m; ``confidence`` that there is
    such a thing, 0..1; ``radius`` m; ``uncertainty`` the standard deviation of the position, m.
    """

    class_id: str
    at: tuple[float, float]
    confidence: float
    radius: float = 0.05
    uncertainty: float = 0.1

    def check(self, taxonomy: Taxonomy) -> None:
        """Raise UnknownNameError for an unknown class, BadInputError for a number out of range."""
        taxonomy.descendants(self.class_id)
        numbers = (*self.at, self.radius, self.uncertainty)
        if not all(map(math.isfinite, numbers)) or self.radius < 0:
            raise BadInputError(f"{self}: position, radius and uncertainty should be metres")
        if not 0 < self.uncertainty <= FARTHEST:
            raise BadInputError(f"{self}: uncertainty should be over 0 m and at most {FARTHEST} m")
        if not 0 <= self.confidence <= 1:
            raise BadInputError(f"{self}: confidence should be from 0 to 1")


class Thing(NamedTuple):
    """A thing that is remembered: lengths in m, times in seconds since 1970.

    ``confidence`` is that of the moment ``seen``. ``misses``: looks at its place without it since
    then, the last one at ``missed``.
    """

    number: int
    id: str
    class_id: str
    x: float
    y: float
    uncertainty: float
    radius: float
    confidence: float
    seen: float
    misses: int = 0
    missed: float = 0.0


@dataclass(frozen=True)
class Rules:
    """When two detections are one thing, and when a thing is no longer there.

    ``gate``: standard deviations apart up to which they are one. ``least_uncertainty`` (m): below
    it no number of looks brings a position, since the robot's own is no surer. ``class_from``: the
    confidence of a detection from which its more specific class counts. ``half_life`` (s) and
    ``floor`` (over 0): how confidence fades, and where the thing is forgotten. ``gone_after``:
    looks at its place without it until it counts as gone; looks within ``looks_apart`` (s) are
    one.
    """

    gate: float = 3.0
    least_uncertainty: float = 0.05
    class_from: float = 0.6
    half_life: float = 4 * 3600.0
    floor: float = 0.1
    gone_after: int = 3
    looks_apart: float = 0.5

    def faded(self, confidence: float, age: float) -> float:
        """The confidence after ``age`` seconds."""
        return float(confidence * 0.5 ** (max(0.0, age) / self.half_life))

    def until(self, thing: Thing) -> float:
        """When the thing is forgotten if nobody sees it again (seconds since 1970)."""
        return thing.seen + self.half_life * math.log2(thing.confidence / self.floor)

    def reach(self, uncertainty: float, radius: float) -> float:
        """How far (m) from a thing another report of it may lie."""
        return max(self.gate * uncertainty, radius)

    def merged(self, thing: Thing, found: Detection, moment: float, taxonomy: Taxonomy) -> Thing:
        """The thing with what one more detection, of that moment, tells of it."""
        now = max(moment, thing.seen)  # a report that comes late makes nothing older
        old = thing.uncertainty**-2
        new = max(self.least_uncertainty, found.uncertainty) ** -2
        specific = taxonomy.is_a(found.class_id, thing.class_id)
        sure = found.confidence >= self.class_from
        return thing._replace(
            class_id=found.class_id if specific and sure else thing.class_id,
            x=(old * thing.x + new * found.at[0]) / (old + new),
            y=(old * thing.y + new * found.at[1]) / (old + new),
            uncertainty=max(self.least_uncertainty, (old + new) ** -0.5),
            radius=(old * thing.radius + new * found.radius) / (old + new),
            confidence=max(
                self.faded(thing.confidence, now - thing.seen),
                self.faded(found.confidence, now - moment),
            ),
            seen=now,
            misses=0,
        )

    def joined(
        self,
        detections: Sequence[Detection],
        close_to: Callable[[tuple[float, float], float], Iterable[Thing]],
        taxonomy: Taxonomy,
    ) -> dict[int, Thing]:
        """The remembered thing that each detection of one look is, by the detection's index.

        ``close_to(at, reach)`` gives the things of which a report may lie within ``reach`` (m).
        """
        pairs = []
        for index, found in enumerate(detections):
            for thing in close_to(found.at, self.reach(found.uncertainty, found.radius)):
                spread = math.hypot(found.uncertainty, thing.uncertainty)
                farthest = self.reach(spread, max(found.radius, thing.radius))
                apart = math.hypot(thing.x - found.at[0], thing.y - found.at[1])
                if apart <= farthest and _on_one_line(thing.class_id, found.class_id, taxonomy):
                    pairs.append((apart / farthest, thing.number, index, thing))
        joined: dict[int, Thing] = {}
        taken: set[int] = set()
        for _, number, index, thing in sorted(pairs):
            if index not in joined and number not in taken:
                joined[index] = thing
                taken.add(number)
        return joined


def _on_one_line(first: str, second: str, taxonomy: Taxonomy) -> bool:
    if first not in taxonomy.classes:  # remembered from before the site's classes changed
        return False
    return taxonomy.is_a(first, second) or taxonomy.is_a(second, first)
