"""Driving with Nav2: ``navigate_to_pose`` and ``follow_path``."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
from action_msgs.msg import GoalStatus
from action_msgs.srv import CancelGoal
from nav2_msgs.action import FollowPath, NavigateToPose
from numpy.typing import NDArray
from rclpy.action import ActionClient
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node

from nl_planner.execution.driver import Drive, End, Moved, Pose
from nl_planner.ros.conversions import path_to_ros, pose_to_ros
from nl_planner.ros.in_group import InGroup
from nl_planner.ros.position import Position

TICK = 0.02  # s of the wall clock between two looks at where the robot is
STOPS_WITHIN = 3.0  # s in which navigation has to confirm that it was cancelled
STANDS = 0.03
"""m, or rad; a robot that moves less stands still."""
TAIL = 0.1
"""s of the wall clock in which the last poses of a drive have to arrive after its result."""
SPACING = 0.1
"""m between the poses of a path for `follow_path`: controllers look for the nearest pose."""


@dataclass(frozen=True)
class Navigation:
    """How Nav2 is used.

    ``server_timeout``: s of the wall clock to wait for its servers. ``stall_timeout``: s of the
    node's clock in which the robot has to move. Plugin ids are Nav2's; "" takes its only one.
    """

    server_timeout: float = 10.0
    stall_timeout: float = 30.0
    controller_id: str = ""
    goal_checker_id: str = ""
    progress_checker_id: str = ""
    behavior_tree: str = ""


_FOLLOW_ENDS = {
    FollowPath.Result.TF_ERROR: End.LOST,
    FollowPath.Result.INVALID_CONTROLLER: End.REJECTED,
    FollowPath.Result.INVALID_PATH: End.REJECTED,
    FollowPath.Result.CONTROLLER_TIMED_OUT: End.TIMED_OUT,
}
"""What an aborted `follow_path` means; any other code: something is in the way."""


class Nav2Driver:
    """A `Driver` over Nav2's action servers.

    Its clients last as long as the node: rclpy's executor does not bear that they are destroyed
    while it spins. ``waits`` is called once when a server is not there and a drive waits for it.
    """

    def __init__(
        self,
        node: Node,
        position: Position,
        waits: Callable[[], None] = lambda: None,
    ) -> None:
        self._node, self._position, self._waits = node, position, waits
        self.use("map", Navigation())
        group = MutuallyExclusiveCallbackGroup()
        self._in_group = InGroup(node, group)
        self._to_pose = ActionClient(node, NavigateToPose, "navigate_to_pose", callback_group=group)
        self._path = ActionClient(node, FollowPath, "follow_path", callback_group=group)
        self._cancels = [
            node.create_client(CancelGoal, f"{name}/_action/cancel_goal", callback_group=group)
            for name in ("navigate_to_pose", "follow_path")
        ]

    def use(self, frame_id: str, navigation: Navigation) -> None:
        """From now on paths and poses are in this frame, and Nav2 is used like that."""
        self._frame, self._navigation = frame_id, navigation

    def seconds(self) -> float:
        """The node's clock."""
        return self._position.seconds()

    def position(self) -> Pose | None:
        """Where the robot is."""
        return self._position.now()

    def go_to(self, pose: Pose, moved: Moved, halt: Event) -> Drive:
        """`navigate_to_pose`."""
        goal = NavigateToPose.Goal(
            pose=pose_to_ros(pose, self._frame, self._now()),
            behavior_tree=self._navigation.behavior_tree,
        )
        return self._drive(self._to_pose, goal, moved, halt, {})

    def follow(self, poses: NDArray[np.float64], moved: Moved, halt: Event) -> Drive:
        """`follow_path`."""
        goal = FollowPath.Goal(
            path=path_to_ros(_dense(poses), self._frame, self._now()),
            controller_id=self._navigation.controller_id,
            goal_checker_id=self._navigation.goal_checker_id,
            progress_checker_id=self._navigation.progress_checker_id,
        )
        return self._drive(self._path, goal, moved, halt, _FOLLOW_ENDS)

    def stop_what_was_left(self) -> None:
        """Cancel what a program of ours that was killed may have left running."""
        for client in self._cancels:
            if client.service_is_ready():
                client.call_async(CancelGoal.Request())

    def _now(self) -> Any:
        return self._node.get_clock().now().to_msg()

    def _drive(
        self, client: ActionClient, goal: Any, moved: Moved, halt: Event, ends: dict[int, End]
    ) -> Drive:
        if not self._there(client, halt):
            return Drive(End.STOPPED if halt.is_set() else End.ABSENT)
        if self._position.now() is None:
            return Drive(End.LOST)
        track = _Track(self._position, moved)
        order = _Order(client, goal, self._in_group)
        if not _soon(order.answered, halt, self._navigation.server_timeout):
            order.cancel()
            return Drive(End.STOPPED if halt.is_set() else End.TIMED_OUT)
        if not order.accepted:
            return Drive(End.REJECTED)
        try:
            why = self._watch(order, track, halt)
        except BaseException:
            order.cancel()
            raise
        if why is None:
            track.end()
            return _ended(order.result, ends)
        order.cancel()
        if not order.ended.wait(STOPS_WITHIN):
            return Drive(why, "navigation did not confirm that it stopped")
        track.end()
        return Drive(why)

    def _there(self, client: ActionClient, halt: Event) -> bool:
        """Wait for the server."""
        until = time.monotonic() + self._navigation.server_timeout
        if client.server_is_ready():
            return True
        self._waits()
        while not halt.wait(5 * TICK):
            if client.server_is_ready():
                return True
            if time.monotonic() > until:
                return False
        return False

    def _watch(self, order: _Order, track: _Track, halt: Event) -> End | None:
        """Look at the robot until there is a result, or a reason to stop it."""
        stood_at, since = self._position.now(), self.seconds()
        while not order.ended.is_set():
            if halt.wait(TICK):
                return End.STOPPED
            track.tell()
            at = self._position.now()
            if at is None:
                return End.LOST
            if stood_at is None or _apart(at, stood_at) > STANDS:
                stood_at, since = at, self.seconds()
            elif self.seconds() - since > self._navigation.stall_timeout:
                return End.TIMED_OUT
        return None


