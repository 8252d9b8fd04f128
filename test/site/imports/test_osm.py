"""What real OpenStreetMap extracts hold: streets in stretches, levels, things cut off."""

from __future__ import annotations

import pytest
from shapely.geometry import Point

from nl_planner.cli import main
from nl_planner.site import read_site
from nl_planner.site.imports import read_draft
from nl_planner.site.imports.osm_tags import on_floor
from nl_planner.site.imports.write import write_site


class Extract:
    """An OSM XML file, put together in metres."""

    def __init__(self, path):
        self.path = path
        self.nodes, self.things = {}, []

    def node(self, x, y, **tags):
        if tags or (x, y) not in self.nodes:
            key = (x, y, *tags.items()) if tags else (x, y)
            self.nodes[key] = (len(self.nodes) + 1, x, y, tags)
            return self.nodes[key][0]
        return self.nodes[x, y][0]

    def way(self, *corners, missing=(), **tags):
        refs = [9000 + i if i in missing else self.node(*at) for i, at in enumerate(corners)]
        self.things.append(("way", [f'<nd ref="{ref}"/>' for ref in refs], tags))
        return len(self.things)

    def box(self, x0, y0, x1, y1, **more):
        return self.way((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0), **more)

    def relation(self, *members, **tags):
        body = [f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members]
        self.things.append(("relation", body, tags))

    def read(self, level=None):
        lines = ['<osm version="0.6">']
        for number, x, y, tags in self.nodes.values():
            at = f'lat="{31 + y / 110_861:.7f}" lon="{121 + x / 95_506:.7f}"'
            lines.append(f'<node id="{number}" {at}>{self._tags(tags)}</node>')
        for number, (kind, body, tags) in enumerate(self.things, 1):
            lines.append(f'<{kind} id="{number}">{"".join(body)}{self._tags(tags)}</{kind}>')
        self.path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
        return read_draft(self.path, level)

    @staticmethod
    def _tags(tags):
        return "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items())


@pytest.fixture
def osm(tmp_path):
    return Extract(tmp_path / "town.osm")


def marks(draft):
    return {landmark.id: landmark for landmark in draft.landmarks}


def test_the_stretches_of_a_street_are_one_landmark(osm):
    street = {"highway": "residential", "name": "学院路", "name__en": "College Road"}
    osm.way((0, 0), (50, 0), **street)
    osm.way((100, 0), (50, 0), bridge="yes", **street)
    osm.way((100, 0), (150, 30), surface="asphalt", **street)
    osm.way((0, 50), (30, 50), **street)  # apart from the others
    draft = osm.read()
    assert {one.id: round(one.geometry.length) for one in draft.landmarks} == {
        "college_road": 158,
        "college_road_2": 30,
    }
    assert draft.comments["college_road"] == "way/1 and 3 more"
    assert draft.landmarks[0].names == ("学院路", "College Road")


def test_a_building_of_several_outlines_and_a_courtyard(osm):
    first, hole = osm.box(0, 0, 30, 20), osm.box(10, 5, 20, 15)
    second = osm.box(40, 0, 50, 20)
    osm.node(15, 0, entrance="main", name__en="Portal")
    osm.relation(
        (first, "outer"),
        (hole, "inner"),
        (second, "outer"),
        type="multipolygon",
        building="university",
        name="主楼",
        name__en="Main Building",
        name__de="Hauptgebäude",
        alt_name="一号教学楼;Old Main",
    )
    draft = osm.read()
    west, east = draft.landmarks
    assert west.names == ("主楼", "Main Building", "一号教学楼", "Old Main")
    assert [round(one.geometry.area) for one in (west, east)] == [600, 200]
    assert "the hole in it (a courtyard?) is not kept" in draft.comments[west.id]
    assert [door.names for door in west.entrances.values()] == [("Portal",)]
    assert not east.entrances


