"""Read a site file: section 1 of the contract, with every mistake at once and its line."""

from __future__ import annotations

import gc
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import shapely
from pydantic import ValidationError
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import SiteFileError, did_you_mean
from nl_planner.site import schema
from nl_planner.site.check import ENTRANCE_TOLERANCE
from nl_planner.site.model import Entrance, Keepout, Landmark, Robot, SeenObject, Site
from nl_planner.site.occupancy import read_map
from nl_planner.site.taxonomy import LitterClass, Taxonomy
from nl_planner.site.yaml_file import Loc, YamlFile, read_yaml

ENTERED = ("room", "area", "road")  # kinds that the robot may enter unless the file says otherwise
FORMAT = 1

FormT = TypeVar("FormT", bound=schema.Form)


def read_site(path: str | Path) -> Site:
    """The site that a file describes.

    Args:
        path: a ``*.site.yaml`` file; ``occupancy`` in it is relative to its folder.

    Raises:
        SiteFileError: the file cannot be used. The message has a line
            ``FILE:LINE: KEY: what is wrong; how to mend it`` for every mistake.
    """
    with _collector_paused():
        return _read(Path(path))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection inside: reading makes no cycles, only many objects that stay, and the
    collector's passes over them took a fifth of the time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(path: Path) -> Site:
    file = read_yaml(path, "a site file")
    stand_ins = {"nl_planner_site": FORMAT, "name": ["?"], "robot": {}}
    form = _checked(file, schema.SiteForm, file.data, (), stand_ins)
    assert form is not None
    if form.nl_planner_site != FORMAT:
        file.mistake(
            ("nl_planner_site",),
            f"format {form.nl_planner_site} is not known; this version reads format {FORMAT}",
        )
    robot = _robot(file, form) if "robot" in file.data else None
    taxonomy = _taxonomy(file, form.classes)
    landmarks = _things(file, "landmarks", form.landmarks, _landmark, schema.valid_landmark_id)
    keepouts = _things(file, "keepouts", form.keepouts, _keepout, schema.valid_landmark_id)
    for both in form.landmarks.keys() & form.keepouts.keys():
        first = file.line(("landmarks", both))
        file.mistake(
            ("keepouts", both), f"is the id of a landmark too (line {first}); rename one of them"
        )
    objects = _objects(file, form.objects, taxonomy)
    mapped, map_mistakes = _mapped(file, form.occupancy)
    if file.data.get("boundary") is None and file.data.get("occupancy") is None:
        file.mistake((), "nothing says where the robot may drive; give a boundary or an occupancy")
    file.raise_mistakes(*map_mistakes)
    assert robot is not None
    return Site(
        name=form.name,
        robot=robot,
        landmarks=landmarks,
        keepouts=keepouts,
        objects=objects,
        taxonomy=taxonomy,
        boundary=form.boundary,
        mapped=mapped,
        occupancy=None if form.occupancy is None else path.parent / form.occupancy,
        reach=form.reach,
        frame_id=form.frame_id,
        source=path,
    )


def _checked(
    file: YamlFile, form: type[FormT], data: Any, where: Loc, stand_ins: Mapping[str, Any] = {}
) -> FormT | None:
    """The data in its form, or what is left of it when the mistaken keys are taken out.

    ``stand_ins`` stand for required keys that are mistaken, so that the other keys can be looked
    at further. None when nothing can be made of it.
    """
    if not isinstance(data, dict):
        file.mistake(where, f"should be a mapping {{key: value}}, not {_kind(data)}")
        return None
    try:
        return form.model_validate(data)
    except ValidationError as error:
        mistaken = set()
        for fault in error.errors():
            key = fault["loc"][0]
            mistaken.add(key)
            for line in _said(fault, form, data).splitlines():
                file.mistake((*where, *fault["loc"]), line)
    sound = {key: value for key, value in data.items() if key not in mistaken}
    try:
        return form.model_validate({**stand_ins, **sound})
    except ValidationError:
        return None


