import time
from dataclasses import replace
from pathlib import Path

import pytest
from shapely.geometry import box

from nl_planner.site.check import Severity, check_site


def found(site) -> list[tuple[str, str, str]]:
    return [(str(one.severity), one.key, one.message) for one in check_site(site)]


def test_a_sound_site_has_no_findings(make_site):
    body = """\
landmarks:
  one:
    names: [一号楼, Building 1]
    kind: building
    polygon: [[10, 10], [20, 10], [20, 20], [10, 20]]
    entrances: {main: {at: [15, 10]}}
  two: {names: [二号楼, Building 2], kind: building, polygon: [[25, 10], [30, 10], [30, 15]]}
  road: {names: [东路], kind: road, line: [[0, 5], [40, 5]], width: 4}
objects:
  - {id: o, class: leaf, at: [1, 1]}
"""
    assert found(make_site(body)) == []


FINDINGS = Path(__file__).with_name("findings.txt").read_text("utf-8").split("\n---\n")[1:]


@pytest.mark.parametrize("body", FINDINGS)
def test_what_is_worth_mending_is_found(make_site, body):
    wanted = body.splitlines()[0].removeprefix("#! ")
    severity, key, message = wanted.split(" | ")
    findings = found(make_site(body))
    assert [one[:2] for one in findings] == [(severity, key)]
    assert message in findings[0][2]


def test_numbers_letters_and_directions_tell_names_apart(make_site):
    body = """\
landmarks:
  a: {names: [一号大楼, 东边车棚, Block A, Building 1], kind: area, point: [5, 5]}
  b: {names: [二号大楼, 西边车棚, Block B, Building 12], kind: area, point: [9, 5]}
"""
    assert found(make_site(body)) == []


def test_errors_come_first(make_site):
    body = """\
landmarks:
  w: {names: [墙], kind: wall, line: [[1, 5], [39, 5]]}
  far: {names: [远], kind: area, point: [90, 90]}
"""
    assert [one.severity for one in check_site(make_site(body))] == [
        Severity.ERROR,
        Severity.WARNING,
    ]


def test_an_object_in_a_wall_of_the_map(make_site):
    body = """\
objects:
  - {id: in_wall, class: leaf, at: [20, 15]}
  - {id: at_wall, class: leaf, at: [19.02, 15]}
"""
    wall = box(19, 10, 21, 30)
    site = make_site(body)
    site = replace(site, mapped=site.boundary.difference(wall))
    findings = found(site)
    assert [one[1] for one in findings] == ["objects.in_wall"]
    assert "in a wall of the map" in findings[0][2]


def test_an_entrance_off_the_edge_of_a_site_made_in_python(make_site):
    body = """\
landmarks:
  one:
    names: [一号楼]
    kind: building
    polygon: [[10, 10], [20, 10], [20, 20], [10, 20]]
    entrances: {main: {at: [15, 10]}}
"""
    site = make_site(body)
    one = site.landmarks["one"]
    off = replace(one.entrances["main"], at=(15, 8.5))
    moved = replace(site, landmarks={"one": replace(one, entrances={"main": off})})
    assert found(moved) == [
        (
            "error",
            "landmarks.one.entrances.main",
            "lies 1.50 m from the outline; move it onto the edge",
        )
    ]


def test_two_thousand_landmarks_are_checked_in_a_second_or_so(make_site):
    rows = ["landmarks:"]
    for i in range(2000):
        x, y = i % 50 * 8 / 10, i // 50 * 7 / 10
        rows.append(
            f"  b_{i}: {{names: [第{i}号楼], kind: building, "
            f"polygon: [[{x}, {y}], [{x + 0.1}, {y}], [{x + 0.1}, {y + 0.1}]]}}"
        )
    site = make_site("\n".join(rows))
    begin = time.process_time()
    check_site(site)
    assert time.process_time() - begin < 5
