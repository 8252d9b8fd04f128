"""The action server: each goal is a ticket of the foreman's."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node

from nl_planner.execution import Foreman, Outcome, Ticket
from nl_planner.execution.ticket import Instruction
from nl_planner.ros.conversions import feedback_to_ros, instruction_from_ros, report_to_ros
from nl_planner_msgs.action import ExecuteInstruction


class Goals:
    """Serves ``~/execute``.

    A goal ends as succeeded when the instruction was carried out, asked about or refused, as
    aborted when it was called off otherwise, blocked or failed; the result's outcome tells them
    apart. Each open goal takes a thread of the executor: more than ``most`` are rejected. So are
    all while the node is not active, when ``foreman`` gives None. ``seconds`` is the clock by
    which the result's duration is told.
    """

    def __init__(
        self,
        node: Node,
        foreman: Callable[[], Foreman | None],
        frame_id: Callable[[], str],
        heard: Callable[[str], None],
        operator: Callable[[Instruction, ExecuteInstruction.Goal], Instruction],
        seconds: Callable[[], float],
        most: int,
    ) -> None:
        self._foreman, self._frame_id, self._heard = foreman, frame_id, heard
        self._operator, self._seconds, self._most = operator, seconds, most
        self._tickets: dict[bytes, Ticket] = {}  # by the goal's id
        self._cancelled: set[bytes] = set()
        self._server = ActionServer(
            node,
            ExecuteInstruction,
            "~/execute",
            self._execute,
            goal_callback=self._accept,
            cancel_callback=self._cancel,
            callback_group=ReentrantCallbackGroup(),
        )

    def _accept(self, _: ExecuteInstruction.Goal) -> GoalResponse:
        if self._foreman() is None or len(self._tickets) >= self._most:
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        key = bytes(handle.goal_id.uuid)
        self._cancelled.add(key)
        ticket, foreman = self._tickets.get(key), self._foreman()
        if ticket is not None and foreman is not None:
            foreman.cancel(ticket)
        return CancelResponse.ACCEPT

    def _execute(self, handle: ServerGoalHandle) -> ExecuteInstruction.Result:
        key, foreman, began = bytes(handle.goal_id.uuid), self._foreman(), self._seconds()
        said = self._operator(instruction_from_ros(handle.request), handle.request)
        ticket = Ticket(
            said, changed=lambda ticket: handle.publish_feedback(feedback_to_ros(ticket))
        )
        self._tickets[key] = ticket
        if foreman is None or key in self._cancelled:
            ticket.end_with(Outcome.CANCELLED, "")
        else:
            self._heard(said.text)
            foreman.hear(ticket)
        report = ticket.wait()
        if began:  # 0: there was no simulated time yet
            report = replace(report, duration=self._seconds() - began)
        del self._tickets[key]
        if report.outcome is Outcome.CANCELLED and key in self._cancelled:
            while not handle.is_cancel_requested:  # set right after `_cancel` has returned
                time.sleep(0.002)
            handle.canceled()
        elif report.outcome in (Outcome.CANCELLED, Outcome.BLOCKED, Outcome.FAILED):
            handle.abort()
        else:
            handle.succeed()
        self._cancelled.discard(key)
        return report_to_ros(report, self._frame_id())
