"""Nav2 as a script: navigate_to_pose and follow_path over a robot that slides along its path
exactly, at any speed, and does as it is told. For what a robot in good order never shows.

    python scripted_nav2.py START_X START_Y SPEED [absent]

JSON on /script (std_msgs/String) changes it: {"next": ["reject", "abort:106", "freeze"]} for the
next goals; {"wall": [x0, y0, x1, y1]} or {"wall": null}; {"tf": false} stops TF; {"speed": 0.8};
{"at": [x, y, yaw]} moves it; {"serve": true} starts the servers when they were absent.
/driven (std_msgs/String) has its poses with their time and whether a path is followed.
"""

import json
import math
import sys
import threading
import time
from collections import deque
from contextlib import suppress

import rclpy
from geometry_msgs.msg import TransformStamped
from nav2_msgs.action import FollowPath, NavigateToPose
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.node import Node
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from nl_planner.ros.conversions import path_from_ros, pose_from_ros, yaw_to_ros

TICK = 0.01


class ScriptedNav2(Node):
    def __init__(self, at, speed, serve):
        super().__init__("scripted_nav2")
        self.at, self.speed = at, speed
        self.next, self.wall, self.tf = [], None, True
        self.following, self.goal_id = False, 0
        self.moving = threading.Lock()
        self.way = deque()  # when it was where since that was shown last
        self.group = ReentrantCallbackGroup()
        self.publisher = self.create_publisher(TFMessage, "/tf", 100)
        self.shown = self.create_publisher(String, "/driven", 1000)
        self.create_subscription(String, "/script", self.script, 10, callback_group=self.group)
        self.create_timer(0.02, self.show, callback_group=MutuallyExclusiveCallbackGroup())
        self.servers = []
        if serve:
            self.serve()

    def serve(self):
        for kind, name, ways in (
            (NavigateToPose, "navigate_to_pose", lambda goal: [pose_from_ros(goal.pose)]),
            (FollowPath, "follow_path", lambda goal: list(path_from_ros(goal.path))),
        ):
            server = ActionServer(
                self,
                kind,
                name,
                lambda handle, kind=kind, ways=ways: self.drive(handle, kind, ways),
                goal_callback=self.accept,
                cancel_callback=lambda _: CancelResponse.ACCEPT,
                callback_group=self.group,
            )
            self.servers.append(server)

    def script(self, message):
        said = json.loads(message.data)
        self.next = said.get("next", self.next)
        self.wall = said.get("wall", self.wall)
        self.tf = said.get("tf", self.tf)
        self.speed = said.get("speed", self.speed)
        if "at" in said:  # a drive that still runs ends and does not move it any more
            with self.moving:
                self.goal_id, self.following, self.at = self.goal_id + 1, False, tuple(said["at"])
        if said.get("serve") and not self.servers:
            self.serve()

    def accept(self, _):
        if self.next and self.next[0] == "reject":
            self.next.pop(0)
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def drive(self, handle, kind, ways):
        self.goal_id += 1
        mine = self.goal_id
        told = self.next.pop(0) if self.next else ""
        if told.startswith("abort"):
            handle.abort()
            return kind.Result(error_code=int(told.split(":")[1]), error_msg="as scripted")
        self.following = kind is FollowPath
        for x, y, yaw in ways(handle.request):
            while math.dist(self.at[:2], (x, y)) > 1e-6 or told == "freeze":
                time.sleep(TICK)
                if handle.is_cancel_requested:
                    self.following = False
                    handle.canceled()
                    return kind.Result()
                if mine != self.goal_id:
                    handle.abort()
                    return kind.Result(error_code=kind.Result.NONE)
                if told == "freeze":
                    continue
                far = math.dist(self.at[:2], (x, y))
                t = min(1.0, self.speed * TICK / far)
                to = (self.at[0] + t * (x - self.at[0]), self.at[1] + t * (y - self.at[1]))
                if self.wall and inside(to, self.wall) and kind is FollowPath:
                    self.following = False
                    handle.abort()
                    return kind.Result(error_code=FollowPath.Result.FAILED_TO_MAKE_PROGRESS)
                self.move(mine, (*to, math.atan2(y - self.at[1], x - self.at[0])))
            self.move(mine, (x, y, yaw))
        if self.wall and inside(self.at, self.wall):
            handle.abort()
            return kind.Result()
        self.following = False
        handle.succeed()
        return kind.Result()

    def move(self, mine, to):
        """Be there now, unless another goal has begun."""
        with self.moving:
            if mine == self.goal_id:
                self.at = to
                self.way.append((self.get_clock().now(), to))

    def show(self):
        at = [self.way.popleft() for _ in range(len(self.way))]
        at.append((self.get_clock().now(), self.at))
        said = {"t": time.time(), "at": list(self.at), "tool": self.following}
        self.shown.publish(String(data=json.dumps(said)))
        if not self.tf:
            return
        message = TFMessage()
        for when, (x, y, yaw) in at:
            link = TransformStamped()
            link.header.stamp = when.to_msg()
            link.header.frame_id, link.child_frame_id = "map", "base_link"
            link.transform.translation.x, link.transform.translation.y = float(x), float(y)
            link.transform.rotation = yaw_to_ros(float(yaw))
            message.transforms.append(link)
        self.publisher.publish(message)


def inside(at, wall):
    x0, y0, x1, y1 = wall
    return x0 <= at[0] <= x1 and y0 <= at[1] <= y1


def main():
    x, y, speed, *rest = sys.argv[1:]
    rclpy.init(args=[])
    node = ScriptedNav2((float(x), float(y), 0.0), float(speed), "absent" not in rest)
    executor = MultiThreadedExecutor(8)
    executor.add_node(node)
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        executor.spin()


if __name__ == "__main__":
    main()
