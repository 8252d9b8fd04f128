"""The planner on a robot that runs Nav2.

ros2 launch nl_planner planner.launch.py site:=/path/to/my.site.yaml
"""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

SHARE = Path(get_package_share_directory("nl_planner"))

ARGUMENTS = [
    DeclareLaunchArgument("site", description="the site file (*.site.yaml) of this place"),
    DeclareLaunchArgument(
        "params_file",
        default_value=str(SHARE / "config" / "nl_planner.yaml"),
        description="parameters of the node; the arguments below go before it",
    ),
    DeclareLaunchArgument(
        "model",
        default_value="",
        description="name of the language model (`nl-planner models list`); "
        "empty: the one of params_file",
    ),
    DeclareLaunchArgument(
        "record",
        default_value="",
        description="folder that gets a rosbag2 of each run; empty: as params_file says",
    ),
    DeclareLaunchArgument(
        "namespace", default_value="", description="namespace of the node and its topics"
    ),
    DeclareLaunchArgument(
        "use_sim_time", default_value="false", description="take the time from /clock"
    ),
    DeclareLaunchArgument(
        "autostart",
        default_value="true",
        description="configure and activate at once; false: a lifecycle manager does it",
    ),
    DeclareLaunchArgument(
        "respawn",
        default_value="true",
        description="start the node again when it died: it then offers to go on with its job",
    ),
    DeclareLaunchArgument(
        "enclave", default_value="", description="under SROS 2: the node's enclave, /nl_planner"
    ),
    DeclareLaunchArgument(
        "log_level", default_value="info", description="debug, info, warn, error or fatal"
    ),
]


def planner(context):
    """The node; an argument that was left empty leaves the value of params_file alone."""

    def said(name):
        return LaunchConfiguration(name).perform(context)

    site = Path(said("site")).expanduser().resolve()
    if not site.is_file():
        raise RuntimeError(f"site:={said('site')}: there is no file {site}")
    own = {name: said(name) for name in ("model", "record") if said(name)}
    logger = ".".join(filter(None, [*said("namespace").split("/"), "nl_planner"]))
    enclave = ["--enclave", said("enclave")] if said("enclave") else []
    return [
        Node(
            package="nl_planner",
            executable="nl_planner_node",
            name="nl_planner",
            namespace=said("namespace"),
            output="screen",
            emulate_tty=True,
            respawn=said("respawn").lower() == "true",
            respawn_delay=2.0,
            sigterm_timeout="15",  # to stop the robot and close the recording
            parameters=[
                said("params_file"),
                {
                    "site": str(site),
                    "use_sim_time": said("use_sim_time").lower() == "true",
                    "autostart": said("autostart").lower() == "true",
                    **own,
                },
            ],
            ros_arguments=["--log-level", f"{logger}:={said('log_level')}", *enclave],
        )
    ]


def generate_launch_description():
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=planner)])
