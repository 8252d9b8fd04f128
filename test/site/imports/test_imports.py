import json
import math
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import Point

from nl_planner.cli import main
from nl_planner.errors import ImportFileError
from nl_planner.site import read_site
from nl_planner.site.check import check_site
from nl_planner.site.imports import read_draft
from nl_planner.site.imports.draft import new_id
from nl_planner.site.imports.projection import LocalPlane
from nl_planner.site.imports.write import write_site

HERE = Path(__file__).parent
MAPS = HERE.parents[2] / "maps"


@pytest.fixture
def imported(tmp_path):
    def run(path, level=None):
        return write_site(read_draft(Path(path), level), tmp_path / "made.site.yaml")

    return run


def test_osm_becomes_a_site_that_people_can_speak_of(imported):
    site = imported(HERE / "hillside.osm")
    assert site.name == ("山脚花园", "Hillside Garden")
    assert list(site.landmarks) == ["west_gate", "zhong_lu", "building_1", "hill_wind_coffee"]
    house = site.landmarks["building_1"]
    assert house.names == ("一号楼", "Building 1", "1栋", "东风楼")
    assert house.tags == {"building": "apartments", "addr:street": "山脚路"}
    assert house.entrances["main_entrance"].facing == pytest.approx(-math.pi / 2, abs=0.01)
    assert house.entrances["unit_2"].names == ("2单元", "unit 2")
    assert house.geometry.bounds[2] - house.geometry.bounds[0] == pytest.approx(19.1, abs=0.1)
    assert site.landmarks["zhong_lu"].width == 3.5
    assert site.landmarks["hill_wind_coffee"].tags["cuisine"] == "coffee_shop"
    assert site.keepouts["jing_hu"].names == ("镜湖",)
    assert site.keepouts["building"].names == ()
    assert not [one for one in check_site(site) if one.severity == "error"]
    gate = site.landmarks["west_gate"].geometry
    assert not any(k.polygon.intersects(gate) for k in site.keepouts.values())
    text = site.source.read_text("utf-8")
    assert "ODbL" in text
    assert "latitude 31." in text


def test_osm_as_geojson_gives_the_same_site_as_xml(imported, tmp_path):
    from shapely.geometry import mapping

    from nl_planner.site.imports.osm_xml import read_osm_xml

    features = [
        {
            "type": "Feature",
            "id": element.id,
            "properties": dict(element.tags),
            "geometry": mapping(element.geometry),
        }
        for element in read_osm_xml(HERE / "hillside.osm")
    ]
    path = tmp_path / "hillside.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    again, first = read_draft(path), read_draft(HERE / "hillside.osm")
    assert (again.landmarks, again.keepouts) == (first.landmarks, first.keepouts)
    assert again.boundary == first.boundary


def test_what_is_drawn_in_qgis_is_read(imported):
    site = imported(HERE / "yard.geojson")
    assert site.boundary.bounds == (0, 0, 60, 40)
    canteen = site.landmarks["canteen"]
    assert canteen.names == ("食堂", "Canteen")
    assert canteen.front == pytest.approx(math.radians(270))
    assert canteen.tags == {"amenity": "canteen"}
    assert canteen.entrances["back_door"].names == ("后门", "back door")
    assert list(site.keepouts) == ["keepout"]
    assert "EPSG::32651" in site.source.read_text("utf-8")


def test_rmf_walls_and_doors_make_rooms_and_vertices_name_them(imported):
    site = imported(HERE / "office.building.yaml")
    assert list(site.landmarks) == ["pantry", "room_1", "desk_1", "desk_2"]
    pantry = site.landmarks["pantry"]
    assert pantry.geometry.area == pytest.approx(25, abs=0.01)
    assert pantry.geometry.contains(Point(2.5, -2.5))
    assert pantry.entrances["pantry_door"].at == (5, -2.5)
    assert pantry.entrances["pantry_door"].facing == pytest.approx(0)
    assert len(site.drivable.geoms) == 1  # through the door
    assert not site.is_free(5, -1)


@pytest.mark.parametrize("name", ["riverside", "indoor"])
def test_site_to_geojson_to_site_loses_nothing(name, tmp_path):
    once, again = tmp_path / "once.geojson", tmp_path / "again.site.yaml"
    assert main(["site", "export", str(MAPS / f"{name}.site.yaml"), "--out", str(once)]) == 0
    assert main(["site", "import", str(once), "--out", str(again)]) == 0
    before, after = read_site(MAPS / f"{name}.site.yaml"), read_site(again)
    for key in ("name", "robot", "landmarks", "keepouts", "objects", "boundary", "reach"):
        assert getattr(after, key) == getattr(before, key), key
    assert list(after.landmarks) == list(before.landmarks)
    assert after.taxonomy.classes == before.taxonomy.classes
    assert after.mapped == before.mapped
    assert after.frame_id == before.frame_id


ODD = """\
nl_planner_site: 1
name: ["a: b", "# no", "yes", "12", 'quote " and \\ here', "é, [x]"]
robot: {footprint: [[0.4, 0.3], [-0.4, 0.3], [-0.4, -0.3]], tool_width: 0.5, actions: [mop]}
boundary: [[0, 0], [9.123456789012345, 0], [9, 9.1]]
landmarks:
  door: {names: ["1e5", "\\u0085x", "null"], kind: entrance,
         point: [1e-7, 2], front: -33.3, width: 1}
  wire: {names: [线], kind: object, enter: true,
         line: [[1, 1], [2, 1.5]], tags: {"k:1": "no", a: "1.0"}}
classes:
  cola_bottle: {names: [可乐], is: bottle}
  crumb: {names: [纸屑], is: litter}
objects:
  - {id: "a b", class: crumb, at: [1, 1], seen: 2026-11-23T08:00:00.5+08:00}
"""