def _said(fault: Any, form: type[schema.Form], data: dict[str, Any]) -> str:
    """A fault that pydantic found, in words that tell how to mend it."""
    kind, context, given = fault["type"], fault.get("ctx", {}), fault["input"]
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return "is missing; add it"
    if kind == "extra_forbidden":
        known = [field.alias or name for name, field in form.model_fields.items()]
        hint = did_you_mean(str(fault["loc"][0]), [key for key in known if key not in data])
        return f"unknown key{hint or '; known are ' + ', '.join(known)}"
    wanted = {
        "bool_type": "true or false",
        "dict_type": "a mapping {id: {...}}",
        "int_type": "a whole number",
        "list_type": "a list [...]",
        "string_type": "text",
        "string_too_short": "text, not empty",
        "datetime_from_date_parsing": "a time such as 2026-11-23T08:00:00Z",
        "datetime_parsing": "a time such as 2026-11-23T08:00:00Z",
        "datetime_type": "a time such as 2026-11-23T08:00:00Z",
        "greater_than": f"over {context.get('gt')}",
        "greater_than_equal": f"{context.get('ge')} or more",
        "less_than_equal": f"{context.get('le')} or less",
    }.get(kind, str(fault["msg"]))
    return f"should be {wanted}, not {_kind(given)}"


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return schema.shown(value)


def _things(
    file: YamlFile,
    section: str,
    data: Mapping[str, Any],
    read: Callable[[YamlFile, str, Any, Loc], Any],
    valid_id: Callable[[str], str],
) -> dict[str, Any]:
    """What ``read`` makes of each entry, by id."""
    things = {}
    for thing_id, entry in data.items():
        where: Loc = (section, thing_id)
        try:
            valid_id(thing_id)
        except ValueError as error:
            file.mistake(where, str(error))
        if (thing := read(file, thing_id, entry, where)) is not None:
            things[thing_id] = thing
    return things


def _robot(file: YamlFile, form: schema.SiteForm) -> Robot | None:
    where: Loc = ("robot",)
    robot = _checked(
        file, schema.RobotForm, form.robot, where, {"tool_width": 1, "actions": ["sweep"]}
    )
    if robot is None:
        return None
    given = {"radius", "footprint"} & form.robot.keys()
    if len(given) != 1:
        file.mistake(
            where,
            "has both radius and footprint; keep the one that is right"
            if given
            else "has no radius and no footprint; add radius: METRES of the circle around it",
        )
    return robot.machine()


def _landmark(file: YamlFile, landmark_id: str, data: Any, where: Loc) -> Landmark | None:
    form = _checked(file, schema.LandmarkForm, data, where, {"names": ["?"], "kind": "?"})
    if form is None:
        return None
    shapes = [key for key in ("polygon", "point", "line") if data.get(key) is not None]
    if len(shapes) != 1:
        file.mistake(
            where,
            f"has {' and '.join(shapes)}; keep one"
            if shapes
            else "has no place; add polygon: [[x, y], ...], line: [[x, y], ...] or point: [x, y]",
        )
        return None
    geometry = form.polygon or form.point or form.line
    if form.width is not None and form.polygon:
        file.mistake((*where, "width"), "only a line or a point has a width; take it out")
    return Landmark(
        id=landmark_id,
        names=form.names,
        kind=form.kind,
        geometry=geometry,
        front=None if form.front is None else math.radians(form.front),
        entrances=_entrances(file, form.entrances, geometry, (*where, "entrances")),
        enter=form.kind in ENTERED if form.enter is None else form.enter,
        tags=form.tags,
        width=form.width,
    )


def _entrances(
    file: YamlFile, data: Mapping[str, Any], geometry: BaseGeometry | None, where: Loc
) -> dict[str, Entrance]:
    entrances = {}
    for entrance_id, entry in data.items():
        here = (*where, entrance_id)
        try:
            schema.valid_id(entrance_id)
        except ValueError as error:
            file.mistake(here, str(error))
        form = _checked(file, schema.EntranceForm, entry, here)
        if form is None or geometry is None:
            continue
        if not isinstance(geometry, Polygon):
            file.mistake(here, "only a polygon has entrances; give the landmark one, or a front")
            continue
        distance, nearest, facing = _nearest_edge(geometry, form.at)
        if distance > ENTRANCE_TOLERANCE:
            file.mistake(
                (*here, "at"),
                f"lies {distance:.2f} m from the outline; the nearest point on it is "
                f"[{nearest[0]:.2f}, {nearest[1]:.2f}]",
            )
        entrances[entrance_id] = Entrance(entrance_id, form.at, form.names, facing)
    return entrances


