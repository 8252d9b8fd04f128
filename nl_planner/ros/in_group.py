"""Calling an action client from a thread that is none of the executor's."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node


class InGroup:
    """Runs functions as callbacks of ``group``, in which no other callback runs meanwhile.

    rclpy's action client sends a request first and notes it after; when another thread takes the
    response in between, it is lost ("Ignoring unexpected goal response"). Called in the client's
    own group, that cannot happen.
    """

    def __init__(self, node: Node, group: MutuallyExclusiveCallbackGroup) -> None:
        self._functions: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._guard = node.create_guard_condition(self._run, callback_group=group)

    def __call__(self, function: Callable[[], object]) -> None:
        """Run it soon."""
        self._functions.put(function)
        self._guard.trigger()

    def _run(self) -> None:
        while not self._functions.empty():
            self._functions.get()()
