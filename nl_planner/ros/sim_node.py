"""Node `nl_planner_sim`: a simulated robot, a stand-in for machines without Nav2 or Gazebo.

    ros2 run nl_planner nl_planner_sim --ros-args -p site:=maps/riverside.site.yaml

On a robot Nav2, the localisation and the motors do all of this. It offers:

- actions `navigate_to_pose`, `follow_path` (nav2_msgs), as Nav2 answers them;
- `map` (nav_msgs/OccupancyGrid, latched), TF `map` → `odom` → `base_link`, `odom`
  (nav_msgs/Odometry); a TF message holds a pose for every 0.05 s of the robot's time;
- `/clock` with `use_sim_time`, in which time runs `speed_factor` times as fast;
- `nl_planner/detections` (vision_msgs/Detection3DArray, in the frame of the map): the litter in
  sight, as a camera's detector would report it. Litter is gone once the tool went over it;
- `cleaned` (nav_msgs/OccupancyGrid, latched): 100 where the tool was;
- hears `initialpose` (geometry_msgs/PoseWithCovarianceStamped): puts the robot there.

Parameters, most of which may be set at any time, are in `sim_parameters`: `obstacles` stand in the
way, `slip` makes the wheels spin, `follow_path_fault` and `navigate_to_pose_fault` break a server,
`publish_tf` stops the localisation.
"""

from __future__ import annotations

import math
import signal
import sys
import time
from array import array
from typing import Any

import rclpy
from geometry_msgs.msg import PoseWithCovarianceStamped, TransformStamped
from nav_msgs.msg import OccupancyGrid, Odometry
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.signals import SignalHandlerOptions
from rosgraph_msgs.msg import Clock as ClockMessage
from tf2_msgs.msg import TFMessage
from vision_msgs.msg import Detection3DArray

from nl_planner.errors import BadInputError, NlPlannerError
from nl_planner.ros.conversions import (
    detections_to_ros,
    map_to_ros,
    seconds_to_ros,
    yaw_from_ros,
    yaw_to_ros,
)
from nl_planner.ros.sim_navigation import SimulatedNavigation
from nl_planner.ros.sim_parameters import PARAMETERS, declare, obstacles, wrong
from nl_planner.sim import SimulatedRobot
from nl_planner.sim.wheels import Pose
from nl_planner.site import Detection, Site, read_site

TICK = 0.02  # s of the wall clock
STEP = 0.05  # s of the robot's time, whatever its speed: the period of Nav2's controller
LATEST = 0.1  # s of the wall clock that a late tick makes up for
REPORT = 0.1  # s of the wall clock between feedbacks, and between detections
SHOW = 1.0  # s of the wall clock between maps of what is clean
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
SURE = (0.9, 0.03)
"""Confidence, and standard deviation (m) of the place, of what the camera reports."""


