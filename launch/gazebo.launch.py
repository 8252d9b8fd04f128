"""The planner with Nav2 and a sweeper in Gazebo (Harmonic and later), in a world made of the site.

ros2 launch nl_planner gazebo.launch.py site:=/path/to/my.site.yaml
"""

import tempfile
from pathlib import Path

from ament_index_python.packages import get_package_share_directory, get_packages_with_prefixes
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.conditions import IfCondition
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from nl_planner.site import read_site
from nl_planner.site.gazebo import export_gazebo
from nl_planner.site.gazebo.nav2_parameters import write_nav2_parameters

SHARE = Path(get_package_share_directory("nl_planner"))

ARGUMENTS = [
    DeclareLaunchArgument(
        "site",
        default_value=str(SHARE / "maps" / "riverside.site.yaml"),
        description="the site file (*.site.yaml)",
    ),
    DeclareLaunchArgument(
        "world_folder",
        default_value="",
        description="where the world is written; empty: a new temporary folder",
    ),
    DeclareLaunchArgument(
        "nav2_params_file",
        default_value=str(SHARE / "config" / "nav2.yaml"),
        description="parameters of Nav2; size, speed, start and map are filled in from the site",
    ),
    DeclareLaunchArgument(
        "gui", default_value="true", description="show Gazebo's window; false: the server alone"
    ),
    DeclareLaunchArgument(
        "rviz",
        default_value=str("rviz2" in get_packages_with_prefixes()).lower(),
        description="show the site, the path and the robot in RViz",
    ),
]


def simulation(context):
    """Make the world, then start everything in it."""

    def said(name):
        return LaunchConfiguration(name).perform(context)

    folder = Path(said("world_folder") or tempfile.mkdtemp(prefix="nl_planner_world_"))
    site = read_site(Path(said("site")).expanduser())
    world = export_gazebo(site, folder.expanduser().resolve())
    nav2 = write_nav2_parameters(Path(said("nav2_params_file")), site.robot, world)
    x, y, yaw = (str(number) for number in world.spawn)
    sim_time = {"use_sim_time": True}
    server = "" if said("gui").lower() == "true" else "-s "
    return [
        _included(
            Path(get_package_share_directory("ros_gz_sim")) / "launch" / "gz_sim.launch.py",
            gz_args=f"-r {server}{world.world}",
            on_exit_shutdown="true",
        ),
        Node(
            package="ros_gz_sim",
            executable="create",
            arguments=[
                *("-world", world.name, "-file", str(world.robot), "-name", "sweeper"),
                *("-x", x, "-y", y, "-z", "0.01", "-Y", yaw),
            ],
            output="screen",
        ),
        Node(
            package="ros_gz_bridge",
            executable="parameter_bridge",
            name="gazebo_bridge",
            parameters=[{"config_file": str(world.bridge)}, sim_time],
            output="screen",
        ),
        *[
            Node(
                package="tf2_ros",
                executable="static_transform_publisher",
                name=f"{sensor}_frame",
                arguments=[
                    *("--z", str(height), "--frame-id", "base_link"),
                    *("--child-frame-id", f"sweeper/base_link/{sensor}"),
                ],
                parameters=[sim_time],
            )
            for sensor, height in (("lidar", world.lidar_height), ("imu", world.imu_height))
        ],
        _included(
            SHARE / "launch" / "nav2.launch.py", nav2_params_file=str(nav2), use_sim_time="true"
        ),
        _included(SHARE / "launch" / "planner.launch.py", site=said("site"), use_sim_time="true"),
        Node(
            package="rviz2",
            executable="rviz2",
            arguments=["-d", str(SHARE / "config" / "nl_planner.rviz")],
            parameters=[sim_time],
            condition=IfCondition(LaunchConfiguration("rviz")),
        ),
    ]


def _included(path, **arguments):
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(path)), launch_arguments=arguments.items()
    )


def generate_launch_description():
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=simulation)])
