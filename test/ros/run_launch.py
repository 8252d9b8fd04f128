"""Runs a launch file with the real packages launch and launch_ros, and prints what was started.

Each executable in AMENT_PREFIX_PATH is report_start.py, which writes its own command line down.

    python run_launch.py FILE [NAME:=VALUE ...]
"""

import json
import sys

from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

if __name__ == "__main__":
    source = PythonLaunchDescriptionSource(sys.argv[1])
    service = LaunchService(noninteractive=True)
    given = [tuple(word.split(":=", 1)) for word in sys.argv[2:]]
    include = IncludeLaunchDescription(source, launch_arguments=given)
    service.include_launch_description(LaunchDescription([include]))
    status = service.run()
    described = source.try_get_launch_description_without_context()
    for argument in described.get_launch_arguments():
        print(json.dumps({"argument": argument.name, "description": argument.description}))
    sys.exit(status)