class _Track:
    """Where the robot drives, handed on to ``moved`` without a gap from now on."""

    def __init__(self, position: Position, moved: Moved) -> None:
        self._position, self._moved = position, moved
        newest = position.newest()
        self._told = newest[1] if newest else position.seconds()

    def tell(self) -> None:
        """Hand on what is new."""
        for pose, when in self._position.since(self._told):
            self._told = when
            self._moved(pose)

    def end(self) -> None:
        """The drive is over: wait for its last poses, which may come after its result."""
        over, until = self._position.seconds(), time.monotonic() + TAIL
        self.tell()
        while self._told < over and time.monotonic() < until:
            time.sleep(TICK / 2)
            self.tell()


def _ended(answer: Any, ends: dict[int, End]) -> Drive:
    code, detail = answer.result.error_code, answer.result.error_msg
    if answer.status == GoalStatus.STATUS_SUCCEEDED:
        return Drive(End.ARRIVED)
    if answer.status == GoalStatus.STATUS_CANCELED:
        return Drive(End.REJECTED, "somebody else has stopped navigation")
    return Drive(ends.get(code, End.BLOCKED), f"{detail} (error code {code})")


class _Order:
    """One goal at one of Nav2's servers."""

    def __init__(self, client: ActionClient, goal: Any, in_group: InGroup) -> None:
        self.answered, self.ended = Event(), Event()
        self.accepted = False
        self.result: Any = None
        self._in_group = in_group
        self._handle: Any = None
        self._cancelled = False
        in_group(lambda: client.send_goal_async(goal).add_done_callback(self._answer))

    def cancel(self) -> None:
        """Also when it is not yet accepted."""
        self._cancelled = True
        self._in_group(lambda: self._handle and self._handle.cancel_goal_async())

    def _answer(self, future: Any) -> None:
        handle = future.result()
        self.accepted = handle.accepted
        if handle.accepted:
            self._handle = handle
            self._in_group(lambda: handle.get_result_async().add_done_callback(self._end))
            if self._cancelled:
                self.cancel()
        self.answered.set()

    def _end(self, future: Any) -> None:
        self.result = future.result()
        self.ended.set()


def _soon(event: Event, halt: Event, timeout: float) -> bool:
    """Wait for an event; False when it is late or halted."""
    until = time.monotonic() + timeout
    while not event.wait(TICK):
        if halt.is_set() or time.monotonic() > until:
            return False
    return True


def _apart(one: Pose, other: Pose) -> float:
    turn = (one[2] - other[2] + math.pi) % (2 * math.pi) - math.pi
    return max(math.dist(one[:2], other[:2]), abs(turn))


def _dense(poses: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same way with a pose at least every `SPACING` m."""
    rows = [poses[:1]]
    for a, b in itertools.pairwise(poses):
        count = max(1, math.ceil(math.dist(a[:2], b[:2]) / SPACING))
        t = (np.arange(1, count + 1) / count)[:, None]
        between = a + t * (b - a)
        between[:, 2] = a[2]
        between[-1, 2] = b[2]
        rows.append(between)
    return np.vstack(rows)
