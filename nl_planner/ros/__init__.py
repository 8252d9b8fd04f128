"""The planner as a ROS 2 node: messages in and out, Nav2, positions; no logic of its own.

Needs rclpy and the message packages of a sourced ROS 2 workspace.
"""
