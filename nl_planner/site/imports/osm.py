"""OSM elements to a draft: buildings with their entrances, named areas, roads, what is closed.

Only what people can name becomes a landmark; what has no name but stands in the way (a building, a
fence, water) becomes a keepout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from nl_planner.errors import ImportFileError
from nl_planner.site.imports.draft import Draft, new_id
from nl_planner.site.imports.osm_elements import (
    AT_DOOR,
    Element,
    Gaps,
    is_door,
    with_entrances,
    with_streets,
    with_tenants,
)
from nl_planner.site.imports.osm_tags import Sort, facts_of, names_of, on_floor, sort_of, width_of
from nl_planner.site.imports.projection import LocalPlane
from nl_planner.site.imports.source import MARGIN, outline, rounded, without_holes
from nl_planner.site.model import Keepout, Landmark
from nl_planner.site.read import ENTERED

LICENCE = (
    "Map data © OpenStreetMap contributors, under the Open Database License (ODbL) 1.0: "
    "https://www.openstreetmap.org/copyright. Keep this line with the data."
)
SITES = {
    "landuse": ("residential", "retail", "commercial", "industrial", "education", "institutional"),
    "amenity": ("university", "college", "school", "hospital", "kindergarten"),
    "leisure": ("park", "resort"),
    "tourism": ("zoo", "theme_park"),
    "place": ("neighbourhood", "quarter"),
}  # areas that may be the whole site
ENCLOSES = 0.6  # share of the things that such an area holds
ORDER = ("gate", "road", "area", "building")
TOLD = 5  # things that a note names


@dataclass
class _Things:
    """What was made so far."""

    landmarks: list[Landmark] = field(default_factory=list)
    keepouts: list[Keepout] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def new_id(self, names: Sequence[str], kind: str, comment: str) -> str:
        made = new_id(names, kind, self.taken)
        self.taken.add(made)
        self.comments[made] = comment
        return made


def draft_of_osm(elements: Iterable[Element], path: Path, floor: str | None = None) -> Draft:
    """The draft that the elements of a file make.

    ``floor``: the level of which the things are wanted, among those that say theirs; "0" when it is
    not given. What is under the ground belongs to none but its own.

    Raises:
        ImportFileError: there is no building, area or road among them.
    """
    tagged = [e for e in elements if e.tags]
    cut = [e for e in tagged if e.cut and sort_of(e.tags) is not None]
    standing = [e for e in tagged if on_floor(e.tags, floor or "0")]
    elsewhere = sum(sort_of(e.tags) is not None for e in tagged) - sum(
        sort_of(e.tags) is not None for e in standing
    )
    known = [e for e in standing if not e.geometry.is_empty]
    plane = _plane(known, path)
    placed = [replace(e, geometry=shapely.transform(e.geometry, plane.metres)) for e in known]
    whole = _site_area(placed)
    doors = [e for e in placed if isinstance(e.geometry, Point) and is_door(e.tags)]
    apart = {e.id for e in doors} | ({whole.id} if whole else set())
    rest = [e for e in placed if e.id not in apart]
    boundary = outline(whole.geometry) if whole else None
    if boundary is not None:
        rest = [e for e in rest if shapely.dwithin(boundary, e.geometry, 0.1)]
        doors = [e for e in doors if shapely.dwithin(boundary, e.geometry, AT_DOOR)]
    things, gaps = _Things(), Gaps(rest, doors)
    unnamed = 0
    for element in with_tenants(list(with_streets(rest))):
        sort = sort_of(element.tags)
        if sort is not None:
            unnamed += not _add(things, element, sort, gaps)
    if not things.landmarks and not things.keepouts:
        raise ImportFileError(
            f"{path}: none of its {len(known)} elements with tags is a building, a named area or "
            "a road inside the site; export the area of the site with all its tags"
        )
    landmarks, left = with_entrances(things.landmarks, doors)
    things.landmarks = landmarks
    for gate in left:
        sort = sort_of(gate.tags)
        if sort is not None and sort.kind == "gate":
            _add(things, gate, sort, gaps)
    if boundary is None:
        shapes = [thing.geometry for thing in things.landmarks]
        shapes += [keepout.polygon for keepout in things.keepouts]
        hull = shapely.union_all([shape.envelope for shape in shapes]).convex_hull
        boundary = outline(hull.buffer(MARGIN, join_style="mitre"))
    outside = rounded(boundary) if boundary is not None else None
    assert isinstance(outside, Polygon)
    names = names_of(whole.tags) if whole else ()
    return Draft(
        names=names or (path.name.split(".")[0],),
        landmarks=tuple(sorted(things.landmarks, key=_rank)),
        keepouts=tuple(things.keepouts),
        boundary=outside,
        notes=(
            *_notes(path, plane, whole, unnamed, things),
            *_left_out(cut, elsewhere, floor),
        ),
        comments=things.comments,
    )


def _plane(elements: Sequence[Element], path: Path) -> LocalPlane:
    """A plane that touches the earth in the middle of what will be used."""
    used = [e.geometry for e in elements if sort_of(e.tags) is not None]
    if not used:
        raise ImportFileError(
            f"{path}: no element has a tag that is known (building, highway, leisure, amenity, "
            "...); export it from OpenStreetMap with its tags"
        )
    west, south, east, north = shapely.total_bounds(used).tolist()
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ImportFileError(
            f"{path}: coordinates from ({west:g}, {south:g}) to ({east:g}, {north:g}) are no "
            "longitudes and latitudes; save it in WGS84 (EPSG:4326)"
        )
    if max(east - west, north - south) > 0.5:
        raise ImportFileError(
            f"{path}: is {max(east - west, north - south):.1f} degrees wide, more than a site; "
            "export only the area of the site"
        )
    return LocalPlane(round((west + east) / 2, 5), round((south + north) / 2, 5))


def _site_area(elements: Sequence[Element]) -> Element | None:
    """The largest named area of a sort in SITES that holds most of the other things."""
    things = [e.geometry for e in elements if sort_of(e.tags) is not None]
    spots = shapely.point_on_surface(np.array(things, dtype=object))
    holds = [
        element
        for element in elements
        if any(element.tags.get(key) in values for key, values in SITES.items())
        and isinstance(element.geometry, Polygon)
        and "building" not in element.tags
        and names_of(element.tags)
        and np.mean(shapely.intersects(element.geometry, spots)) >= ENCLOSES
    ]
    return max(holds, key=lambda e: e.geometry.area, default=None)


def _add(things: _Things, element: Element, sort: Sort, gaps: Gaps) -> bool:
    """Add what the element is; False when it has no name and nothing stands in the way."""
    names = names_of(element.tags)
    if not names and sort.kind != "building":
        names = sort.generic
    where = element.geometry
    if sort.keepout or (sort.kind == "building" and not names):
        _add_keepouts(things, element, sort, names, gaps)
        return True
    if not names:
        return False
    for part in shapely.get_parts(where):
        shape = outline(part) if isinstance(part, Polygon) else part
        comment = element.id
        if isinstance(part, Polygon) and part.interiors:
            comment += "; the hole in it (a courtyard?) is not kept"
        if not part.is_valid:
            comment += "; its outline crossed itself, check its corners"
        if shape is None or (isinstance(shape, LineString) and _is_ground(element, sort)):
            continue
        width = width_of(element.tags, sort) if isinstance(shape, LineString) else None
        kind = (
            "area" if isinstance(shape, Polygon) and sort.kind in ("shop", "place") else sort.kind
        )
        landmark_id = things.new_id(names, kind, comment)
        enter = kind in (*ENTERED, "gate")
        shape = rounded(shape)
        facts = facts_of(element.tags)
        things.landmarks.append(
            Landmark(landmark_id, names, kind, shape, enter=enter, tags=facts, width=width)
        )
    return True


def _is_ground(element: Element, sort: Sort) -> bool:
    """Whether a line should have been an outline: a building, or an area that the file cuts off."""
    linear = any(key in element.tags for key in ("highway", "barrier", "waterway"))
    return sort.kind == "building" or (element.cut and not linear)


def _add_keepouts(
    things: _Things,
    element: Element,
    sort: Sort,
    names: tuple[str, ...],
    gaps: Gaps,
) -> None:
    shape = element.geometry
    if isinstance(shape, LineString):
        width = width_of(element.tags, sort)
        if width is None:
            return
        shape = shape.buffer(width / 2, cap_style="flat", join_style="mitre")
    elif isinstance(shape, Point):
        shape = shape.buffer(0.5, quad_segs=2)
    if "barrier" in element.tags or sort.kind == "water":
        shape = gaps.cut(shape, fence="barrier" in element.tags)
    for part in shapely.get_parts(shape):
        for piece in without_holes(part) if isinstance(element.geometry, LineString) else [part]:
            polygon = outline(rounded(piece))
            if polygon is not None:
                keepout_id = things.new_id(names, sort.kind, element.id)
                things.keepouts.append(Keepout(keepout_id, names, polygon))


def _rank(landmark: Landmark) -> int:
    return ORDER.index(landmark.kind) if landmark.kind in ORDER else len(ORDER)


def _notes(
    path: Path, plane: LocalPlane, whole: Element | None, unnamed: int, things: _Things
) -> Iterator[str]:
    yield f"A draft, imported from {path.name}. {LICENCE}"
    yield (
        f"[0, 0] is {plane}; x is east, y is north, in metres. If the robot's map has another "
        "origin, move one of them."
    )
    if whole is None:
        yield (
            f"No named area holds the whole site: the boundary is everything with {MARGIN:g} m "
            "around it. Draw the real one."
        )
    else:
        yield f"The boundary is {whole.id}."
    yield (
        "To check: the robot; names that people use but the map does not know; fronts (front: "
        "DEGREES) of buildings without entrances; that roads of the public are not the robot's."
    )
    closed = sum(not keepout.names for keepout in things.keepouts)
    if closed:
        yield (
            f"{closed} buildings, fences and the like without a name are keepouts; to let people "
            "speak of one, give it names, or move it to the landmarks."
        )
    if unnamed:
        yield f"{unnamed} things (roads, areas, shops) without a name were left out."


def _left_out(cut: Sequence[Element], elsewhere: int, floor: str | None) -> Iterator[str]:
    if elsewhere:
        yield (
            f"{elsewhere} things on other levels than {floor or '0'}, or under the ground, were "
            "left out; --level L takes those of level L."
        )
    if cut:
        told = ", ".join(e.id for e in cut[:TOLD]) + (", ..." if len(cut) > TOLD else "")
        yield (
            f"{len(cut)} things lack nodes or ways that are not in the file ({told}); where they "
            "lie in the site, export a little more around it."
        )
