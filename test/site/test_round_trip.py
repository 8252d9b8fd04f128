"""Site → GeoJSON → site: nothing but comments is lost, whatever a site holds."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from nl_planner.site import Entrance, Keepout, Landmark, Robot, SeenObject, read_site
from nl_planner.site.export import site_geojson
from nl_planner.site.imports import Draft, read_draft
from nl_planner.site.imports.write import write_site
from nl_planner.task import Action

coordinate = st.floats(-1e4, 1e4).map(lambda value: round(value, 6) + 0.0)
size = st.floats(0.5, 50).map(lambda value: round(value, 3))
word = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
names = st.lists(word.map(str.strip).filter(bool), min_size=1, max_size=3, unique=True).map(tuple)
degrees = st.none() | st.integers(0, 359).map(lambda value: math.radians(value))
kinds = st.sampled_from(
    ["building", "area", "room", "gate", "entrance", "boundary", "object", "门"]
)


@st.composite
def shapes(draw):
    x, y, wide, tall = draw(coordinate), draw(coordinate), draw(size), draw(size)
    return draw(
        st.sampled_from(
            [
                box(x, y, x + wide, y + tall),
                Polygon([(x, y), (x + wide, y), (x, y + tall)]),
                Point(x, y),
                LineString([(x, y), (x + wide, y), (x + wide, y + tall)]),
            ]
        )
    )


@st.composite
def landmarks(draw, landmark_id):
    shape = draw(shapes())
    doors = {}
    if isinstance(shape, Polygon) and draw(st.booleans()):
        x, y = shape.exterior.coords[0]
        doors["main"] = Entrance("main", (x, y), draw(st.just(()) | names))
    return Landmark(
        landmark_id,
        draw(names),
        draw(kinds),
        shape,
        front=draw(degrees),
        entrances=doors,
        enter=draw(st.booleans()),
        tags=draw(st.dictionaries(st.sampled_from(["shop", "addr:street"]), word, max_size=2)),
        width=None if isinstance(shape, Polygon) else draw(st.none() | size),
    )


@st.composite
def drafts(draw):
    count = draw(st.integers(0, 4))
    x, y = draw(coordinate), draw(coordinate)
    bed = Keepout("bed", draw(st.just(()) | names), box(x, y, x + 3, y + 2))
    return Draft(
        names=draw(names),
        landmarks=tuple(draw(landmarks(f"thing_{i}")) for i in range(count)),
        keepouts=(bed,) if draw(st.booleans()) else (),
        boundary=box(-2e4, -2e4, 2e4, 2e4),
        robot=Robot(draw(st.sampled_from([0.2, 0.35])), 0.6, (Action.SWEEP, Action.MOP), 0.7),
        reach=draw(st.sampled_from([{}, {"near": 2.5}])),
        objects=(
            SeenObject("a", "leaf", (x, y), 0.5, 0.75, datetime(2026, 11, 23, 8, 0, 1, 5, UTC)),
        ),
    )


@settings(max_examples=60)
@given(drafts())
def test_site_to_geojson_to_site_is_exact(tmp_path_factory, draft):
    folder = tmp_path_factory.mktemp("trip")
    before = write_site(draft, folder / "before.site.yaml")
    path = folder / "between.geojson"
    path.write_text(json.dumps(site_geojson(before, folder)), encoding="utf-8")
    after = write_site(read_draft(path), folder / "after.site.yaml")
    keys = ("name", "robot", "landmarks", "keepouts", "objects", "boundary", "reach", "frame_id")
    for key in keys:
        assert getattr(after, key) == getattr(before, key), key
    assert list(after.landmarks) == list(before.landmarks)
    assert after.taxonomy.classes == before.taxonomy.classes
    assert read_site(folder / "after.site.yaml").landmarks == before.landmarks
