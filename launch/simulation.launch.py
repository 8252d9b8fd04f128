"""The planner with the simulated robot that comes with it: neither Nav2 nor Gazebo is needed.

ros2 launch nl_planner simulation.launch.py
"""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory, get_packages_with_prefixes
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.conditions import IfCondition
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

SHARE = Path(get_package_share_directory("nl_planner"))

ARGUMENTS = [
    DeclareLaunchArgument(
        "site",
        default_value=str(SHARE / "maps" / "riverside.site.yaml"),
        description="the site file (*.site.yaml)",
    ),
    DeclareLaunchArgument(
        "rviz",
        default_value=str("rviz2" in get_packages_with_prefixes()).lower(),
        description="show the site, the path and the robot in RViz",
    ),
]


def generate_launch_description():
    planner = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(SHARE / "launch" / "planner.launch.py")),
        launch_arguments={"site": LaunchConfiguration("site")}.items(),
    )
    robot = Node(
        package="nl_planner",
        executable="nl_planner_sim",
        name="nl_planner_sim",
        output="screen",
        emulate_tty=True,
        parameters=[{"site": LaunchConfiguration("site")}],
    )
    rviz = Node(
        package="rviz2",
        executable="rviz2",
        arguments=["-d", str(SHARE / "config" / "nl_planner.rviz")],
        condition=IfCondition(LaunchConfiguration("rviz")),
    )
    return LaunchDescription([*ARGUMENTS, robot, planner, rviz])