def _nearest_edge(polygon: Polygon, at: schema.XY) -> tuple[float, schema.XY, float]:
    """Distance to the outline, the nearest point on it, and the outward normal there (rad).

    At a corner the longer edge counts. ``polygon`` is counter-clockwise: outside is to the right.
    """
    best, best_length, nearest, facing = math.inf, 0.0, at, 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise(shapely.get_coordinates(polygon).tolist()):
        dx, dy = x1 - x0, y1 - y0
        length = math.hypot(dx, dy)
        if length == 0:
            continue
        along = ((at[0] - x0) * dx + (at[1] - y0) * dy) / length**2
        along = min(1.0, max(0.0, along))
        foot = (x0 + along * dx, y0 + along * dy)
        distance = math.dist(at, foot)
        if distance < best - 1e-6 or (distance < best + 1e-6 and length > best_length):
            best, best_length, nearest, facing = distance, length, foot, math.atan2(-dx, dy)
    return best, nearest, facing


def _keepout(file: YamlFile, keepout_id: str, data: Any, where: Loc) -> Keepout | None:
    form = _checked(file, schema.KeepoutForm, data, where)
    return None if form is None else Keepout(keepout_id, form.names, form.polygon)


def _objects(file: YamlFile, data: list[Any], taxonomy: Taxonomy) -> tuple[SeenObject, ...]:
    objects: dict[str, SeenObject] = {}
    lines: dict[str, int] = {}
    stand_ins = {"class": "", "at": [0, 0]}
    for index, entry in enumerate(data):
        where: Loc = ("objects", index)
        form = _checked(file, schema.ObjectForm, entry, where, {**stand_ins, "id": f"[{index}]"})
        if form is None:
            continue
        if form.class_id and form.class_id not in taxonomy.classes:
            hint = did_you_mean(form.class_id, taxonomy.classes)
            mend = hint or "; add it to classes, with names"
            file.mistake((*where, "class"), f"there is no class {form.class_id!r}{mend}")
        if form.id in objects:
            file.mistake(
                (*where, "id"),
                f"{form.id!r} is here twice, first on line {lines[form.id]}; rename one",
            )
        lines[form.id] = file.line(where)
        objects[form.id] = SeenObject(
            form.id, form.class_id, form.at, form.radius, form.confidence, form.seen
        )
    return tuple(objects.values())


def _taxonomy(file: YamlFile, data: Mapping[str, Any]) -> Taxonomy:
    """The built-in taxonomy with the classes of the file."""

    def read(file: YamlFile, class_id: str, entry: Any, where: Loc) -> LitterClass:
        form = _checked(file, schema.ClassForm, entry, where, {"names": ["?"]})
        # A class whose entry is mistaken still exists: what refers to it is no second mistake.
        return LitterClass(class_id, form.names, form.parent) if form else LitterClass(class_id, ())

    own = _things(file, "classes", data, read, schema.valid_id)
    merged = Taxonomy.builtin().joined(own.values())
    for class_id, why in merged.faults().items():
        file.mistake(("classes", class_id, "is"), why)
    return merged


def _mapped(file: YamlFile, occupancy: str | None) -> tuple[BaseGeometry | None, list[str]]:
    """The free cells of the map, and the mistakes of the map's own files, a line each."""
    if occupancy is None:
        return None, []
    path = file.path.parent / occupancy
    if not path.is_file():
        file.mistake(("occupancy",), f"there is no file {path}; the path is relative to this file")
        return None, []
    try:
        return read_map(path).free_space, []
    except SiteFileError as error:
        return None, str(error).splitlines()
