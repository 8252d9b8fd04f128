"""What the robot knows of a place: the types of section 1 of the contract.

All coordinates are metres in the site's ``frame_id`` (REP-103: x east, y north); angles are
radians counter-clockwise from +x, also where the file says degrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import NoSpaceError, UnknownNameError, did_you_mean
from nl_planner.task import BUILTIN_LANDMARKS, SITE, Action

if TYPE_CHECKING:
    from nl_planner.site.index import ObjectIndex, SiteIndex
    from nl_planner.site.taxonomy import Taxonomy


@dataclass(frozen=True)
class Robot:
    """The machine that works here.

    ``radius`` (m) is that of the circle around base_link that holds the whole body; ``footprint``
    ((x, y) corners in base_link, m) is None for a round machine. ``actions`` in the order of the
    file: the first is what "clean" means. ``turning_radius`` (m): 0 for a machine that turns on the
    spot. ``tool_offset``: (ahead, left) of base_link (m). ``overlap`` of swaths, 0..0.5.
    """

    radius: float
    tool_width: float
    actions: tuple[Action, ...]
    max_speed: float = 0.5
    footprint: tuple[tuple[float, float], ...] | None = None
    turning_radius: float = 0.0
    tool_offset: tuple[float, float] = (0.0, 0.0)
    overlap: float = 0.0


@dataclass(frozen=True)
class Entrance:
    """A door or gateway of a landmark; ``facing`` is the direction out of it."""

    id: str
    at: tuple[float, float]
    names: tuple[str, ...] = ()
    facing: float | None = None


@dataclass(frozen=True)
class Landmark:
    """A thing or area with names. ``geometry`` is a Polygon, a Point or a LineString.

    ``front``: the direction its front faces, as the file says it, else None. ``width`` (m) is that
    of a line. ``enter``: the robot may drive inside.
    """

    id: str
    names: tuple[str, ...]
    kind: str
    geometry: BaseGeometry
    front: float | None = None
    entrances: Mapping[str, Entrance] = field(default_factory=dict)
    enter: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    width: float | None = None

    def name(self, language: str = "") -> str:
        """The name to show: the first in the language ("zh", "en"), else the first, else the id."""
        return name_in(self.names, language) or self.id


@dataclass(frozen=True)
class Keepout:
    """A polygon that is never driven on; it can be named like a landmark."""

    id: str
    names: tuple[str, ...]
    polygon: Polygon

    def name(self, language: str = "") -> str:
        """As ``Landmark.name``."""
        return name_in(self.names, language) or self.id


@dataclass(frozen=True)
class SeenObject:
    """A piece of litter that was seen: ``class_id`` of the taxonomy, position and radius in m."""

    id: str
    class_id: str
    at: tuple[float, float]
    radius: float = 0.05
    confidence: float = 1.0
    seen: datetime | None = None


@dataclass(frozen=True)
class Site:
    """A place, its names, its machine, and where that machine can be.

    Made by ``nl_planner.site.read_site``. ``mapped`` is what the occupancy map calls free, None
    without a map; ``occupancy`` is the map's own file. ``reach`` (m) overrides how far a relation
    goes, as ``{"near": 2.0}``.
    """

    name: tuple[str, ...]
    robot: Robot
    landmarks: Mapping[str, Landmark]
    keepouts: Mapping[str, Keepout]
    objects: tuple[SeenObject, ...]
    taxonomy: Taxonomy
    boundary: Polygon | None = None
    mapped: BaseGeometry | None = None
    occupancy: Path | None = None
    reach: Mapping[str, float] = field(default_factory=dict)
    frame_id: str = "map"
    source: Path | None = None

    @cached_property
    def free_space(self) -> MultiPolygon:
        """Where the robot's body may be: boundary and map, less closed landmarks and keepouts."""
        from nl_planner.site.free_space import free_space

        return free_space(self)

    @cached_property
    def drivable(self) -> MultiPolygon:
        """Where the robot's centre may be: the free space inset by the robot's radius."""
        from nl_planner.site.free_space import inset

        return inset(self.free_space, self.robot.radius)

    @cached_property
    def index(self) -> SiteIndex:
        """Free space, rooms and roads by place."""
        from nl_planner.site.index import SiteIndex

        return SiteIndex(self)

    @cached_property
    def object_index(self) -> ObjectIndex:
        """The objects by place."""
        from nl_planner.site.index import ObjectIndex

        return ObjectIndex(self.objects)

    def with_objects(self, objects: Iterable[SeenObject]) -> Site:
        """This site with these objects on it, such as ``ObjectMemory.seen`` gives them.

        What objects do not change (free space, its inset, the index) is worked out at most once,
        here, and shared.
        """
        other = replace(self, objects=tuple(objects))
        with suppress(NoSpaceError):
            vars(other).update(free_space=self.free_space, drivable=self.drivable, index=self.index)
        return other

    def landmark(self, landmark_id: str) -> Landmark | Keepout:
        """The landmark or keepout with this id.

        Raises UnknownNameError, which lists the ids that come near. ``building_6.unit_2`` gives
        the building; see ``entrance``. The built-in ids (``site``, ``robot``, ...) have no
        geometry of their own and are for grounding to resolve.
        """
        base = landmark_id.split(".", 1)[0]
        if base in self.landmarks:
            return self.landmarks[base]
        if base in self.keepouts:
            return self.keepouts[base]
        hint = did_you_mean(base, [*self.landmarks, *self.keepouts, *BUILTIN_LANDMARKS])
        raise UnknownNameError(f"site {self.name[0]!r} has no landmark {landmark_id!r}{hint}")

    def entrance(self, landmark_id: str) -> Entrance | None:
        """The entrance that ``building_6.unit_2`` names, None for an id without a dot."""
        base, dot, entrance_id = landmark_id.partition(".")
        if not dot:
            return None
        entrances = getattr(self.landmark(base), "entrances", {})
        if entrance_id not in entrances:
            known = ", ".join(entrances) or "none"
            raise UnknownNameError(
                f"landmark {base!r} has no entrance {entrance_id!r} (it has: {known})"
            )
        entrance: Entrance = entrances[entrance_id]
        return entrance

    def label(self, landmark_id: str, language: str = "") -> str:
        """What to call a landmark, keepout, entrance ("六号楼 二单元") or the site itself."""
        if landmark_id == SITE:
            return name_in(self.name, language)
        name = self.landmark(landmark_id).name(language)
        entrance = self.entrance(landmark_id)
        return f"{name} {name_in(entrance.names, language)}" if entrance else name

    def is_free(self, x: float, y: float) -> bool:
        """Whether the robot's centre may be at (x, y)."""
        return bool(shapely.intersects(self.drivable, Point(x, y)))


def name_in(names: tuple[str, ...], language: str) -> str:
    """The first name written in that language, else the first name, else "".

    A name with a Chinese character is Chinese, any other is not.
    """
    if language:
        for name in names:
            if (language == "zh") == has_chinese(name):
                return name
    return names[0] if names else ""


def has_chinese(text: str) -> bool:
    """Whether the text has a Chinese character (CJK unified ideographs and extension A)."""
    return any("\u3400" <= char <= "\u9fff" for char in text)
