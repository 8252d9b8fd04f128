"""What Nav2 offers, by the simulated robot: `navigate_to_pose` and `follow_path`.

As in Nav2 one goal drives at a time, a new one aborts the one before, a cancelled one ends at once
while the robot brakes, and a result carries an error code and a message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nav2_msgs.action import FollowPath, NavigateToPose
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.node import Node
from rclpy.task import Future

from nl_planner.ros.conversions import duration_to_ros, path_from_ros, pose_from_ros, pose_to_ros
from nl_planner.sim import End, SimulatedRobot

FAULTS = ("", "reject", "abort", "silent", "absent")
"""What can be wrong with a server: goals are rejected; accepted and aborted; accepted, and nothing
happens until they are cancelled; the server is not there."""


class Trouble(StrEnum):
    """How a goal ends for which the robot can do nothing."""

    PREEMPTED = "preempted by a new goal"
    TOLD = "told to abort"
    EMPTY = "the path is empty"
    FRAME = "the frame is not that of the map"
    GONE = "the server went away"


NO_VALID_PATH = 208
"""Of nav2_msgs/ComputePathToPose; NavigateToPose hands it on."""
ERROR_CODES: dict[str, int] = {
    End.BLOCKED: FollowPath.Result.PATIENCE_EXCEEDED,
    End.STUCK: FollowPath.Result.FAILED_TO_MAKE_PROGRESS,
    End.FAR_AWAY: FollowPath.Result.INVALID_PATH,
    End.NO_WAY: NO_VALID_PATH,
    Trouble.PREEMPTED: FollowPath.Result.UNKNOWN,
    Trouble.TOLD: FollowPath.Result.NO_VALID_CONTROL,
    Trouble.EMPTY: FollowPath.Result.INVALID_PATH,
    Trouble.FRAME: FollowPath.Result.TF_ERROR,
    Trouble.GONE: FollowPath.Result.UNKNOWN,
}
"""Nav2's code for each way in which a goal fails."""


@dataclass
class _Order:
    """A goal that was accepted; ``over`` will hold how it ended."""

    server: str
    goal: Any
    over: Future
    began: float


class SimulatedNavigation:
    """Both servers over one robot; ``now`` gives the robot's time (s)."""

    def __init__(
        self, node: Node, robot: SimulatedRobot, frame_id: str, now: Callable[[], float]
    ) -> None:
        self._node, self._robot, self._frame, self._now = node, robot, frame_id, now
        self._order: _Order | None = None
        self._faults = {"follow_path": "", "navigate_to_pose": ""}
        self._servers = {name: self._open(name) for name in self._faults}

    def set_fault(self, server: str, fault: str) -> None:
        """From now on this is wrong with a server; see `FAULTS`."""
        self._faults[server] = fault
        mine = self._order is not None and self._order.server == server
        if fault == "abort" and mine:
            self._end(Trouble.TOLD)
        if fault == "absent" and server in self._servers:
            if mine:
                self._end(Trouble.GONE)
            self._servers.pop(server).destroy()
        elif fault != "absent" and server not in self._servers:
            self._servers[server] = self._open(server)

    def update(self, end: End | None) -> None:
        """After each step of the robot: how that ended its order."""
        if self._order is None:
            return
        if self._order.goal.is_cancel_requested:
            self._end(End.HALTED)
        elif end is not None:
            self._end(end)

    def feedback(self) -> None:
        """Tell the client how far its goal is."""
        order, robot = self._order, self._robot
        if order is None or not order.goal.is_active:
            return
        if order.server == "follow_path":
            told = FollowPath.Feedback(distance_to_goal=robot.left, speed=robot.wheels.speed)
        else:
            told = NavigateToPose.Feedback(
                current_pose=pose_to_ros(robot.pose, self._frame),
                navigation_time=duration_to_ros(self._now() - order.began),
                estimated_time_remaining=duration_to_ros(robot.left / robot.limits.speed),
                number_of_recoveries=robot.detours,
                distance_remaining=robot.left,
            )
        order.goal.publish_feedback(told)

    def _open(self, name: str) -> ActionServer:
        action, begin = {
            "follow_path": (FollowPath, self._follow),
            "navigate_to_pose": (NavigateToPose, self._go_to),
        }[name]

        async def execute(goal: Any) -> Any:
            return await self._execute(name, action, begin, goal)

        def take(_: Any) -> GoalResponse:
            rejects = self._faults[name] == "reject"
            return GoalResponse.REJECT if rejects else GoalResponse.ACCEPT

        return ActionServer(
            self._node,
            action,
            name,
            execute,
            goal_callback=take,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )

    async def _execute(
        self, name: str, action: Any, begin: Callable[[Any], str | None], goal: Any
    ) -> Any:
        if self._order is not None:
            self._end(Trouble.PREEMPTED)
        order = self._order = _Order(name, goal, Future(), self._now())
        fault = self._faults[name]
        failed = Trouble.TOLD if fault == "abort" else None if fault else begin(goal.request)
        if failed is not None:
            self._end(failed)
        end = await order.over
        result = action.Result()
        if end == End.ARRIVED:
            goal.succeed()
        elif end == End.HALTED:
            goal.canceled()
        elif end != Trouble.GONE:
            result.error_code, result.error_msg = ERROR_CODES[end], str(end)
            goal.abort()
        self._node.get_logger().info(f"{name}: {end}")
        return result

    def _end(self, end: str) -> None:
        assert self._order is not None
        self._robot.halt()
        self._order.over.set_result(end)
        self._order = None

    def _follow(self, goal: Any) -> str | None:
        if goal.path.header.frame_id != self._frame:
            return Trouble.FRAME
        if not goal.path.poses:
            return Trouble.EMPTY
        return self._robot.follow(path_from_ros(goal.path))

    def _go_to(self, goal: Any) -> str | None:
        if goal.pose.header.frame_id != self._frame:
            return Trouble.FRAME
        return self._robot.go_to(pose_from_ros(goal.pose))
