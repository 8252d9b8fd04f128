"""The form of a site file: section 1 of the contract, field by field.

A validator that finds several mistakes raises one ValueError with a line for each.

These models check one thing at a time (a landmark, an entrance, an object), so that one mistake
does not hide another. What needs more than one field or more than one thing is in ``read``.
Angles are degrees here, as in the file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, TypeVar

import shapely
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator
from shapely.geometry import LineString, Point, Polygon

from nl_planner.errors import did_you_mean
from nl_planner.site.model import Robot
from nl_planner.task import BUILTIN_LANDMARKS, Action, Relation

FARTHEST = 1e7  # metres from the origin: more is not a map frame
SMALLEST = 1e-6  # m², below which a polygon has no area

XY = tuple[float, float]
T = TypeVar("T")
ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


def valid_id(text: str) -> str:
    """The id, or ValueError: ids are ``[a-z0-9_]+``."""
    if not re.fullmatch(r"[a-z0-9_]+", text):
        plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
        mend = f", such as {plain}" if plain else ""
        raise ValueError(f"an id has only a-z, 0-9 and _; write another{mend}")
    return text


def valid_landmark_id(text: str) -> str:
    """As ``valid_id``, and none that every site has."""
    if text in BUILTIN_LANDMARKS:
        raise ValueError(f"{text!r} is built in and always there; give this another id")
    return valid_id(text)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"should be a number, not {shown(value)}")
    if not math.isfinite(value):
        raise ValueError(f"should be a finite number, not {value}")
    return float(value)


def _xy(value: Any) -> XY:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError(f"should be [x, y] in metres, not {shown(value)}")
    x, y = _number(value[0]), _number(value[1])
    if abs(x) > FARTHEST or abs(y) > FARTHEST:
        raise ValueError(f"({x:g}, {y:g}) is not in a map frame; give metres from its origin")
    return x, y


def _corners(value: Any, what: str) -> list[XY]:
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"should be a list of {what}s [[x, y], ...], not {shown(value)}")
    return _each(value, _xy, what)


def _each(values: Iterable[Any], read: Callable[[Any], T], what: str = "") -> list[T]:
    """What ``read`` makes of every value, or ValueError with a line for every one it refuses."""
    made, mistakes = [], []
    for number, value in enumerate(values, 1):
        try:
            made.append(read(value))
        except ValueError as error:
            mistakes.append(f"{what} {number}: {error}" if what else str(error))
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return made


def _polygon(value: Any) -> Polygon:
    """A valid polygon, counter-clockwise; the last corner may repeat the first."""
    corners = _corners(value, "corner")
    if len(set(corners)) < 3:
        raise ValueError(f"a polygon has 3 corners or more, not {len(set(corners))}; add the rest")
    x, y = corners[0]
    double_area = sum(
        (x0 - x) * (y1 - y) - (x1 - x) * (y0 - y) for (x0, y0), (x1, y1) in pairwise(corners)
    )
    polygon = Polygon(corners if double_area > 0 else corners[::-1])
    if not polygon.is_valid:
        if polygon.convex_hull.area < SMALLEST:
            raise ValueError("the polygon has no area; its corners lie on one line")
        why = shapely.is_valid_reason(polygon)
        at = re.search(r"\[(\S+) (\S+)\]", why)
        where = f" at ({float(at[1]):g}, {float(at[2]):g})" if at else ""
        raise ValueError(f"the polygon crosses itself{where}; list its corners in order around it")
    if abs(double_area) < 2 * SMALLEST:
        raise ValueError("the polygon has no area; are its coordinates metres?")
    return polygon


def _line(value: Any) -> LineString:
    points = _corners(value, "point")
    if len(set(points)) < 2:
        raise ValueError(f"a line has 2 points or more, not {len(set(points))}; add the rest")
    return LineString(points)


def _name(value: Any) -> str:
    if isinstance(value, (bool, int, float)) or value is None:
        kind = "nothing" if value is None else f"the value {str(value).lower()}"
        raise ValueError(f"a name that YAML reads as {kind}; put it in quotes")
    if not isinstance(value, str):
        raise ValueError(f"a name should be text, not {shown(value)}")
    if not value.strip():
        raise ValueError("a name is empty; write it or take it out")
    return value.strip()


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"should be a list of names [one, another], not {shown(value)}")
    if not value:
        raise ValueError("has no name in it; give at least one that people say")
    return tuple(dict.fromkeys(_each(value, _name)))


def _tags(value: Any) -> dict[str, str]:
    """Facts as text, whatever YAML made of them (``oneway: yes``, ``levels: 6``)."""
    if not isinstance(value, dict):
        raise ValueError(f"should be facts {{key: value}}, not {shown(value)}")

    def text(item: tuple[str, Any]) -> tuple[str, str]:
        key, fact = item
        if isinstance(fact, (list, dict)) or fact is None:
            raise ValueError(f"{key}: should be text, not {shown(fact)}")
        return key, ("yes" if fact else "no") if isinstance(fact, bool) else str(fact)

    return dict(_each(value.items(), text))


def _actions(value: Any) -> tuple[Action, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(
            "should be a list of actions such as [sweep, vacuum]; the first is 'clean'"
        )
    named = _each(value, lambda action: _one_of(Action, "action", action))
    work = tuple(dict.fromkeys(action for action in named if action is not Action.GO_TO))
    if not work:
        raise ValueError("names no work; every machine can go_to, say what this one cleans with")
    return work


def _reach(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        raise ValueError(f"should be metres by relation {{near: 2.0}}, not {shown(value)}")

    def metres(item: tuple[str, Any]) -> tuple[str, float]:
        relation = _one_of(Relation, "relation", item[0])
        try:
            distance = _number(item[1])
        except ValueError as error:
            raise ValueError(f"{relation}: {error}") from error
        if distance <= 0:
            raise ValueError(f"{relation}: should be over 0 m, not {distance:g}")
        return relation.value, distance

    return dict(_each(value.items(), metres))


def _one_of(choices: type[ChoiceT], what: str, value: Any) -> ChoiceT:
    if value in list(choices):
        return choices(value)
    hint = did_you_mean(str(value), list(choices)) or f"; known are {', '.join(choices)}"
    raise ValueError(f"unknown {what} {shown(value)}{hint}")


def _degrees(value: Any) -> float:
    degrees = _number(value)
    if not -360 <= degrees <= 360:
        raise ValueError(
            f"{degrees:g} is not a direction; give degrees from -360 to 360 "
            "(0 faces east, 90 north, 180 west, 270 south)"
        )
    return degrees


def shown(value: Any) -> str:
    """The value, short enough for a message."""
    if value is None:
        return "nothing"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


Coordinates = Annotated[XY, PlainValidator(_xy)]
PolygonCorners = Annotated[Any, PlainValidator(_polygon)]
LinePoints = Annotated[Any, PlainValidator(_line)]
PointCoordinates = Annotated[Any, PlainValidator(lambda value: Point(_xy(value)))]
Names = Annotated[tuple[str, ...], PlainValidator(_names)]
Tags = Annotated[dict[str, str], PlainValidator(_tags)]
Actions = Annotated[tuple[Action, ...], PlainValidator(_actions)]
Reach = Annotated[dict[str, float], PlainValidator(_reach)]
Degrees = Annotated[float, PlainValidator(_degrees)]
Finite = Annotated[float, BeforeValidator(_number)]
Things = Annotated[dict[str, Any], BeforeValidator(lambda value: {} if value is None else value)]
ThingList = Annotated[list[Any], BeforeValidator(lambda value: [] if value is None else value)]
Seen = Annotated[
    datetime,
    Field(strict=False),
    AfterValidator(lambda time: time if time.tzinfo else time.replace(tzinfo=UTC)),
]


class Form(BaseModel):
    """A part of the file. Unknown keys are mistakes; types are not converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)


