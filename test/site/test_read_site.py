import contextlib
import math
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nl_planner.errors import SiteFileError
from nl_planner.site import read_site
from nl_planner.site.schema import SiteForm
from nl_planner.task import Action

FULL = """\
reach: {near: 2, in_front_of: 4}
landmarks:
  house:
    names: [一号楼, "1号楼", Building 1]
    kind: building
    polygon: [[10, 10], [10, 20], [20, 20], [20, 10], [10, 10]]
    front: 270
    entrances:
      main: {at: [15, 10], names: [正门]}
      back: {at: [15, 20.3]}
      east: {at: [19.8, 15]}
    tags: {amenity: cafe, levels: 6, oneway: yes}
  yard: {names: [院子], kind: area, polygon: [[25, 5], [35, 5], [35, 15]]}
  lane: {names: [小路], kind: road, line: [[0, 2], [40, 2]], width: 3}
  wall: {names: [墙], kind: wall, line: [[0, 28], [40, 28]]}
  pole: {names: [杆], kind: fixture, point: [5, 5], front: -90}
  arch: {names: [拱门], kind: gate, enter: true, polygon: [[0, 20], [2, 20], [2, 24]]}
keepouts:
  pond: {names: [池塘], polygon: [[30, 20], [35, 20], [35, 25]]}
  hole: {polygon: [[5, 20], [6, 20], [6, 21]]}
objects:
  - {id: b1, class: cola_bottle, at: [3, 3], confidence: 0.5, seen: 2026-11-23T08:00:00Z}
  - {id: b2, class: gadget, at: [4, 4]}
classes:
  gadget: {names: [小玩意], is: litter}
"""


def test_every_key_of_the_contract_is_read(make_site):
    site = make_site(FULL)
    house = site.landmarks["house"]
    assert site.name == ("测试", "test")
    assert site.frame_id == "map"
    assert site.robot.radius == 0.5
    assert site.robot.actions == (Action.SWEEP,)
    assert site.reach == {"near": 2.0, "in_front_of": 4.0}
    assert house.names == ("一号楼", "1号楼", "Building 1")
    assert house.front == pytest.approx(math.radians(270))
    assert house.tags == {"amenity": "cafe", "levels": "6", "oneway": "yes"}
    assert house.geometry.area == pytest.approx(100)
    assert site.landmarks["lane"].width == 3
    assert site.keepouts["pond"].names == ("池塘",)
    assert site.keepouts["hole"].name("zh") == "hole"
    assert site.objects[0].seen == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert site.objects[1].class_id == "gadget"
    assert site.taxonomy.is_a("gadget", "litter")


def test_enter_follows_the_kind_unless_said(make_site):
    landmarks = make_site(FULL).landmarks
    assert {name for name, one in landmarks.items() if one.enter} == {"yard", "lane", "arch"}


def test_an_entrance_faces_out_of_the_edge_it_lies_on(make_site):
    entrances = make_site(FULL).landmarks["house"].entrances
    assert entrances["main"].facing == pytest.approx(-math.pi / 2)
    assert entrances["back"].facing == pytest.approx(math.pi / 2)
    assert entrances["east"].facing == pytest.approx(0)


def test_a_footprint_gives_the_radius_that_holds_it(make_site):
    head = """\
nl_planner_site: 1
name: [t]
robot:
  footprint: [[0.4, 0.3], [-0.4, 0.3], [-0.4, -0.3], [0.4, -0.3]]
  tool_width: 1
  actions: [mop, go_to, mop]
boundary: [[0, 0], [9, 0], [9, 9]]
"""
    robot = make_site(head=head).robot
    assert robot.radius == pytest.approx(0.5)
    assert len(robot.footprint) == 4
    assert robot.actions == (Action.MOP,)


def test_how_the_machine_turns_and_where_its_tool_is(make_site):
    head = """\
nl_planner_site: 1
name: [t]
robot: {radius: 0.4, tool_width: 1, actions: [mop], ROBOT}
boundary: [[0, 0], [9, 0], [9, 9]]
"""
    given = "turning_radius: 0.5, tool_offset: [0.1, 0], overlap: 0.1"
    robot = make_site(head=head.replace("ROBOT", given)).robot
    assert (robot.turning_radius, robot.tool_offset, robot.overlap) == (0.5, (0.1, 0.0), 0.1)
    plain = make_site(head=head.replace(", ROBOT", "")).robot
    assert (plain.turning_radius, plain.tool_offset, plain.overlap) == (0.0, (0.0, 0.0), 0.0)


def test_empty_sections_and_a_byte_order_mark_are_fine(write_site):
    path = write_site("landmarks:\nkeepouts:\nobjects:\nclasses:\n")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_site(path).landmarks == {}


