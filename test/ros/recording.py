"""Two processes of test_recorder: `robot` publishes as a robot does, `planner FOLDER` records.

The planner's node is a bare lifecycle node with the topics of the real one.
"""

import sys
import time
from pathlib import Path

import rclpy
from geometry_msgs.msg import TransformStamped, TwistStamped
from nav_msgs.msg import Odometry
from nav_msgs.msg import Path as PathMessage
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from nl_planner.ros.recorder import Recorder

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
WAIT = 20.0  # s


def robot():
    """Publish pose, odometry and velocity until ended."""
    node = Node("robot")
    tf = node.create_publisher(TFMessage, "/tf", 10)
    odom = node.create_publisher(Odometry, "odom", 10)
    cmd_vel = node.create_publisher(TwistStamped, "cmd_vel", 10)
    steps = iter(range(10**9))

    def step():
        x = 0.1 * next(steps)
        moved = TransformStamped()
        moved.header.frame_id, moved.child_frame_id = "odom", "base_link"
        moved.transform.translation.x = x
        tf.publish(TFMessage(transforms=[moved]))
        where = Odometry()
        where.pose.pose.position.x = x
        odom.publish(where)
        speed = TwistStamped()
        speed.twist.linear.x = 0.5
        cmd_vel.publish(speed)

    node.create_timer(0.05, step)
    rclpy.spin(node)


def planner(folder):
    """Record until the robot was heard for a while; prints the bag."""
    node = LifecycleNode("nl_planner")
    reply = node.create_publisher(String, "~/reply", 10)
    path = node.create_publisher(PathMessage, "~/coverage_path", LATCHED)
    path.publish(PathMessage())  # before the recorder is there: it is latched
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    recorder = Recorder(node, folder)
    recorder.heard("扫一下广场")
    counted = {"odom": 0}
    node.create_subscription(
        Odometry, "odom", lambda _: counted.update(odom=counted["odom"] + 1), 10
    )
    end = time.monotonic() + WAIT
    while time.monotonic() < end and counted["odom"] < 60:
        executor.spin_once(timeout_sec=0.1)
        reply.publish(String(data="好的，去扫中心广场"))
    recorder.close()
    recorder.close()
    recorder.heard("after the end")  # of no use, no harm
    print(recorder.path)
    node.destroy_node()


if __name__ == "__main__":
    rclpy.init()
    try:
        robot() if sys.argv[1] == "robot" else planner(Path(sys.argv[2]))
    except KeyboardInterrupt:
        pass
    finally:
        rclpy.try_shutdown()
