"""What colcon installs into share/, and the licence; everything else is in pyproject.toml."""

from pathlib import Path

from setuptools import setup

SHARE = "share/nl_planner"


def files(folder: str) -> list[str]:
    """The files of a folder of this checkout."""
    return [str(path) for path in sorted(Path(folder).glob("*")) if path.is_file()]


setup(
    license="Apache-2.0",
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/nl_planner"]),
        (SHARE, ["package.xml"]),
        (f"{SHARE}/maps", files("maps")),
        (f"{SHARE}/launch", files("launch")),
        (f"{SHARE}/config", files("config")),
    ],
)
