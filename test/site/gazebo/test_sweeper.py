import itertools
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from nl_planner.site.gazebo.sdf import box, cylinder, sphere, written
from nl_planner.site.gazebo.sweeper import build_of, sweeper_model

FOOTPRINT = ((0.5, 0.3), (0.5, -0.3), (-0.4, -0.3), (-0.4, 0.3))


@pytest.fixture(params=["round", "small", "footprint"])
def robot(request, riverside):
    return {
        "round": riverside.robot,
        "small": replace(riverside.robot, radius=0.17),
        "footprint": replace(riverside.robot, radius=0.6, footprint=FOOTPRINT),
    }[request.param]


def lattice(inside, half, count=61):
    """Points evenly spread in a body, by a test of points in the box of these half sides."""
    steps = (np.arange(count) + 0.5) / count * 2 - 1
    points = np.array(list(itertools.product(steps, steps, steps))) * half
    return points[inside(points)]


@pytest.mark.parametrize(
    ("body", "half", "inside"),
    [
        (box(0.4, 0.6, 0.2), (0.2, 0.3, 0.1), lambda p: np.ones(len(p), bool)),
        (cylinder(0.3, 0.5), (0.3, 0.3, 0.25), lambda p: np.hypot(p[:, 0], p[:, 1]) < 0.3),
        (sphere(0.2), (0.2, 0.2, 0.2), lambda p: np.linalg.norm(p, axis=1) < 0.2),
    ],
)
def test_inertia_is_that_of_a_body_of_points(body, half, inside):
    x, y, z = lattice(inside, half).T
    measured = [np.mean(a * a + b * b) for a, b in ((y, z), (x, z), (x, y))]
    assert [body.xx, body.yy, body.zz] == pytest.approx(measured, rel=0.02)


def test_it_stands_on_its_wheels_and_is_of_the_robots_size(robot, read_sdf, tmp_path):
    path = tmp_path / "s.sdf"
    root = ET.Element("sdf", version="1.9")
    root.append(sweeper_model(robot))
    ET.ElementTree(root).write(path)
    read = read_sdf(path)
    assert all(link[4] == 1 for link in read.links.values())  # masses and moments that can be
    touch = {
        s.name + (s.link if s.name == "tyre" else ""): s
        for s in read.shapes
        if s.kind == "collision"
    }
    lowest = {name: lowest_point(shape) for name, shape in touch.items()}
    assert lowest["tyreleft_wheel"] == lowest["tyreright_wheel"] == pytest.approx(0, abs=1e-9)
    assert 0 < lowest["front_caster"] == lowest["rear_caster"] < 0.005
    assert lowest["body"] > 0.005
    size = (
        shapely.Point(0, 0).buffer(robot.radius) if robot.footprint is None else Polygon(FOOTPRINT)
    )
    assert shapely.symmetric_difference(touch["body"].ground, size).area < 0.01 * size.area
    for shape in touch.values():  # nothing sticks out that the planner does not reckon with
        middle = shapely.Point(shape.at[:2])
        assert size.contains(middle)
    brush = next(s for s in read.shapes if s.name == "brush")
    assert float(brush.numbers[1]) == robot.tool_width


def lowest_point(shape):
    numbers = [float(number) for number in shape.numbers if number != "ring"]
    below = {
        "sphere": numbers[0],
        "cylinder": numbers[0] if shape.name == "tyre" else numbers[-1] / 2,
        "polyline": 0.0,
    }[shape.geometry]
    return shape.at[2] - below


def test_the_drive_knows_the_wheels(robot):
    model = sweeper_model(robot)
    drive = model.find("plugin[@name='gz::sim::systems::DiffDrive']")
    poses = {
        link.get("name"): [float(n) for n in link.findtext("pose").split()]
        for link in model.findall("link")
        if link.find("pose") is not None
    }
    apart = poses["left_wheel"][1] - poses["right_wheel"][1]
    assert float(drive.findtext("wheel_separation")) == pytest.approx(apart)
    assert float(drive.findtext("wheel_radius")) == pytest.approx(poses["left_wheel"][2])
    assert float(drive.findtext("max_linear_velocity")) == robot.max_speed
    assert drive.findtext("frame_id") == "odom"
    assert drive.findtext("child_frame_id") == "base_link"
    joints = {joint.get("name") for joint in model.findall("joint")}
    assert {drive.findtext("left_joint"), drive.findtext("right_joint")} == joints


def test_the_scan_goes_over_the_body_and_under_a_fence(robot):
    build = build_of(robot)
    assert build.top < build.scanner < 1.0


@pytest.mark.parametrize(
    ("value", "text"),
    [(10.0, "10"), (0.35, "0.35"), (-0.0, "0"), (1e-9, "0"), (True, "true"), ((1.5, 0), "1.5 0")],
)
def test_numbers_as_sdf_writes_them(value, text):
    assert written(value) == text