class RobotForm(Form):
    """``robot``."""

    radius: Annotated[Finite, Field(gt=0, le=10)] | None = None
    footprint: PolygonCorners | None = None
    tool_width: Annotated[Finite, Field(gt=0, le=20)]
    actions: Actions
    max_speed: Annotated[Finite, Field(gt=0, le=20)] = 0.5
    turning_radius: Annotated[Finite, Field(ge=0, le=20)] = 0.0
    tool_offset: Coordinates = (0.0, 0.0)
    overlap: Annotated[Finite, Field(ge=0, le=0.5)] = 0.0

    def machine(self) -> Robot:
        """The robot that the form describes; of a footprint the farthest corner is the radius."""
        corners = tuple(self.footprint.exterior.coords[:-1]) if self.footprint else None
        radius = self.radius or max((math.hypot(*corner) for corner in corners or ()), default=0.0)
        return Robot(
            radius=radius,
            tool_width=self.tool_width,
            actions=self.actions,
            max_speed=self.max_speed,
            footprint=corners,
            turning_radius=self.turning_radius,
            tool_offset=self.tool_offset,
            overlap=self.overlap,
        )


class EntranceForm(Form):
    """``landmarks.ID.entrances.ID``."""

    at: Coordinates
    names: Names = ()


class LandmarkForm(Form):
    """``landmarks.ID``."""

    names: Names
    kind: Annotated[str, Field(min_length=1)]
    polygon: PolygonCorners | None = None
    point: PointCoordinates | None = None
    line: LinePoints | None = None
    front: Degrees | None = None
    entrances: Things = {}
    enter: bool | None = None
    tags: Tags = {}
    width: Annotated[Finite, Field(gt=0, le=1000)] | None = None


class KeepoutForm(Form):
    """``keepouts.ID``."""

    names: Names = ()
    polygon: PolygonCorners


class ObjectForm(Form):
    """``objects[N]``."""

    id: str
    class_id: Annotated[str, Field(alias="class")]
    at: Coordinates
    radius: Annotated[Finite, Field(ge=0, le=100)] = 0.05
    confidence: Annotated[Finite, Field(ge=0, le=1)] = 1.0
    seen: Seen | None = None


class ClassForm(Form):
    """``classes.ID``."""

    names: Names
    parent: Annotated[str | None, Field(alias="is")] = None


class SiteForm(Form):
    """The file. The things in its lists are checked one by one with the forms above."""

    nl_planner_site: int
    name: Names
    frame_id: Annotated[str, Field(min_length=1)] = "map"
    robot: Things
    occupancy: Annotated[str, Field(min_length=1)] | None = None
    boundary: PolygonCorners | None = None
    reach: Reach = {}
    landmarks: Things = {}
    keepouts: Things = {}
    objects: ThingList = []
    classes: Things = {}
