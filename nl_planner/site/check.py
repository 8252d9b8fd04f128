"""What is worth mending in a site that can be read.

An error is something the file promises and the robot cannot do; a warning is something it can do
but people will trip over. ``read_site`` finds what is plainly wrong before this runs.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon

from nl_planner.errors import NoSpaceError
from nl_planner.site.free_space import footprint
from nl_planner.site.model import Landmark, Site, has_chinese
from nl_planner.site.occupancy import read_map
from nl_planner.site.taxonomy import Taxonomy

REACH = 3.0  # m from a closed landmark, where the contract says that "near" ends
DOOR_REACH = 1.0  # m between the robot's body and an entrance
SMALLEST_OVERLAP = 0.01  # m²
MOST_TOLD = 5  # things that one finding names
ENTRANCE_TOLERANCE = 0.5  # m, how far an entrance may lie from the outline
COUNTERS = frozenset("0123456789零一二三四五六七八九十百甲乙丙丁东西南北中上下左右前后")


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing to mend. ``key`` is that of the file, as ``landmarks.building_1``."""

    severity: Severity
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.key}: {self.message}"


def check_site(site: Site) -> tuple[Finding, ...]:
    """What to mend in a site, errors first."""
    found = [
        *_alpha(site),
        *_space(site),
        *_entrances(site),
        *_overlaps(site),
        *_objects(site),
        *_names(site),
        *_similar_names(site),
        *_fences(site),
        *_classes(site),
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def _space(site: Site) -> Iterator[Finding]:
    """Nothing to drive on; landmarks and entrances that the robot cannot get to."""
    try:
        parts = list(site.drivable.geoms)
    except NoSpaceError as error:
        yield Finding(Severity.ERROR, "site", str(error))
        return
    if not parts:
        message = f"a robot of radius {site.robot.radius} m fits nowhere in the free space"
        yield Finding(Severity.ERROR, "robot.radius", message)
        return
    main = max(parts, key=lambda part: part.area)
    shapely.prepare(main)
    rest = MultiPolygon([part for part in parts if part is not main])
    reach = site.reach.get("near", REACH)
    for landmark in site.landmarks.values():
        key = f"landmarks.{landmark.id}"
        if (finding := _unreached(landmark, main, rest, reach)) is not None:
            yield Finding(Severity.ERROR, key, finding)
            continue
        for entrance in landmark.entrances.values():
            if not shapely.dwithin(main, Point(entrance.at), site.robot.radius + DOOR_REACH):
                yield Finding(
                    Severity.ERROR,
                    f"{key}.entrances.{entrance.id}",
                    "the robot cannot come near it; move it to where the ground is free, or take "
                    "away what stands there",
                )


def _alpha(site: Site) -> Iterator[Finding]:
    """An alpha channel that makes unknown ground free."""
    if site.occupancy is None or site.mapped is None:
        return
    opaque = read_map(site.occupancy, alpha=False).free_space.area
    if site.mapped.area > opaque + SMALLEST_OVERLAP:
        yield Finding(
            Severity.ERROR,
            "occupancy",
            f"the alpha channel of its image makes {site.mapped.area - opaque:.0f} m² of unknown "
            "ground free, as in map_server; save the image without it",
        )


def _unreached(landmark: Landmark, main: Polygon, rest: MultiPolygon, reach: float) -> str | None:
    distance = 0.0 if landmark.enter and isinstance(landmark.geometry, Polygon) else reach
    if shapely.dwithin(main, landmark.geometry, distance):
        return None
    if shapely.dwithin(rest, landmark.geometry, distance):
        return (
            "can be reached only from a part of the site that is cut off from the rest; open a "
            "way (a gate with 'enter: true', a smaller keepout), or take it out"
        )
    return "the robot cannot reach it; is it outside the boundary, or shut in by other things?"


def _entrances(site: Site) -> Iterator[Finding]:
    """Entrances off the edge of their landmark (of a site that no file made, since ``read_site``
    refuses them), and two of one landmark that share a name.
    """
    for landmark in site.landmarks.values():
        known: dict[str, str] = {}
        for entrance in landmark.entrances.values():
            key = f"landmarks.{landmark.id}.entrances.{entrance.id}"
            away = shapely.distance(shapely.boundary(landmark.geometry), Point(entrance.at))
            if away > ENTRANCE_TOLERANCE:
                message = f"lies {away:.2f} m from the outline; move it onto the edge"
                yield Finding(Severity.ERROR, key, message)
            shared = [name for name in entrance.names if _folded(name) in known]
            if shared:
                yield Finding(
                    Severity.WARNING,
                    key,
                    f"the name {shared[0]!r} is also that of entrance {known[_folded(shared[0])]}: "
                    "nobody can say which is meant; give each a name of its own",
                )
            known.update((_folded(name), entrance.id) for name in entrance.names)


def _overlaps(site: Site) -> Iterator[Finding]:
    """Two closed things on the same ground."""
    closed = [(f"landmarks.{one.id}", footprint(one)) for one in site.landmarks.values()]
    closed += [(f"keepouts.{one.id}", one.polygon) for one in site.keepouts.values()]
    if not closed:
        return
    shapes = [shape for _, shape in closed]
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        if i < j and shapely.intersection(shapes[i], shapes[j]).area > SMALLEST_OVERLAP:
            yield Finding(
                Severity.WARNING,
                closed[j][0],
                f"overlaps {closed[i][0]}, and both are closed to the robot; check their corners",
            )


def _objects(site: Site) -> Iterator[Finding]:
    """Litter where no litter can be reached."""
    if not site.objects:
        return
    if site.mapped is not None:
        shapely.prepare(site.mapped)
    holders = [(one.id, footprint(one)) for one in site.landmarks.values()]
    holders += [(one.id, one.polygon) for one in site.keepouts.values()]
    spots = [Point(seen.at) for seen in site.objects]
    spot, holder = shapely.STRtree([shape for _, shape in holders]).query(spots, "within")
    inside = {i: holders[j][0] for i, j in zip(spot.tolist(), holder.tolist(), strict=True)}
    for index, seen in enumerate(site.objects):
        key = f"objects.{seen.id}"
        if index in inside:
            message = f"lies inside {inside[index]}, where the robot may not go; check its 'at'"
            yield Finding(Severity.WARNING, key, message)
        elif site.boundary is not None and not shapely.intersects(site.boundary, spots[index]):
            yield Finding(Severity.WARNING, key, "lies outside the boundary; check its 'at'")
        elif site.mapped is not None and not shapely.dwithin(
            site.mapped, spots[index], seen.radius
        ):
            message = "lies in a wall of the map, or where it is unknown; check its 'at'"
            yield Finding(Severity.WARNING, key, message)


def _names(site: Site) -> Iterator[Finding]:
    """One name for two things: the robot will have to ask."""
    holders: dict[str, list[str]] = defaultdict(list)
    shown: dict[str, str] = {}
    for key, name in _all_names(site):
        folded = _folded(name)
        shown.setdefault(folded, name)
        if key not in holders[folded]:
            holders[folded].append(key)
    for folded, keys in holders.items():
        if len(keys) > 1:
            others = ", ".join(keys[:-1][:MOST_TOLD])
            if len(keys) > MOST_TOLD + 1:
                others += f" and {len(keys) - 1 - MOST_TOLD} more"
            yield Finding(
                Severity.WARNING,
                keys[-1],
                f"the name {shown[folded]!r} is also that of {others}: the robot will ask which "
                "is meant; give each a name of its own",
            )


def _similar_names(site: Site) -> Iterator[Finding]:
    """Names of two things that differ by one character, other than a number or a direction.

    Two names differ so when they are alike with one character taken out of one or both.
    """
    names = [
        (key, name, folded)
        for key, name in _all_names(site)
        if len(folded := _folded(name)) >= (3 if has_chinese(name) else 5)
    ]
    alike: dict[str | tuple[str, int], list[tuple[str, str, str]]] = defaultdict(list)
    for key, name, folded in names:
        alike[folded].append((key, name, ""))
    for key, name, folded in names:
        for i, char in enumerate(folded):
            if not _counts(folded, i):
                without = folded[:i] + folded[i + 1 :]
                alike[without, i].append((key, name, char))
                if without in alike:
                    alike[without].append((key, name, char))
    told = set()
    for group in alike.values():
        first_key, first_name, first_char = group[0]
        for key, name, char in group[1:]:
            pair = frozenset((first_key, key))
            if key != first_key and char != first_char and pair not in told:
                told.add(pair)
                yield Finding(
                    Severity.WARNING,
                    key,
                    f"its name {name!r} is one character from {first_name!r} of {first_key}: "
                    "easily mistaken when spoken; leave one of the two out",
                )


def _counts(text: str, i: int) -> bool:
    """Whether a character numbers things: a digit, a direction, a letter that stands alone."""
    char = text[i]
    if char in COUNTERS or not (char.isascii() and char.isalpha()):
        return char in COUNTERS
    beside = text[max(0, i - 1) : i] + text[i + 1 : i + 2]
    return not any(other.isascii() and other.isalpha() for other in beside)


def _all_names(site: Site) -> Iterator[tuple[str, str]]:
    for landmark in site.landmarks.values():
        for name in landmark.names:
            yield f"landmarks.{landmark.id}", name
    for keepout in site.keepouts.values():
        for name in keepout.names:
            yield f"keepouts.{keepout.id}", name


def _folded(name: str) -> str:
    """The name as people hear it: width, case and the number of spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _fences(site: Site) -> Iterator[Finding]:
    for landmark in site.landmarks.values():
        thin = shapely.get_dimensions(landmark.geometry) == 1 and not landmark.width
        if thin and not landmark.enter and landmark.kind in ("wall", "fence"):
            message = "is a line without a width, so the robot may cross it; add width: METRES"
            yield Finding(Severity.WARNING, f"landmarks.{landmark.id}", message)


def _classes(site: Site) -> Iterator[Finding]:
    """A built-in class that lost its parent because the file's own entry has no 'is'."""
    builtin = Taxonomy.builtin().classes
    for litter in site.taxonomy.classes.values():
        before = builtin.get(litter.id)
        if before is not None and before.parent is not None and litter.parent is None:
            yield Finding(
                Severity.WARNING,
                f"classes.{litter.id}",
                f"no longer counts as {before.parent}, which the built-in class does; "
                f"add is: {before.parent}",
            )
