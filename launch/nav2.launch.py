"""The nodes of Nav2 that the planner drives with, with this package's parameters for them.

ros2 launch nl_planner nav2.launch.py nav2_params_file:=/path/to/nav2.yaml

Use it, or Nav2's own bringup: the planner needs `navigate_to_pose`, `follow_path`, /map and TF.
"""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

SHARE = Path(get_package_share_directory("nl_planner"))

# Package, executable, node, and whether it sends velocities (those go through the smoother and
# the collision monitor first).
NODES = [
    ("nav2_map_server", "map_server", "map_server", False),
    ("nav2_map_server", "map_server", "keepout_mask_server", False),
    ("nav2_map_server", "costmap_filter_info_server", "keepout_info_server", False),
    ("nav2_amcl", "amcl", "amcl", False),
    ("nav2_controller", "controller_server", "controller_server", True),
    ("nav2_planner", "planner_server", "planner_server", False),
    ("nav2_behaviors", "behavior_server", "behavior_server", True),
    ("nav2_velocity_smoother", "velocity_smoother", "velocity_smoother", True),
    ("nav2_collision_monitor", "collision_monitor", "collision_monitor", False),
    ("nav2_bt_navigator", "bt_navigator", "bt_navigator", False),
]

ARGUMENTS = [
    DeclareLaunchArgument(
        "nav2_params_file",
        default_value=str(SHARE / "config" / "nav2.yaml"),
        description="parameters of Nav2; map_server.yaml_filename in it names the map",
    ),
    DeclareLaunchArgument(
        "use_sim_time", default_value="false", description="take the time from /clock"
    ),
    DeclareLaunchArgument(
        "log_level", default_value="info", description="debug, info, warn, error or fatal"
    ),
]


def generate_launch_description():
    common = {
        "output": "screen",
        "ros_arguments": ["--log-level", LaunchConfiguration("log_level")],
    }
    sim_time = {"use_sim_time": LaunchConfiguration("use_sim_time")}
    nodes = [
        Node(
            package=package,
            executable=executable,
            name=name,
            parameters=[LaunchConfiguration("nav2_params_file"), sim_time],
            remappings=[("cmd_vel", "cmd_vel_nav")] if sends else [],
            **common,
        )
        for package, executable, name, sends in NODES
    ]
    manager = Node(
        package="nav2_lifecycle_manager",
        executable="lifecycle_manager",
        name="lifecycle_manager_navigation",
        parameters=[sim_time, {"autostart": True, "node_names": [node[2] for node in NODES]}],
        **common,
    )
    return LaunchDescription([*ARGUMENTS, *nodes, manager])