MISTAKES = Path(__file__).with_name("mistakes.txt").read_text("utf-8").split("\n---\n")[1:]


@pytest.mark.parametrize("body", MISTAKES)
def test_a_mistake_is_told_with_file_line_key_and_mend(write_site, body):
    path = write_site(body, head="") if body.startswith("nl_planner_site") else write_site(body)
    with pytest.raises(SiteFileError) as error:
        read_site(path)
    told = str(error.value).splitlines()
    wanted = [
        (line, *comment.split(" | "))
        for line, text in enumerate(path.read_text("utf-8").splitlines(), 1)
        for comment in text.split("#! ")[1:]
    ]
    for line, key, what, mend in wanted:
        found = [one for one in told if one.startswith(f"{path}:{line}: {key}: ")]
        assert len(found) == 1, error.value
        assert what in found[0]
        assert mend.strip() in found[0]
    assert len(told) == len(wanted)


def test_all_mistakes_come_at_once_in_the_order_of_lines(write_site):
    bodies = [
        "landmarks:",
        "  a: {names: [101, no], kind: k, point: [1, x], front: 999, colour: red}",
        "  b: {kind: k, polygon: [[0, 0], [4, 0], [4, 4]], entrances: {d: {at: [9, 9]}}}",
        "  c: {names: [c], kind: k, polygon: [[0, x], [4, y], [4, 4]]}",
        "reach: {neer: 1, near: -1}",
        "objects:",
        "  - {id: o, class: nothing_like_it, at: [1, 1], radius: -1}",
    ]
    path = write_site("\n".join(bodies))
    with pytest.raises(SiteFileError) as error:
        read_site(path)
    lines = [int(told.split(":")[1]) for told in str(error.value).splitlines()]
    assert lines == sorted(lines)
    assert lines == [6] * 5 + [7] * 2 + [8] * 2 + [9] * 2 + [11] * 2


SOUND = (Path(__file__).parents[2] / "maps" / "riverside.site.yaml").read_text("utf-8")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.integers(0, len(SOUND)),
    st.integers(0, 40),
    st.sampled_from(
        ["", " ", "\n", "\t", "[", "}", ":", "- ", "'", "#", "~", "1e999", "*a", "!b", "\0"]
    ),
)
def test_a_damaged_file_is_read_or_refused_never_more(write_site, at, length, instead):
    path = write_site(head=SOUND[:at] + instead + SOUND[at + length :])
    with contextlib.suppress(SiteFileError):
        read_site(path)


def test_the_mistakes_of_a_map_are_told_with_its_own_lines(write_site, tmp_path):
    (tmp_path / "m.yaml").write_text(
        "image: no.pgm\nresolution: 0.1\norigin: [0, 0, 0]\n"
        "negate: 0\noccupied_thresh: 0.65\nfree_thresh: 0.2\n"
    )
    path = write_site("occupancy: m.yaml\nfront: 3")
    with pytest.raises(SiteFileError) as error:
        read_site(path)
    first, second = str(error.value).splitlines()
    assert first.startswith(f"{path}:6: front: unknown key")
    assert second.startswith(f"{tmp_path / 'm.yaml'}:1: image: there is no file")


def test_a_site_of_ten_thousand_landmarks_is_read_in_seconds(write_site):
    rows = ["landmarks:"]
    for i in range(10_000):
        x, y = i % 100 * 0.3, i // 100 * 0.2
        rows.append(
            f"  b_{i}: {{names: [第{i}号楼, Building {i}], kind: building, "
            f"polygon: [[{x}, {y}], [{x + 0.2}, {y}], [{x + 0.2}, {y + 0.1}], [{x}, {y + 0.1}]], "
            f"entrances: {{main: {{at: [{x + 0.1}, {y}]}}}}}}"
        )
    path = write_site("\n".join(rows))
    begin = time.process_time()
    assert len(read_site(path).landmarks) == 10_000
    assert time.process_time() - begin < 6  # 2 s on an idle machine


def test_the_form_has_the_keys_of_the_contract():
    assert list(SiteForm.model_fields) == [
        "nl_planner_site", "name", "frame_id", "robot", "occupancy", "boundary", "reach",
        "landmarks", "keepouts", "objects", "classes",
    ]  # fmt: skip


def test_what_is_missing_altogether_is_told_at_the_first_line(write_site):
    path = write_site(head="name: [t]\n")
    with pytest.raises(SiteFileError) as error:
        read_site(path)
    assert str(error.value).splitlines() == [
        f"{path}:1: nl_planner_site: is missing; add it",
        f"{path}:1: robot: is missing; add it",
        f"{path}:1: nothing says where the robot may drive; give a boundary or an occupancy",
    ]
