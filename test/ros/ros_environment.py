"""The environment of a process that runs, or builds with, the ROS 2 that `make` got from pip.

    python test/ros/ros_environment.py COMMAND ...     runs the command in it

On a robot nobody needs this: there one sources ROS 2 and the workspace.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PREFIX = Path(sys.prefix)


def ros_environment(domain: int | None = None) -> dict[str, str]:
    """This process's variables and those of ROS 2; domain: a DDS domain of one's own, 0 to 101."""
    ours = {
        "AMENT_PREFIX_PATH": str(PREFIX),
        "CMAKE_PREFIX_PATH": str(PREFIX),
        "PATH": os.pathsep.join([str(PREFIX / "bin"), os.environ.get("PATH", os.defpath)]),
        "ROS_DISTRO": "jazzy",
        "ROS_VERSION": "2",
        "ROS_PYTHON_VERSION": "3",
        "RMW_IMPLEMENTATION": "rmw_fastrtps_cpp",
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "ROS_LOG_DIR": str(PREFIX / "var" / "log" / "ros"),
        "FASTRTPS_DEFAULT_PROFILES_FILE": str(HERE / "fastdds.xml"),
    }
    if domain is not None:
        ours["ROS_DOMAIN_ID"] = str(domain)
    return {**os.environ, **ours}


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(__doc__)
    os.execvpe(sys.argv[1], sys.argv[1:], ros_environment())
