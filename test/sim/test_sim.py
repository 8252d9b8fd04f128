"""The simulated robot without ROS: kinematics, following, obstacles, what gets clean."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from nl_planner.coverage import cover
from nl_planner.errors import NoSpaceError
from nl_planner.sim import End, SimulatedRobot
from nl_planner.sim.ground import Ground, Obstacle
from nl_planner.sim.pursuit import PathFollower
from nl_planner.sim.wheels import Limits, Wheels

ROAD = (70.0, 40.0, 0.0)
DT = 0.05


def drive(robot, most=3600.0):
    """Steps until the order ends: the end and the track (N, 2)."""
    track = [robot.pose[:2]]
    for _ in range(int(most / DT)):
        end = robot.step(DT)
        track.append(robot.pose[:2])
        if end is not None:
            return end, np.array(track)
    raise AssertionError(f"no end within {most} s")


def test_wheels_keep_to_their_limits_and_an_arc_closes():
    limits = Limits(speed=1.0, acceleration=0.5, braking=2.5)
    wheels = Wheels((0.0, 0.0, 0.0), limits)
    speeds = []
    for _ in range(60):
        wheels.turn(1.0, 0.0, DT)
        wheels.move(DT)
        speeds.append(wheels.speed)
    assert np.diff([0, *speeds]).max() <= 0.5 * DT + 1e-12
    assert speeds[-1] == 1.0
    circle = Wheels((0.0, 0.0, 0.0), limits)
    circle.speed, circle.turn_rate = 0.5, math.tau / 40
    for _ in range(800):
        circle.move(DT)
    assert circle.pose == pytest.approx((0, 0, 0), abs=1e-9)


def test_slip_parts_the_odometry_from_where_the_body_is():
    wheels = Wheels((1.0, 2.0, 0.0), Limits())
    wheels.speed = 0.5
    for _ in range(20):
        wheels.move(DT, slip=0.25)
    assert wheels.odometry[0] == pytest.approx(0.5)
    assert wheels.pose[0] == pytest.approx(1.0 + 0.375)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(0, 8), st.floats(0, 8)), min_size=2, max_size=8),
    st.sampled_from([0.02, 0.05]),
)
def test_any_polyline_is_followed_to_its_end_near_it(points, dt):
    xy = np.array(points)
    poses = np.column_stack((xy, np.full(len(xy), 1.0)))
    limits = Limits(speed=0.8)
    wheels = Wheels((*points[0], 0.0), limits)
    follower = PathFollower(poses, limits)
    line = shapely.linestrings(xy) if len(np.unique(xy, axis=0)) > 1 else shapely.points(xy[0])
    left = math.inf
    for _ in range(int(400 / dt)):
        wheels.turn(*follower.command(wheels.pose, wheels.speed), dt)
        wheels.move(dt)
        assert shapely.distance(line, shapely.points(wheels.pose[:2])) < 0.15
        assert follower.left <= left + 1e-9
        left = follower.left
        if follower.arrived:
            break
    assert math.dist(wheels.pose[:2], points[-1]) < 0.1
    assert abs(wheels.pose[2] - 1.0) < 0.1


def test_a_coverage_path_is_driven_as_planned(riverside):
    machine = riverside.robot
    region = shapely.box(66, 37, 78, 43)
    path = cover(
        region,
        riverside.free_space,
        radius=machine.radius,
        tool_width=machine.tool_width,
        max_speed=machine.max_speed,
    )
    robot = SimulatedRobot(riverside, tuple(path.poses[0]))
    assert robot.follow(path.poses) is None
    end, track = drive(robot)
    assert end is End.ARRIVED
    line = shapely.linestrings(path.poses[:, :2])
    away = shapely.distance(line, shapely.points(track))
    assert 0.001 < away.max() < 0.12, "near the path, but with an error as real machines have"
    assert robot.cleaned.share(region) > 0.98 * path.coverage
    assert (len(track) - 1) * DT == pytest.approx(path.duration, rel=0.15)


def test_it_goes_to_a_pose_with_the_tool_off_and_takes_things_on_a_path(riverside):
    leaf = next(thing for thing in riverside.objects if thing.id == "leaf_1")
    x, y = leaf.at
    robot = SimulatedRobot(riverside, (x, y - 3, 0.0))
    assert leaf in robot.seen()
    assert robot.go_to((x, y + 2, 1.0)) is None
    assert drive(robot)[0] is End.ARRIVED
    assert robot.pose == pytest.approx((x, y + 2, 1.0), abs=0.06)
    assert robot.cleaned.area == 0
    assert leaf in robot.things
    robot.follow(np.array([[x, y + 2, 0], [x, y - 1, -1.57]]))
    assert drive(robot)[0] is End.ARRIVED
    assert leaf not in robot.things
    assert robot.cleaned.area == pytest.approx(3 * 0.6 + math.pi * 0.3**2, rel=0.05)


def test_what_is_in_the_way_stops_it_without_a_touch(riverside):
    robot = SimulatedRobot(riverside, ROAD)
    robot.ground.obstacles = [Obstacle(75.0, 40.0, 0.4)]
    robot.follow(np.array([[70, 40, 0], [80, 40, 0]], float))
    end, track = drive(robot)
    assert end is End.BLOCKED
    assert 75 - 0.4 - 0.35 - 0.3 < track[-1, 0] < 75 - 0.4 - 0.35 + 0.1
    assert robot.wheels.stands


def test_on_the_way_to_a_pose_it_goes_round_or_gives_up(riverside):
    robot = SimulatedRobot(riverside, ROAD)
    assert robot.go_to((80.0, 40.0, 0.0)) is None
    for _ in range(40):
        robot.step(DT)
    robot.ground.obstacles = [Obstacle(75.0, 40.0, 0.8)]
    end, track = drive(robot)
    assert end is End.ARRIVED
    assert robot.detours == 1
    assert np.hypot(*(track - (75, 40)).T).min() > 0.8 + 0.35 - 0.1
    robot.ground.obstacles = [Obstacle(75.0, y, 0.8) for y in np.arange(30, 50)]
    assert robot.go_to((75.0, 40.0, 0.0)) is End.NO_WAY


def test_wheels_that_spin_are_noticed(riverside):
    robot = SimulatedRobot(riverside, ROAD)
    robot.slip = 1.0
    robot.follow(np.array([[70, 40, 0], [80, 40, 0]], float))
    assert drive(robot, 60)[0] is End.STUCK


def test_a_path_that_is_elsewhere_does_not_begin(riverside):
    robot = SimulatedRobot(riverside, ROAD)
    assert robot.follow(np.array([[90, 40, 0], [95, 40, 0]], float)) is End.FAR_AWAY
    assert robot.step(DT) is None
    assert robot.pose == ROAD


def test_halting_brakes_within_its_limits(riverside):
    robot = SimulatedRobot(riverside, ROAD)
    robot.follow(np.array([[70, 40, 0], [80, 40, 0]], float))
    for _ in range(60):
        robot.step(DT)
    assert robot.wheels.speed == pytest.approx(0.8)
    robot.halt()
    steps = 0
    while not robot.wheels.stands:
        robot.step(DT)
        steps += 1
    assert steps * DT <= 0.5


def test_the_map_is_that_of_the_site(riverside):
    grid = Ground(riverside).map()
    free = grid.free_space.intersection(riverside.free_space).area
    assert free / riverside.free_space.area > 0.98
    assert grid.free_space.difference(riverside.free_space.buffer(0.1)).area < 1e-6


def test_no_way_is_said_with_both_places(riverside):
    inside = riverside.landmarks["building_1"].geometry.centroid
    with pytest.raises(NoSpaceError, match=r"no way from \(70\.00, 40\.00\) to"):
        Ground(riverside).way(ROAD[:2], (inside.x, inside.y))


@pytest.mark.parametrize("radius", [0.05, 0.3])
def test_a_spiral_is_driven_lap_by_lap(riverside, radius):
    at, machine = (75.0, 40.0), riverside.robot
    path = cover(
        shapely.Point(at).buffer(0.7),
        riverside.free_space,
        radius=machine.radius,
        tool_width=machine.tool_width,
        spots=[(*at, radius)],
        max_speed=machine.max_speed,
    )
    robot = SimulatedRobot(riverside, tuple(path.poses[0]))
    robot.follow(path.poses)
    end, track = drive(robot, 120)
    assert end is End.ARRIVED
    driven = np.hypot(*np.diff(track, axis=0).T).sum()
    assert driven == pytest.approx(path.length, rel=0.05)
    planned = shapely.linestrings(path.poses[:, :2])
    assert shapely.linestrings(track).hausdorff_distance(planned) < 0.1