def test_odd_names_and_kinds_survive_too(tmp_path):
    path = tmp_path / "odd.site.yaml"
    path.write_text(ODD, encoding="utf-8")
    test = tmp_path / "o.geojson", tmp_path / "again.site.yaml"
    assert main(["site", "export", str(path), "--out", str(test[0])]) == 0
    assert main(["site", "import", str(test[0]), "--out", str(test[1])]) == 0
    before, after = read_site(path), read_site(test[1])
    for key in ("name", "robot", "landmarks", "objects", "boundary"):
        assert getattr(after, key) == getattr(before, key), key
    assert after.taxonomy.classes == before.taxonomy.classes


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    out = tmp_path / "x.site.yaml"
    out.write_text("a person's work")
    assert main(["site", "import", str(HERE / "yard.geojson"), "--out", str(out)]) == 2
    assert out.read_text() == "a person's work"


def test_names_from_a_stranger_stay_names(tmp_path):
    text = (HERE / "yard.geojson").read_text("utf-8")
    evil = 'x\\"]\\nkeepouts: {}\\u2028# '
    path = tmp_path / "evil.geojson"
    path.write_text(text.replace('"食堂"', f'"{evil}"').replace('"fid": 4', f'"{evil}": 4'))
    site = write_site(read_draft(path), tmp_path / "evil.site.yaml")
    assert len(site.keepouts) == 1
    assert next(iter(site.landmarks.values())).names[0] == 'x"] keepouts: {} #'


BOMB = b'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaa">]><osm>&a;</osm>'
NODE = '<osm><node id="7" lat="%s" lon="5"><tag k="building" v="yes"/></node></osm>'
BAD = [
    ("a.osm", BOMB, "document type"),
    ("a.osm", b"<gpx></gpx>", "not <osm>"),
    ("a.osm", b"<osm><node", "a.osm:1: not XML"),
    ("a.osm", (NODE % "95").encode(), r"node/7 \(line 1\): lat='95'"),
    ("a.osm", (NODE % "nan").encode(), "node/7"),
    ("a.osm", b"<osm></osm>", "no element has a tag"),
    ("a.osm.pbf", b"\0\0\0\r\n\tOSMHeader", "osmium cat"),
    ("a.geojson", b"{", "a.geojson:1: not JSON"),
    ("a.geojson", b"[" * 200_000, "not GeoJSON|not JSON"),
    ("a.geojson", b"[]", "no FeatureCollection"),
    ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "has no feature"),
    ("a.yaml", b"a: 1\n", "no 'levels'"),
    ("a.yaml", b"levels: {A: {}, B: {}}\n", r"choose one: --level \(A, B\)"),
    ("a.yaml", b"levels: {A: {vertices: [[0, x]]}}\n", r"level A: vertices\[0\]"),
    ("a.yaml", b"levels: {A: {vertices: [[0, 0]], walls: [[0, 9]]}}\n", "no vertex 9"),
    ("a.yaml", b"levels: {A: {vertices: [[0, 0]]}}\n", "no measurement"),
]


@pytest.mark.parametrize(("name", "raw", "message"), BAD)
def test_a_bad_file_is_told_with_its_element(tmp_path, name, raw, message):
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(ImportFileError, match=message) as error:
        read_draft(path)
    assert str(path) in str(error.value)


FEATURES = [
    ({"name": "x"}, [[0, 0], [5, 0], [5, 5], [0, 0]], r"\(x\): has no kind"),
    ({"kind": "area"}, [[0, 0], [5, 0], [5, 5], [0, 0]], "has no name"),
    ({"kind": "area", "name": "x"}, [[0, 0], [5, 5], [5, 0], [0, 5], [0, 0]], "not sound"),
    ({"kind": "area", "name": "x", "front": "up"}, [[0, 0], [5, 0], [5, 5], [0, 0]], "front"),
    ({"kind": "area", "name": "x", "id": "A b"}, [[0, 0], [5, 0], [5, 5], [0, 0]], "a_b"),
    ({"kind": "area", "name": "x", "enter": "?"}, [[0, 0], [5, 0], [5, 5], [0, 0]], "true or"),
    ({"kind": "entrance", "of": "y"}, [[0, 0], [5, 0], [5, 5], [0, 0]], "should be a Point"),
    ({"kind": "area"}, None, "no geometry"),
    ({"kind": "area"}, "here", "cannot be read"),
]


@pytest.mark.parametrize(("properties", "ring", "message"), FEATURES)
def test_a_bad_feature_is_told_with_its_number(tmp_path, properties, ring, message):
    geometry = None if ring is None else {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    path = tmp_path / "f.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(ImportFileError, match=f"f.geojson: feature 1.*{message}"):
        read_draft(path)


def test_metres_of_the_plane_are_metres_of_the_ellipsoid():
    plane = LocalPlane(121.0, 31.0)
    made = plane.metres(np.array([[121.0, 31.0], [121.01, 31.0], [121.0, 31.01]]))
    # A degree is 95 506.1 m along the parallel and 110 861.1 m along the meridian at 31° (WGS84).
    assert made[0] == pytest.approx([0, 0], abs=1e-6)
    assert made[1, 0] == pytest.approx(955.06, abs=0.05)
    assert made[2, 1] == pytest.approx(1108.6, abs=0.1)


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("一号楼", "Building 1"), "building_1"),
        (("女儿墙",), "nv_er_qiang"),
        (("Café Zoë",), "cafe_zoe"),
        ((), "kind_2"),
        (("site",), "site_2"),
    ],
)
def test_ids_are_made_of_names(names, wanted):
    assert new_id(names, "kind", {"kind"}) == wanted
