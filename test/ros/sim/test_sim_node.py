"""The simulated robot by itself, over DDS: it in one process, the client in another."""

import itertools
import math

import numpy as np
import pytest
from action_msgs.msg import GoalStatus
from geometry_msgs.msg import PoseWithCovarianceStamped
from nav2_msgs.action import FollowPath, NavigateToPose
from nav_msgs.msg import OccupancyGrid, Odometry
from sim_client import LATCHED
from tf2_msgs.msg import TFMessage
from vision_msgs.msg import Detection3DArray

from nl_planner.ros.conversions import detections_from_ros, map_from_ros, path_to_ros, pose_to_ros

START = [70.0, 40.0, 0.0]
LITTERED = (54.0, 63.0, 0.0)  # leaves lie 2.4 m away
AS_IT_WAS = {
    "publish_tf": True,
    "slip": 0.0,
    "obstacles": [],
    "follow_path_fault": "",
    "navigate_to_pose_fault": "",
}
LANES = np.array([[70, 40, 0], [76, 40, 0], [76, 40.5, 0], [70, 40.5, math.pi]], float)


@pytest.fixture(scope="module")
def on_the_air(start_sim, sim_client):
    start_sim(site="maps/riverside.site.yaml", pose=START, use_sim_time="true", speed_factor=20.0)
    return Robot(sim_client)


@pytest.fixture
def robot(on_the_air):
    """The robot at START, nothing wrong with it."""
    assert on_the_air.client.set("nl_planner_sim", **AS_IT_WAS) == ""
    on_the_air.place(START)
    return on_the_air


@pytest.fixture
def client(sim_client):
    return sim_client


class Robot:
    """What a client sees and does of the simulated robot."""

    def __init__(self, client):
        self.client = client
        self.track = []
        client.node.create_subscription(TFMessage, "/tf", self._heard, 100)
        self._map_to_odom = (0.0, 0.0, 0.0)
        self.follow_path = client.action(FollowPath, "follow_path")
        self.navigate = client.action(NavigateToPose, "navigate_to_pose")
        self._place = client.node.create_publisher(PoseWithCovarianceStamped, "initialpose", 1)
        client.until(lambda: self.track)

    def _heard(self, message):
        for frame in message.transforms:
            shift, q = frame.transform.translation, frame.transform.rotation
            pose = (shift.x, shift.y, 2 * math.atan2(q.z, q.w))
            if frame.child_frame_id == "odom":
                self._map_to_odom = pose
            else:
                x, y, yaw = self._map_to_odom
                c, s = math.cos(yaw), math.sin(yaw)
                self.track.append((x + c * pose[0] - s * pose[1], y + s * pose[0] + c * pose[1]))

    @property
    def at(self):
        return self.track[-1]

    def place(self, pose):
        self.client.until(self._place.get_subscription_count)
        message = PoseWithCovarianceStamped()
        message.pose.pose = pose_to_ros(pose, "map").pose
        self._place.publish(message)
        self.client.until(lambda: self.track and math.dist(self.at, pose[:2]) < 0.01)
        self.track.clear()
        self.client.until(lambda: self.track)

    def follow(self, poses, frame="map", feedback=None):
        goal = FollowPath.Goal(path=path_to_ros(poses, frame))
        return self._send(self.follow_path, goal, feedback)

    def go_to(self, pose, feedback=None):
        return self._send(
            self.navigate, NavigateToPose.Goal(pose=pose_to_ros(pose, "map")), feedback
        )

    def _send(self, action, goal, feedback):
        return self.client.result(action.send_goal_async(goal, feedback))

    def end(self, handle):
        """(status, error code) of a goal when it is over."""
        answer = self.client.result(handle.get_result_async())
        return answer.status, answer.result.error_code


def test_it_drives_along_a_path_fast_and_near_it(robot, client):
    told = []
    handle = robot.follow(LANES, feedback=told.append)
    assert robot.end(handle) == (GoalStatus.STATUS_SUCCEEDED, FollowPath.Result.NONE)
    client.until(lambda: math.dist(robot.at, LANES[-1, :2]) < 0.1)
    track = np.array(robot.track)
    nearest = np.min([_away(track, *ends) for ends in itertools.pairwise(LANES)], 0)
    assert nearest.max() < 0.1
    steps = np.hypot(*np.diff(track, axis=0).T)
    assert steps.max() < 0.1, "the track has no gaps at 20 times the speed"
    left = [message.feedback.distance_to_goal for message in told]
    assert left == sorted(left, reverse=True)


def test_it_shows_its_map_litter_and_what_is_clean(robot, client):
    maps = client.latest(OccupancyGrid, "map", LATCHED)
    clean = client.latest(OccupancyGrid, "cleaned", LATCHED)
    seen = client.latest(Detection3DArray, "nl_planner/detections")
    grid = map_from_ros(client.until(lambda: maps)[0])
    assert grid.resolution == 0.1
    assert (grid.cells == 0).mean() > 0.3
    robot.place(LITTERED)
    bottle = client.until(lambda: detections_from_ros(seen[0]) if seen else [])[0]
    x, y = bottle.at
    over = np.array([[x - 0.5, y, 0], [x + 0.5, y, 0]])
    assert robot.end(robot.follow(over))[0] == GoalStatus.STATUS_SUCCEEDED
    client.until(lambda: all(d.at != bottle.at for d in detections_from_ros(seen[0])))
    info = client.until(lambda: clean)[0].info
    corner = info.origin.position
    column, row = int((x - corner.x) / info.resolution), int((y - corner.y) / info.resolution)

    def cells():
        return np.array(clean[0].data).reshape(info.height, info.width)

    client.until(lambda: cells()[row, column] == 100)
    assert cells()[row + int(1 / info.resolution), column] == 0


