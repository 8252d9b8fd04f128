"""Features with the properties of a site (``id``, ``names``, ``kind``, ...) to a draft."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely
from pydantic import ValidationError
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import ImportFileError, did_you_mean
from nl_planner.site import schema
from nl_planner.site.check import ENTRANCE_TOLERANCE
from nl_planner.site.imports.draft import ROBOT, Draft, new_id
from nl_planner.site.imports.osm_tags import clean, facts_of, names_of, parts, sort_of
from nl_planner.site.imports.source import MARGIN, Mistakes, rounded
from nl_planner.site.model import Entrance, Keepout, Landmark, Robot, SeenObject
from nl_planner.site.read import ENTERED
from nl_planner.site.taxonomy import LitterClass

KNOWN = (
    "id", "names", "name", "kind", "front", "enter", "keepout", "width", "tags", "of", "class",
    "radius", "confidence", "seen", "role",
)  # fmt: skip
TRUE, FALSE = (True, 1, "1", "yes", "true", "t"), (False, 0, "0", "no", "false", "f")


class _Feature:
    """The properties of one feature, read one by one; what is wrong goes to the mistakes."""

    def __init__(
        self, number: int, given: Mapping[str, Any], geometry: BaseGeometry, mistakes: Mistakes
    ) -> None:
        self.given = {key: value for key, value in given.items() if value not in (None, "")}
        self.geometry = geometry
        self._mistakes = mistakes
        self.tags = {k: str(v) for k, v in self.given.items() if isinstance(v, (str, int, float))}
        self.names = self._names()
        label = self.given.get("id") or (self.names[0] if self.names else "")
        self.where = f"feature {number}" + (f" ({clean(str(label))})" if label else "")

    def wrong(self, message: str) -> None:
        """Note a mistake of this feature."""
        self._mistakes.add(self.where, message)

    def _names(self) -> tuple[str, ...]:
        given = _unpacked(self.given.get("names"))
        if isinstance(given, list):
            names = [str(name).strip() for name in given if str(name).strip()]
        else:
            names = parts(str(given)) if given is not None else []
        return tuple(dict.fromkeys([*names, *names_of(self.tags)]))

    def number(self, key: str) -> float | None:
        """A number, also when it is text; None when it is not given."""
        value = self.given.get(key)
        if value is None:
            return None
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number) or isinstance(value, bool):
            self.wrong(f"{key} should be a number, not {schema.shown(value)}")
            return None
        return number

    def truth(self, key: str) -> bool | None:
        """Yes or no; None when it is not given."""
        value = self.given.get(key)
        folded = value.strip().casefold() if isinstance(value, str) else value
        if value is None or folded in TRUE or folded in FALSE:
            return None if value is None else folded in TRUE
        self.wrong(f"{key} should be true or false, not {schema.shown(value)}")
        return None

    def facts(self) -> dict[str, str]:
        """``tags``, and the properties that are OSM keys."""
        own = _unpacked(self.given.get("tags"))
        if own is not None and not isinstance(own, dict):
            self.wrong(f"tags should be an object {{key: value}}, not {schema.shown(own)}")
            own = None
        return facts_of(self.tags) | {str(k): str(v) for k, v in (own or {}).items()}

    def new_id(self, kind: str, taken: set[str]) -> str:
        """Its own id, or one made of its names; it is taken then."""
        given = self.given.get("id")
        if not isinstance(given, str):
            made = new_id(self.names, kind, taken)
        else:
            made = given
            try:
                schema.valid_landmark_id(made)
            except ValueError as error:
                self.wrong(str(error))
            if made in taken:
                self.wrong(f"the id {made!r} is that of an earlier feature; give another")
        taken.add(made)
        return made


def draft_of_features(
    path: Path,
    head: Any,
    properties: Sequence[Mapping[str, Any]],
    geometries: Sequence[BaseGeometry],
    origin: str,
) -> Draft:
    """The draft; ``geometries`` are metres. ``origin`` says where they have their zero, or "".

    Raises:
        ImportFileError: with every mistake in the features.
    """
    mistakes = Mistakes(path)
    pairs = enumerate(zip(properties, geometries, strict=True), 1)
    features = [_Feature(number, given, geometry, mistakes) for number, (given, geometry) in pairs]
    boundary, objects, doors = None, [], []
    landmarks: dict[str, Landmark] = {}
    keepouts: list[Keepout] = []
    taken: set[str] = set()
    for feature in features:
        role = feature.given.get("role", feature.given.get("kind"))
        if role == "boundary":
            if boundary is not None:
                feature.wrong("is a second boundary; keep one")
            boundary = _polygon(feature, "a boundary")
        elif role == "entrance":
            doors.append(feature)
        elif role == "object":
            objects.append(_object(feature))
        elif feature.truth("keepout"):
            polygon = _polygon(feature, "a keepout")
            keepouts.append(Keepout(feature.new_id("keepout", taken), feature.names, polygon))
        else:
            landmark = _landmark(feature, taken)
            landmarks[landmark.id] = landmark
    for door in doors:
        _add_entrance(door, landmarks)
    draft = _headed(path, head)
    notes = [f"A draft, imported from {path.name}.", *([origin] if origin else [])]
    if draft.robot is ROBOT:
        notes.append("To check: the robot, which the file does not know.")
    if boundary is None and draft.occupancy is None:
        mistakes.raise_any()
        hull = shapely.union_all([one.envelope for one in geometries]).convex_hull
        boundary = rounded(hull.buffer(MARGIN, join_style="mitre"))
        notes.append(
            f"No feature of kind boundary: it is everything with {MARGIN:g} m around it. Draw the "
            "real one."
        )
    unread = {k for one in features for k in one.given if k not in KNOWN and ":" not in k}
    unread -= {key for one in features for key in one.facts()}
    unread = {key for key in unread if not key.startswith(("name", "alt_name", "short_name"))}
    if unread:
        notes.append(f"Properties that were not read: {', '.join(map(clean, sorted(unread)))}.")
    mistakes.raise_any()
    return replace(
        draft,
        landmarks=tuple(landmarks.values()),
        keepouts=tuple(keepouts),
        boundary=boundary,
        objects=tuple(objects),
        notes=() if head is not None else tuple(notes),
    )


def _landmark(feature: _Feature, taken: set[str]) -> Landmark:
    kind = feature.given.get("kind")
    sort = sort_of(feature.tags)
    if not isinstance(kind, str):
        kind = sort.kind if sort is not None else ""
    if not kind:
        hint = did_you_mean("kind", [key for key in feature.given if key not in KNOWN])
        feature.wrong(f"has no kind{hint or '; add one: building, room, area, road, gate, ...'}")
    if not feature.names:
        feature.wrong(
            "has no name; add the property name (more in names, name_zh, name_en, alt_name), or "
            "keepout = true for what nobody speaks of"
        )
    geometry = feature.geometry
    if isinstance(geometry, Polygon):
        geometry = _polygon(feature, "a landmark")
    elif not isinstance(geometry, (Point, LineString)):
        feature.wrong(
            f"is a {geometry.geom_type} of several parts; split it (QGIS: Multipart to singleparts)"
        )
    enter = feature.truth("enter")
    front = feature.number("front")
    width = feature.number("width")
    return Landmark(
        id=feature.new_id(kind, taken),
        names=feature.names,
        kind=kind,
        geometry=geometry,
        front=None if front is None else math.radians(front),
        enter=kind in ENTERED if enter is None else enter,
        tags=feature.facts(),
        width=width if not isinstance(geometry, Polygon) else None,
    )


def _polygon(feature: _Feature, what: str) -> Polygon:
    """The polygon of the feature; its holes are mistakes, as a site has none."""
    polygon = feature.geometry
    if not isinstance(polygon, Polygon):
        feature.wrong(f"{what} should be one Polygon, not a {polygon.geom_type}; draw it as one")
        return Polygon()
    if not polygon.is_valid:
        why = shapely.is_valid_reason(polygon)
        feature.wrong(f"its outline is not sound ({why}); mend it (QGIS: Fix geometries)")
    if polygon.interiors:
        feature.wrong("has a hole; fill it, and draw what is inside as a feature of its own")
    return polygon


def _object(feature: _Feature) -> SeenObject:
    given = feature.given
    fields = {
        key: given[key] for key in ("id", "class", "radius", "confidence", "seen") if key in given
    }
    at = feature.geometry.centroid
    try:
        form = schema.ObjectForm.model_validate({**fields, "at": [at.x, at.y]})
    except ValidationError as error:
        for fault in error.errors():
            feature.wrong(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}; mend the property")
        return SeenObject("?", "?", (0.0, 0.0))
    return SeenObject(form.id, form.class_id, form.at, form.radius, form.confidence, form.seen)


def _add_entrance(door: _Feature, landmarks: dict[str, Landmark]) -> None:
    """The entrance to the landmark that ``of`` names, else to that on whose outline it lies."""
    if not isinstance(door.geometry, Point):
        door.wrong("an entrance should be a Point on the outline of its building")
        return
    polygons = {k: v for k, v in landmarks.items() if isinstance(v.geometry, Polygon)}
    owner_id = door.given.get("of")
    if owner_id is None:
        distance, owner_id = min(
            ((one.geometry.exterior.distance(door.geometry), one.id) for one in polygons.values()),
            default=(math.inf, None),
        )
        if owner_id is None or distance > ENTRANCE_TOLERANCE:
            near = f"{distance:.1f} m from {owner_id}" if owner_id else "in a file without polygons"
            door.wrong(f"is an entrance of nothing ({near}); put it on an outline, or say of = ID")
            return
    if owner_id not in polygons:
        hint = did_you_mean(str(owner_id), polygons)
        door.wrong(f"of = {schema.shown(owner_id)} is the id of no polygon{hint or '; mend it'}")
        return
    owner = landmarks[str(owner_id)]
    taken = set(owner.entrances)
    entrance_id = door.new_id("door", taken)
    entrance = Entrance(entrance_id, (door.geometry.x, door.geometry.y), door.names)
    landmarks[owner.id] = replace(owner, entrances={**owner.entrances, entrance_id: entrance})


def _headed(path: Path, head: Any) -> Draft:
    """An empty draft with what stands beside the features in an exported file."""
    if head is None:
        return Draft(names=(path.name.split(".")[0],), landmarks=())
    try:
        form = schema.SiteForm.model_validate(head)
        machine = schema.RobotForm.model_validate(form.robot)
        classes = {k: schema.ClassForm.model_validate(v) for k, v in form.classes.items()}
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors())
        raise ImportFileError(
            f"{path}: nl_planner_site: {wrong}; mend it, or take nl_planner_site out"
        ) from error
    footprint = tuple(machine.footprint.exterior.coords[:-1]) if machine.footprint else None
    radius = machine.radius or max((math.hypot(*corner) for corner in footprint or ()), default=0)
    return Draft(
        names=form.name,
        landmarks=(),
        frame_id=form.frame_id,
        robot=Robot(radius, machine.tool_width, machine.actions, machine.max_speed, footprint),
        reach=form.reach,
        occupancy=None if form.occupancy is None else path.parent / form.occupancy,
        classes=tuple(LitterClass(k, c.names, c.parent) for k, c in classes.items()),
    )


def _unpacked(value: Any) -> Any:
    """A list or object, which some programs save as its JSON text."""
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
