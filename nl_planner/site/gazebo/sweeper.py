"""A differential-drive sweeper of the size of the site's robot, with lidar and inertial unit.

base_link lies on the ground between the wheels (REP-105); x is forward. Gazebo publishes the wheel
odometry and its transform odom → base_link, the joints, the scan and the inertial data; it takes
velocities on ``cmd_vel``.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import shapely
from shapely.geometry import LineString, Polygon

from nl_planner.site.gazebo.sdf import (
    Body,
    Colour,
    box,
    child,
    collision,
    cylinder,
    extruded,
    inertial,
    plugin,
    sphere,
    visual,
)
from nl_planner.site.model import Robot

NAME = "sweeper"
DENSITY = 250.0  # kg/m³ of the body: 34 kg for a radius of 0.35 m
WHEEL_SHARE = 0.04  # of the body's mass, each wheel
ACCELERATION = 1.0  # m/s²
TURN_RATE = 1.5  # rad/s
TURN_ACCELERATION = 3.0  # rad/s²
CASTER_LIFT = 0.001  # m over the ground, so that the wheels carry
SCAN_RANGE = (0.12, 30.0)  # m
SCAN_RAYS = 720

SHELL: Colour = (0.20, 0.45, 0.70, 1.0)
RUBBER: Colour = (0.10, 0.10, 0.10, 1.0)
BRUSH: Colour = (0.95, 0.60, 0.10, 1.0)


@dataclass(frozen=True)
class Build:
    """The measures of the sweeper (m, kg).

    ``outline`` is the footprint around base_link; ``length`` and ``width`` are its extent along x
    and y, ``centre`` the middle of that. ``reach`` is how far the casters are from base_link.
    """

    outline: Polygon
    round: bool
    height: float
    clearance: float
    wheel_radius: float
    wheel_width: float
    track: float
    reach: tuple[float, float]
    mass: float

    @property
    def top(self) -> float:
        """Height of the body's upper side over the ground."""
        return self.clearance + self.height

    @property
    def scanner(self) -> float:
        """Height of the lidar over the ground."""
        return self.top + 0.03


def build_of(robot: Robot) -> Build:
    """A body that fits the robot's radius or footprint."""
    outline = (
        shapely.Point(0, 0).buffer(robot.radius)
        if robot.footprint is None
        else Polygon(robot.footprint)
    )
    right, left = _extent(outline, along_x=False)
    back, front = _extent(outline, along_x=True)
    half = min(-right, left)
    wheel_radius = min(0.15, max(0.02, 0.25 * half))
    height = min(0.6, max(0.08, half))
    return Build(
        outline=outline,
        round=robot.footprint is None,
        height=height,
        clearance=0.4 * wheel_radius,
        wheel_radius=wheel_radius,
        wheel_width=0.4 * wheel_radius,
        track=1.3 * half,
        reach=(0.75 * back, 0.75 * front),
        mass=DENSITY * outline.area * height,
    )


def _extent(outline: Polygon, *, along_x: bool) -> tuple[float, float]:
    """Least and greatest coordinate of the outline on an axis of base_link."""
    far = 2 * max(map(abs, outline.bounds))
    axis = [(-far, 0), (far, 0)] if along_x else [(0, -far), (0, far)]
    on_axis = shapely.intersection(outline, LineString(axis))
    west, south, east, north = on_axis.bounds
    return (west, east) if along_x else (south, north)


def sweeper_model(robot: Robot) -> ET.Element:
    """The SDF model of the machine."""
    build = build_of(robot)
    model = ET.Element("model", name=NAME, canonical_link="base_link")
    _base(model, build, robot.tool_width)
    for side, sign in (("left", 1), ("right", -1)):
        _wheel(model, build, side, sign * build.track / 2)
    plugin(
        model,
        "diff-drive",
        "DiffDrive",
        left_joint="left_wheel_joint",
        right_joint="right_wheel_joint",
        wheel_separation=build.track,
        wheel_radius=build.wheel_radius,
        odom_publish_frequency=50,
        topic="cmd_vel",
        odom_topic="odom",
        tf_topic="tf",
        frame_id="odom",
        child_frame_id="base_link",
        max_linear_velocity=robot.max_speed,
        min_linear_velocity=-robot.max_speed,
        max_angular_velocity=TURN_RATE,
        min_angular_velocity=-TURN_RATE,
        max_linear_acceleration=ACCELERATION,
        min_linear_acceleration=-ACCELERATION,
        max_angular_acceleration=TURN_ACCELERATION,
        min_angular_acceleration=-TURN_ACCELERATION,
    )
    plugin(
        model,
        "joint-state-publisher",
        "JointStatePublisher",
        topic="joint_states",
        joint_name=["left_wheel_joint", "right_wheel_joint"],
    )
    return model


