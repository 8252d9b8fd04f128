"""The client of the tests: gives instructions, listens, and watches the robot."""

import json
import math
import threading
import time

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from processes import POSITION_TIMEOUT
from rclpy.action import ActionClient
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from shapely.geometry import LineString
from std_msgs.msg import String
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage

from nl_planner.execution.ticket import Instruction
from nl_planner.ros.conversions import instruction_to_ros
from nl_planner.ros.in_group import InGroup
from nl_planner_msgs.action import ExecuteInstruction
from nl_planner_msgs.srv import Understand

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class Said:
    """One goal on its way."""

    def __init__(self, client, text, **how):
        self.feedback = []
        self._done = threading.Event()
        goal = instruction_to_ros(Instruction(text, **how), "map")
        self._in_group = client.in_group
        self.handle = None
        self._in_group(
            lambda: client.action.send_goal_async(
                goal, feedback_callback=lambda message: self.feedback.append(message.feedback)
            ).add_done_callback(self._accepted)
        )

    def _accepted(self, future):
        self.handle = future.result()
        if self.handle.accepted:
            self._in_group(lambda: self.handle.get_result_async().add_done_callback(self._ended))

    def _ended(self, future):
        self._result = future
        self._done.set()

    def result(self, seconds=60):
        assert self._done.wait(seconds), f"no result within {seconds} s: {self.feedback[-1:]}"
        return self._result.result().result

    @property
    def status(self):
        return self._result.result().status

    @property
    def over(self):
        return self._done.is_set()

    @property
    def stage(self):
        return self.feedback[-1].stage if self.feedback else None

    def cancel(self):
        """Seconds until the cancel was answered."""
        began, answered = time.monotonic(), threading.Event()
        self._in_group(
            lambda: self.handle.cancel_goal_async().add_done_callback(lambda _: answered.set())
        )
        assert answered.wait(10)
        return time.monotonic() - began


class Client(Node):
    def __init__(self):
        super().__init__("test_client")
        group = MutuallyExclusiveCallbackGroup()
        self.in_group = InGroup(self, group)
        self.action = ActionClient(
            self, ExecuteInstruction, "/nl_planner/execute", callback_group=group
        )
        self.understand_client = self.create_client(Understand, "/nl_planner/understand")
        self.triggers = {
            name: self.create_client(Trigger, f"/nl_planner/{name}")
            for name in ("cancel", "pause", "resume", "confirm")
        }
        self.instruction = self.create_publisher(String, "/nl_planner/instruction", 10)
        self.heard = self.create_publisher(String, "/nl_planner/heard", 10)
        self.script_publisher = self.create_publisher(String, "/script", 10)
        self.forget()
        self.create_subscription(String, "/driven", self._driven, 1000)
        self.create_subscription(String, "/nl_planner/reply", self._replied, 10)
        self.create_subscription(String, "/nl_planner/task", self._read, 10)
        self.create_subscription(DiagnosticArray, "/diagnostics", self._diagnosed, 10)
        self.create_subscription(TFMessage, "/tf", self._moved, 10)
        self.executor_ = SingleThreadedExecutor()
        self.executor_.add_node(self)
        self.thread = threading.Thread(target=self.executor_.spin, daemon=True)
        self.thread.start()

    def close(self):
        self.executor_.shutdown()
        self.thread.join(5)
        self.destroy_node()

    def forget(self):
        """Start watching anew."""
        self.replies, self.understood, self.driven, self.diagnostics = [], [], [], []
        self.at, self.tf_at = None, time.monotonic()

    def planner_is_there(self):
        return self.action.server_is_ready() and any(
            status.message == "active" for array in self.diagnostics for status in array.status
        )

    def planner_knows_where(self):
        said = (v for array in self.diagnostics for s in array.status for v in s.values)
        return any(v.key == "position" and v.value != "not known" for v in said)

    def say(self, text, **how):
        return Said(self, text, **how)

    def trigger(self, name, seconds=10):
        return self.call(self.triggers[name], Trigger.Request(), seconds)

    def call(self, service, request, seconds=10):
        answered = threading.Event()
        assert service.wait_for_service(seconds)
        future = service.call_async(request)
        future.add_done_callback(lambda _: answered.set())
        assert answered.wait(seconds), "no answer of the service"
        return future.result()

    def script(self, **said):
        until = time.monotonic() + 10
        while not self.script_publisher.get_subscription_count() and time.monotonic() < until:
            time.sleep(0.01)
        self.script_publisher.publish(String(data=json.dumps(said)))

    def position_is_stale(self):
        """Long enough after TF has stopped that the robot's position is stale."""
        return time.monotonic() - self.tf_at > 1.1 * POSITION_TIMEOUT

    def tool_lines(self, since=0):
        """Where a path was followed, one line a drive."""
        lines, line = [], []
        for said in [*self.driven[since:], {"tool": False}]:
            if said["tool"]:
                line.append(said["at"][:2])
            elif line:
                lines.append(line)
                line = []
        return [LineString(line) for line in lines if len(line) > 1]

    def metres(self, since=0):
        at = np.array([said["at"][:2] for said in self.driven[since:]])
        return float(np.hypot(*np.diff(at, axis=0).T).sum()) if len(at) > 1 else 0.0

    def stands(self, seconds=0.3):
        """Whether the robot has not moved in the last seconds."""
        now = self.driven[-1]["t"]
        last = [said["at"] for said in self.driven[-400:] if said["t"] > now - seconds]
        return all(math.dist(at[:2], last[0][:2]) < 1e-6 for at in last)

    def _driven(self, message):
        said = json.loads(message.data)
        self.at = said["at"]
        self.driven.append(said)

    def _moved(self, _):
        self.tf_at = time.monotonic()

    def _replied(self, message):
        self.replies.append(message.data)

    def _read(self, message):
        self.understood.append(json.loads(message.data))

    def _diagnosed(self, message):
        self.diagnostics.append(message)
