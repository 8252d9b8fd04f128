"""What colcon installs into share/, and what it or setuptools cannot read in pyproject.toml.

The setuptools of Ubuntu 24.04 (68) knows no SPDX expression there, and colcon-python-setup-py can
not read the object that setuptools makes of ``requires-python``.
"""

from pathlib import Path

from setuptools import setup

SHARE = "share/nl_planner"


def files(folder: str) -> list[str]:
    """The files of a folder of this checkout."""
    return [str(path) for path in sorted(Path(folder).glob("*")) if path.is_file()]


setup(
    license="Apache-2.0",
    python_requires=">=3.11",
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/nl_planner"]),
        (SHARE, ["package.xml"]),
        (f"{SHARE}/maps", files("maps")),
        (f"{SHARE}/launch", files("launch")),
        (f"{SHARE}/config", files("config")),
    ],
)
