"""A process that prints what arrives on the topics of `nl_planner_listen`, a JSON line each."""

import json

import rclpy
from std_msgs.msg import String

rclpy.init()
node = rclpy.create_node("watcher")
for name, topic in {
    "instruction": "nl_planner/instruction",
    "heard": "nl_planner_listen/heard",
}.items():
    node.create_subscription(
        String,
        topic,
        lambda message, name=name: print(json.dumps({name: message.data}), flush=True),
        10,
    )
print("ready", flush=True)
rclpy.spin(node)