def _base(model: ET.Element, build: Build, tool_width: float) -> None:
    link = child(model, "link", name="base_link")
    west, south, east, north = build.outline.bounds
    middle = ((west + east) / 2, (south + north) / 2, build.clearance + build.height / 2)
    body: Body = (
        cylinder((east - west) / 2, build.height)
        if build.round
        else box(east - west, north - south, build.height)
    )
    inertial(link, build.mass, body, middle)
    if build.round:
        shape, pose = body.geometry, (*middle, 0.0, 0.0, 0.0)
    else:
        shape, pose = extruded(build.outline, build.height), (0.0, 0.0, build.clearance, 0, 0, 0)
    collision(link, "body", shape, pose)
    visual(link, "body", shape, SHELL, pose)
    brush = (0.0, 0.0, build.clearance / 2, 0.0, 0.0, 0.0)
    visual(
        link, "brush", box(build.wheel_radius, tool_width, build.clearance).geometry, BRUSH, brush
    )
    for name, x in zip(("rear_caster", "front_caster"), build.reach, strict=True):
        ball = sphere(build.wheel_radius / 2).geometry
        place = (x, 0.0, build.wheel_radius / 2 + CASTER_LIFT, 0.0, 0.0, 0.0)
        _friction(collision(link, name, ball, place), 0.0)
        visual(link, name, ball, RUBBER, place)
    at = (0.0, 0.0, build.scanner, 0.0, 0.0, 0.0)
    visual(link, "lidar", cylinder(0.04, 0.06).geometry, RUBBER, at)
    _lidar(link, at)
    imu = child(link, "sensor", name="imu", type="imu")
    child(imu, "pose", (0.0, 0.0, build.clearance, 0.0, 0.0, 0.0))
    child(imu, "update_rate", 100)
    child(imu, "topic", "imu")
    child(imu, "always_on", True)


def _lidar(link: ET.Element, at: tuple[float, ...]) -> None:
    sensor = child(link, "sensor", name="lidar", type="gpu_lidar")
    child(sensor, "pose", at)
    child(sensor, "update_rate", 10)
    child(sensor, "topic", "scan")
    child(sensor, "always_on", True)
    lidar = child(sensor, "lidar")
    horizontal = child(child(lidar, "scan"), "horizontal")
    child(horizontal, "samples", SCAN_RAYS)
    child(horizontal, "resolution", 1)
    child(horizontal, "min_angle", -math.pi)
    child(horizontal, "max_angle", math.pi - 2 * math.pi / SCAN_RAYS)
    distance = child(lidar, "range")
    child(distance, "min", SCAN_RANGE[0])
    child(distance, "max", SCAN_RANGE[1])
    child(distance, "resolution", 0.01)
    noise = child(lidar, "noise")
    child(noise, "type", "gaussian")
    child(noise, "mean", 0.0)
    child(noise, "stddev", 0.01)


def _wheel(model: ET.Element, build: Build, side: str, y: float) -> None:
    link = child(model, "link", name=f"{side}_wheel")
    child(link, "pose", (0.0, y, build.wheel_radius, -math.pi / 2, 0.0, 0.0))
    body = cylinder(build.wheel_radius, build.wheel_width)
    inertial(link, WHEEL_SHARE * build.mass, body)
    _friction(collision(link, "tyre", body.geometry), 1.0)
    visual(link, "tyre", body.geometry, RUBBER)
    joint = child(model, "joint", name=f"{side}_wheel_joint", type="revolute")
    child(joint, "parent", "base_link")
    child(joint, "child", f"{side}_wheel")
    axis = child(joint, "axis")
    child(axis, "xyz", (0, 1, 0), expressed_in="__model__")


def _friction(element: ET.Element, mu: float) -> None:
    ode = child(child(child(element, "surface"), "friction"), "ode")
    child(ode, "mu", mu)
    child(ode, "mu2", mu)
