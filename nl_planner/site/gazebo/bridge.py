"""Which topics ros_gz_bridge carries between Gazebo and ROS."""

from __future__ import annotations

import yaml

TO_ROS, TO_GAZEBO = "GZ_TO_ROS", "ROS_TO_GZ"

# Topic of both sides, ROS type, Gazebo type, direction.
TOPICS = (
    ("clock", "rosgraph_msgs/msg/Clock", "gz.msgs.Clock", TO_ROS),
    ("cmd_vel", "geometry_msgs/msg/Twist", "gz.msgs.Twist", TO_GAZEBO),
    ("odom", "nav_msgs/msg/Odometry", "gz.msgs.Odometry", TO_ROS),
    ("tf", "tf2_msgs/msg/TFMessage", "gz.msgs.Pose_V", TO_ROS),
    ("joint_states", "sensor_msgs/msg/JointState", "gz.msgs.Model", TO_ROS),
    ("scan", "sensor_msgs/msg/LaserScan", "gz.msgs.LaserScan", TO_ROS),
    ("imu", "sensor_msgs/msg/Imu", "gz.msgs.IMU", TO_ROS),
)


def bridge_yaml() -> str:
    """The file that ros_gz_bridge reads as its ``config_file``."""
    entries = [
        {
            "ros_topic_name": topic,
            "gz_topic_name": topic,
            "ros_type_name": ros_type,
            "gz_type_name": gz_type,
            "direction": direction,
        }
        for topic, ros_type, gz_type, direction in TOPICS
    ]
    return yaml.safe_dump(entries, sort_keys=False)