def test_things_that_the_extract_cuts_off_are_told_and_never_half_there(osm):
    osm.box(0, 0, 20, 10, building="yes", name="Whole")
    osm.box(30, 0, 50, 10, building="yes", name="Cut", missing=(0, 4))
    osm.box(60, 0, 90, 30, leisure="park", name="Half a Park", missing=(0, 4))
    osm.way((0, -5), (90, -5), (200, -5), highway="service", name="Long Road", missing=(2,))
    osm.relation((777, "outer"), type="multipolygon", building="yes", name="Nowhere")
    draft = osm.read()
    assert sorted(marks(draft)) == ["long_road", "whole"]
    assert marks(draft)["long_road"].geometry.length == pytest.approx(90, abs=0.1)
    (note,) = [note for note in draft.notes if "not in the file" in note]
    assert note.startswith("4 things lack nodes or ways that are not in the file (way/2, way/3, ")


def test_only_the_level_that_is_asked_for(osm):
    osm.box(0, 0, 40, 20, building="mall", name="Mall")
    osm.box(0, 0, 10, 10, indoor="room", name="Kiosk", level="0")
    osm.box(0, 0, 10, 10, indoor="room", name="Cinema", level="1")
    osm.box(20, 0, 30, 10, indoor="corridor", name="Arcade", level="0;1")
    osm.box(0, -30, 40, -10, amenity="parking", name="Deep Parking", layer="-1")
    osm.way((0, -5), (40, -5), waterway="stream", tunnel="culvert", name="Hidden Brook")
    osm.way((0, -8), (40, -8), highway="service", tunnel="building_passage", name="Passage")
    ground = osm.read()
    assert sorted(marks(ground)) == ["arcade", "kiosk", "mall", "passage"]
    assert any("3 things on other levels than 0" in note for note in ground.notes)
    assert sorted(marks(osm.read("1"))) == ["arcade", "cinema", "mall", "passage"]


@pytest.mark.parametrize(
    ("tags", "floor", "there"),
    [
        ({}, "0", True),
        ({"level": "0"}, "0", True),
        ({"level": "-1--0.5"}, "-1", True),
        ({"level": "0-2"}, "1", True),
        ({"level": "0-2"}, "3", False),
        ({"level": "1;3"}, "3", True),
        ({"level": "roof"}, "0", False),
        ({"level": "G"}, "G", True),
        ({"location": "underground"}, "0", False),
        ({"layer": "1"}, "0", True),
    ],
)
def test_levels_as_osm_writes_them(tags, floor, there):
    assert on_floor(tags, floor) is there


def test_a_bridge_is_a_way_over_the_water(osm, tmp_path):
    osm.box(0, 0, 100, 60, landuse="residential", name="Estate")
    osm.box(45, -5, 55, 65, natural="water")
    osm.way((10, 30), (40, 30), highway="footway", name="Lake Path")
    osm.way((40, 30), (60, 30), highway="footway", name="Lake Path", bridge="yes", width="3")
    osm.way((60, 30), (90, 30), highway="footway", name="Lake Path")
    site = write_site(osm.read(), tmp_path / "estate.site.yaml")
    middle = site.boundary.centroid
    assert site.is_free(middle.x, middle.y)
    assert not site.is_free(middle.x, middle.y + 5)
    assert len(site.drivable.geoms) == 1


def test_check_tells_what_the_import_cannot_know(osm, tmp_path, capsys):
    for x in range(0, 80, 10):
        osm.node(x, 0, barrier="gate")
    osm.box(0, 20, 20, 30, building="yes", name="North Hall")
    osm.box(30, 20, 50, 30, building="yes", name="North Mall")
    osm.box(15, 25, 35, 35, building="yes", name="Annexe")
    out = tmp_path / "made.site.yaml"
    write_site(osm.read(), out)
    main(["site", "check", str(out)])
    printed = capsys.readouterr().out
    assert "landmarks.gate_4, landmarks.gate_5 and 2 more: the robot will ask" in printed
    assert "one character from 'North Hall'" in printed
    assert "overlaps landmarks.north_hall" in printed
    assert read_site(out).landmarks["annexe"].geometry.intersects(Point(0, 0).buffer(100))