class SimNode(Node):
    """The simulated robot on the air.

    Raises NlPlannerError for a site or a parameter that cannot be used.
    """

    def __init__(self) -> None:
        super().__init__("nl_planner_sim")
        declare(self)
        self._sim_time = bool(self._value("use_sim_time"))
        mine = [self.get_parameter(name) for name, *_ in PARAMETERS]
        refused = self._allow(mine)
        if not refused.successful:
            raise BadInputError(refused.reason)
        site = read_site(self._value("site"))
        pose = tuple(self._value("pose")) or _anywhere(site)
        self._frame = site.frame_id
        self._robot = SimulatedRobot(site, pose)
        self._time = time.time()
        self._wall = time.monotonic()
        self._owed = 0.0  # s of the robot's time that have passed and were not driven yet
        self._map = self.create_publisher(OccupancyGrid, "map", LATCHED)
        self._cleaned = self.create_publisher(OccupancyGrid, "cleaned", LATCHED)
        self._odom = self.create_publisher(Odometry, "odom", 10)
        self._tf = self.create_publisher(TFMessage, "/tf", 100)
        self._detections = self.create_publisher(Detection3DArray, "nl_planner/detections", 10)
        self._clock_time = self.create_publisher(ClockMessage, "/clock", 10)
        self._map.publish(map_to_ros(self._robot.ground.map(), self._frame))
        self._navigation = SimulatedNavigation(self, self._robot, self._frame, lambda: self._time)
        self._apply(mine)
        self.add_on_set_parameters_callback(self._allow)
        self.add_post_set_parameters_callback(self._apply)
        self.create_subscription(PoseWithCovarianceStamped, "initialpose", self._place, 1)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(TICK, self._tick, clock=steady)
        self.create_timer(REPORT, self._report, clock=steady)
        self.create_timer(SHOW, self._show, clock=steady)
        self.get_logger().info(f"a simulated robot on {site.name[0]}, at {self._robot.pose}")

    def _value(self, name: str) -> Any:
        return self.get_parameter(name).value

    def _allow(self, parameters: list[Parameter]) -> SetParametersResult:
        reasons = [wrong(p.name, p.value, sim_time=self._sim_time) for p in parameters]
        reason = next(filter(None, reasons), "")
        return SetParametersResult(successful=not reason, reason=reason)

    def _apply(self, parameters: list[Parameter]) -> None:
        for name, value in ((p.name, p.value) for p in parameters):
            if name == "slip":
                self._robot.slip = value
            elif name == "obstacles":
                self._robot.ground.obstacles = obstacles(list(value))
            elif name.endswith("_fault"):
                self._navigation.set_fault(name.removesuffix("_fault"), value)

    def _place(self, message: PoseWithCovarianceStamped) -> None:
        at = message.pose.pose
        self._robot.place((at.position.x, at.position.y, yaw_from_ros(at.orientation)))

    def _tick(self) -> None:
        """Let the robot's time go on as far as the wall clock's did."""
        now = time.monotonic()
        self._owed += min(now - self._wall, LATEST) * float(self._value("speed_factor"))
        self._wall = now
        if not self._sim_time:
            self._time = time.time() - self._owed
        track = []
        while self._owed >= STEP:
            self._owed -= STEP
            self._time += STEP
            end = self._robot.step(STEP)
            track.append((self._time, self._robot.wheels.odometry))
            self._navigation.update(end)
        if track:
            self._tell_place(track)
        if track and self._sim_time:
            self._clock_time.publish(ClockMessage(clock=seconds_to_ros(self._time)))

    def _tell_place(self, track: list[tuple[float, Pose]]) -> None:
        wheels, stamp = self._robot.wheels, seconds_to_ros(self._time)
        odom = Odometry(child_frame_id="base_link")
        odom.header.frame_id, odom.header.stamp = "odom", stamp
        odom.pose.pose.position.x, odom.pose.pose.position.y, yaw = wheels.odometry
        odom.pose.pose.orientation = yaw_to_ros(yaw)
        odom.twist.twist.linear.x, odom.twist.twist.angular.z = wheels.speed, wheels.turn_rate
        self._odom.publish(odom)
        if self._value("publish_tf"):
            drift = _between(wheels.odometry, wheels.pose)
            frames = [_transform(self._time, drift, self._frame, "odom")]
            frames += [_transform(at, pose, "odom", "base_link") for at, pose in track]
            self._tf.publish(TFMessage(transforms=frames))

    def _report(self) -> None:
        """Feedback, and what the camera sees."""
        self._navigation.feedback()
        found = [
            Detection(thing.class_id, thing.at, SURE[0], thing.radius, SURE[1])
            for thing in self._robot.seen()
        ]
        message = detections_to_ros(found, self._frame, seconds_to_ros(self._time))
        self._detections.publish(message)

    def _show(self) -> None:
        """What is clean, when somebody looks."""
        if not self._cleaned.get_subscription_count():
            return
        clean = self._robot.cleaned
        message = OccupancyGrid()
        message.header.frame_id, message.header.stamp = self._frame, seconds_to_ros(self._time)
        message.info.height, message.info.width = clean.cells.shape
        message.info.resolution = clean.cell
        message.info.origin.position.x, message.info.origin.position.y = clean.origin
        message.data = array("b", clean.cells.tobytes())
        self._cleaned.publish(message)


def _transform(at: float, pose: Pose, parent: str, child: str) -> TransformStamped:
    message = TransformStamped(child_frame_id=child)
    message.header.frame_id, message.header.stamp = parent, seconds_to_ros(at)
    message.transform.translation.x, message.transform.translation.y = pose[:2]
    message.transform.rotation = yaw_to_ros(pose[2])
    return message


def _between(inner: Pose, outer: Pose) -> Pose:
    """The transform that brings ``inner`` to where ``outer`` is."""
    yaw = outer[2] - inner[2]
    c, s = math.cos(yaw), math.sin(yaw)
    x = outer[0] - (c * inner[0] - s * inner[1])
    y = outer[1] - (s * inner[0] + c * inner[1])
    return (x, y, yaw)


def _anywhere(site: Site) -> Pose:
    """A place well inside the largest part where the robot can drive."""
    largest = max(site.drivable.geoms, key=lambda part: part.area)
    at = largest.representative_point()
    return (at.x, at.y, 0.0)


def main(arguments: list[str] | None = None) -> int:
    """Run until it is stopped."""
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        rclpy.spin(SimNode())
    except NlPlannerError as error:
        print(f"nl_planner_sim: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    finally:
        rclpy.try_shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