def test_cancel_stops_it_and_a_new_goal_preempts_the_old(robot, client):
    speed = client.latest(Odometry, "odom")
    first = robot.follow(LANES)
    client.until(lambda: speed and speed[0].twist.twist.linear.x > 0.3)
    second = robot.go_to((72.0, 41.0, 1.0))
    assert robot.end(first) == (GoalStatus.STATUS_ABORTED, FollowPath.Result.UNKNOWN)
    client.until(lambda: speed[0].twist.twist.linear.x > 0.3)
    client.result(second.cancel_goal_async())
    assert robot.end(second)[0] == GoalStatus.STATUS_CANCELED
    client.until(lambda: speed[0].twist.twist.linear.x == 0.0)


def test_navigate_goes_round_what_is_in_the_way_or_says_that_there_is_no_way(robot, client):
    assert client.set("nl_planner_sim", obstacles=[73.0, 40.0, 0.5]) == ""
    assert robot.end(robot.go_to((76.0, 40.0, 1.5)))[0] == GoalStatus.STATUS_SUCCEEDED
    client.until(lambda: math.dist(robot.at, (76, 40)) < 0.1)
    assert min(math.dist(at, (73, 40)) for at in robot.track) > 0.5 + 0.35 - 0.1
    assert robot.end(robot.go_to((73.0, 40.0, 0.0))) == (GoalStatus.STATUS_ABORTED, 208)


def test_a_blocked_path_is_aborted_and_driven_when_it_is_free_again(robot, client):
    assert client.set("nl_planner_sim", obstacles=[73.0, 40.0, 0.3]) == ""
    blocked = (GoalStatus.STATUS_ABORTED, FollowPath.Result.PATIENCE_EXCEEDED)
    assert robot.end(robot.follow(LANES)) == blocked
    assert robot.at[0] < 73 - 0.3 - 0.35 + 0.1
    assert client.set("nl_planner_sim", obstacles=[]) == ""
    assert robot.end(robot.follow(LANES))[0] == GoalStatus.STATUS_SUCCEEDED


def test_wheels_that_spin_make_no_progress(robot, client):
    assert client.set("nl_planner_sim", slip=1.0) == ""
    stuck = (GoalStatus.STATUS_ABORTED, FollowPath.Result.FAILED_TO_MAKE_PROGRESS)
    assert robot.end(robot.follow(LANES)) == stuck
    assert math.dist(robot.at, START[:2]) < 0.1
    assert client.set("nl_planner_sim", slip=0.2) == ""
    assert robot.end(robot.follow(LANES))[0] == GoalStatus.STATUS_SUCCEEDED
    client.until(lambda: math.dist(robot.at, LANES[-1, :2]) < 0.1)


def test_servers_can_be_broken_and_mended(robot, client):
    def break_it(fault):
        assert client.set("nl_planner_sim", follow_path_fault=fault) == ""

    break_it("reject")
    assert not robot.follow(LANES).accepted
    break_it("abort")
    aborted = (GoalStatus.STATUS_ABORTED, FollowPath.Result.NO_VALID_CONTROL)
    assert robot.end(robot.follow(LANES)) == aborted
    break_it("silent")
    silent = robot.follow(LANES)
    answer = silent.get_result_async()
    break_it("absent")
    client.until(lambda: not robot.follow_path.server_is_ready())
    assert not answer.done()
    assert robot.end(robot.go_to((70.5, 40.0, 0.0)))[0] == GoalStatus.STATUS_SUCCEEDED
    break_it("")
    client.until(robot.follow_path.server_is_ready)
    assert robot.end(robot.follow(LANES))[0] == GoalStatus.STATUS_SUCCEEDED


def test_paths_that_nav2_would_not_take(robot):
    aborted, code = GoalStatus.STATUS_ABORTED, FollowPath.Result
    assert robot.end(robot.follow(LANES[:0])) == (aborted, code.INVALID_PATH)
    assert robot.end(robot.follow(LANES, frame="odom")) == (aborted, code.TF_ERROR)
    assert robot.end(robot.follow(LANES + np.array([20, 0, 0]))) == (aborted, code.INVALID_PATH)


def test_its_place_can_be_hidden_and_changed(robot, client):
    robot.place((90.0, 41.0, 0.0))
    assert client.set("nl_planner_sim", publish_tf=False) == ""
    odom = client.latest(Odometry, "odom")
    robot.track.clear()
    client.until(lambda: odom)
    assert not robot.track


def test_wrong_parameters_are_refused_with_the_reason(robot, client):
    assert "0.3" in client.set("nl_planner_sim", obstacles=[1.0, 0.3])
    assert "'tired'" in client.set("nl_planner_sim", follow_path_fault="tired")
    assert client.set("nl_planner_sim", slip=2.0)


def test_a_site_that_is_not_there_is_said_in_a_line(start_sim):
    process, log = start_sim(site="nowhere.site.yaml")
    assert process.wait(20) == 2
    assert "nowhere.site.yaml" in log.read_text()


def _away(points, a, b):
    """Distances (N,) of points (N, 2) from a segment."""
    step = b[:2] - a[:2]
    share = np.clip(((points - a[:2]) @ step) / (step @ step), 0, 1)
    return np.hypot(*(a[:2] + share[:, None] * step - points).T)
