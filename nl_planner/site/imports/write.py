"""A draft as a site file that a person can edit: comments, one thing a paragraph, no noise."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import ImportFileError, SiteFileError
from nl_planner.site.imports.draft import Draft
from nl_planner.site.model import Landmark, Robot, Site
from nl_planner.site.read import ENTERED, FORMAT, read_site
from nl_planner.site.yaml_file import scalar

WIDTH = 100  # columns
PLAIN = re.compile(r"[^\W\d_](?:[\w .()/&+°·-]*[\w.)])?")


def write_site(draft: Draft, path: Path) -> Site:
    """Write the site file and read it back.

    Raises:
        ImportFileError: there is a file already (it may hold a person's work), the folder cannot
            be written to, or the reader does not take the draft.
    """
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(site_text(draft, path.parent))
    except FileExistsError as error:
        raise ImportFileError(
            f"{path}: is there already; give another --out, or move it away"
        ) from error
    except OSError as error:
        raise ImportFileError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        return read_site(path)
    except SiteFileError as error:
        path.unlink()
        found = re.sub(rf"^{re.escape(str(path))}:\d+: ", "  ", str(error), flags=re.MULTILINE)
        raise ImportFileError(
            f"{path}: not written, these things would be wrong in it; mend them in the file that "
            f"was imported:\n{found}"
        ) from error


def site_text(draft: Draft, folder: Path) -> str:
    """The site file as text; the path of its map is relative to ``folder``."""
    return "\n".join(_lines(draft, folder)) + "\n"


def _lines(draft: Draft, folder: Path) -> Iterator[str]:
    for note in draft.notes:
        yield from _comment(note, "")
    if draft.notes:
        yield ""
    yield f"nl_planner_site: {FORMAT}"
    yield f"name: {_list(draft.names)}"
    yield f"frame_id: {_text(draft.frame_id)}"
    yield ""
    yield from _robot(draft.robot)
    yield ""
    if draft.reach:
        yield f"reach: {_mapping({key: number(value) for key, value in draft.reach.items()})}"
    if draft.occupancy is not None:
        yield f"occupancy: {_text(Path(os.path.relpath(draft.occupancy, folder)).as_posix())}"
    if draft.boundary is not None:
        yield from _shape(draft.boundary, "", "boundary")
    if draft.landmarks:
        yield from ("", "landmarks:")
        for landmark in draft.landmarks:
            yield from _comment(draft.comments.get(landmark.id, ""), "  ")
            yield from _landmark(landmark)
    if draft.keepouts:
        yield from ("", "keepouts:")
        for keepout in draft.keepouts:
            yield from _comment(draft.comments.get(keepout.id, ""), "  ")
            yield f"  {keepout.id}:"
            if keepout.names:
                yield f"    names: {_list(keepout.names)}"
            yield from _shape(keepout.polygon, "    ")
    if draft.objects:
        yield from ("", "objects:")
        for seen in draft.objects:
            parts = {
                "id": _text(seen.id),
                "class": _text(seen.class_id),
                "at": _xy(seen.at),
                "radius": number(seen.radius),
                "confidence": number(seen.confidence),
            }
            if seen.seen is not None:
                parts["seen"] = seen.seen.isoformat()
            yield f"  - {_mapping(parts)}"
    if draft.classes:
        yield from ("", "classes:")
        for litter in draft.classes:
            parts = {"names": _list(litter.names)}
            if litter.parent is not None:
                parts["is"] = litter.parent
            yield f"  {litter.id}: {_mapping(parts)}"


def _comment(text: str, indent: str) -> Iterator[str]:
    """The text as comment lines; nothing in it can end the comment."""
    from textwrap import wrap

    plain = "".join(char if char.isprintable() else " " for char in text)
    for line in wrap(plain, WIDTH - len(indent) - 2, break_long_words=False):
        yield f"{indent}# {line}"


def _robot(robot: Robot) -> Iterator[str]:
    yield "robot:"
    if robot.footprint is None:
        yield f"  radius: {number(robot.radius)}"
    else:
        yield f"  footprint: [{', '.join(map(_xy, robot.footprint))}]"
    yield f"  tool_width: {number(robot.tool_width)}"
    yield f"  actions: {_list([action.value for action in robot.actions])}"
    yield f"  max_speed: {number(robot.max_speed)}"
    if robot.turning_radius:
        yield f"  turning_radius: {number(robot.turning_radius)}"
    if any(robot.tool_offset):
        yield f"  tool_offset: {_xy(robot.tool_offset)}"
    if robot.overlap:
        yield f"  overlap: {number(robot.overlap)}"


def _landmark(landmark: Landmark) -> Iterator[str]:
    yield f"  {landmark.id}:"
    yield f"    names: {_list(landmark.names)}"
    yield f"    kind: {_text(landmark.kind)}"
    if landmark.enter != (landmark.kind in ENTERED):
        yield f"    enter: {str(landmark.enter).lower()}"
    yield from _shape(landmark.geometry, "    ")
    if landmark.width is not None:
        yield f"    width: {number(landmark.width)}"
    if landmark.front is not None:
        yield f"    front: {number(degrees(landmark.front))}"
    if landmark.entrances:
        yield "    entrances:"
        for entrance in landmark.entrances.values():
            parts = {"at": _xy(entrance.at)}
            if entrance.names:
                parts["names"] = _list(entrance.names)
            yield f"      {entrance.id}: {_mapping(parts)}"
    if landmark.tags:
        yield f"    tags: {_mapping({_text(k): _text(v) for k, v in landmark.tags.items()})}"


def _shape(geometry: BaseGeometry, indent: str, key: str = "") -> Iterator[str]:
    """A geometry under its key, folded where it is long."""
    if isinstance(geometry, Point):
        yield f"{indent}{key or 'point'}: {_xy((geometry.x, geometry.y))}"
        return
    assert isinstance(geometry, (Polygon, LineString))
    line = isinstance(geometry, LineString)
    corners = [_xy((x, y)) for x, y in shapely.get_coordinates(geometry).tolist()]
    row = f"{indent}{key or ('line' if line else 'polygon')}: ["
    for corner in corners if line else corners[:-1]:
        if len(row) + len(corner) + 2 > WIDTH:
            yield row.rstrip()
            row = f"{indent}  "
        row += f"{corner}, "
    yield f"{row[:-2]}]"


def degrees(angle: float) -> float:
    """An angle (rad) in degrees, without what the conversion added in the last places."""
    return round(math.degrees(angle), 9)


def number(value: float) -> str:
    """The number as short as it can be read back."""
    return str(int(value)) if value == int(value) else repr(value)


def _xy(at: Sequence[float]) -> str:
    return f"[{number(at[0])}, {number(at[1])}]"


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _mapping(parts: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{key}: {value}' for key, value in parts.items())}}}"


def _text(text: str) -> str:
    """A YAML scalar that is read back as this text; quoted unless it is plain words."""
    if PLAIN.fullmatch(text) and isinstance(scalar(text), str):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escaped(char) for char in quoted)


def _escaped(char: str) -> str:
    return f"\\U{ord(char):08x}" if ord(char) > 0xFFFF else f"\\u{ord(char):04x}"
