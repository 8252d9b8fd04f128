"""A site's world as libsdformat reads it; without libsdformat these tests are skipped."""

import math
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon

from nl_planner.site import read_site
from nl_planner.site.gazebo import export_gazebo

VERSIONS = ("sdformat15", "sdformat14", "sdformat13", "sdformat12")  # of Ionic, Harmonic, Garden, …


@dataclass
class Shape:
    """A collision or visual: its pose in the world (m, rad) and its own numbers."""

    model: str
    link: str
    kind: str
    name: str
    geometry: str
    at: tuple[float, float, float, float]
    numbers: list[str]

    @property
    def ground(self):
        """The ground under it, in the world's frame."""
        x, y, _, yaw = self.at
        if self.geometry == "box":
            half = np.array(self.numbers[:2], float) / 2
            shape = shapely.box(*-half, *half)
        elif self.geometry == "polyline":
            rings = " ".join(self.numbers[1:]).split("ring")[1:]
            outer, *holes = (np.array(ring.split(), float).reshape(-1, 2) for ring in rings)
            shape = Polygon(outer, holes)
        else:
            shape = Point(0, 0).buffer(float(self.numbers[0]))
        turn = np.array([[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]])
        return shapely.transform(shape, lambda points: points @ turn + (x, y))


@dataclass
class Read:
    """What libsdformat found in a file."""

    shapes: list[Shape] = field(default_factory=list)
    links: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    frames: dict[str, list[float]] = field(default_factory=dict)

    def ground(self, kind: str, prefix: str) -> MultiPolygon:
        """The ground under all shapes of the models whose name starts so."""
        found = [s.ground for s in self.shapes if s.kind == kind and s.model.startswith(prefix)]
        return shapely.union_all(found)


@pytest.fixture(scope="session")
def checker(tmp_path_factory):
    """The program of check_sdf.cc, built against the libsdformat of this machine."""
    compiler = shutil.which("g++") or shutil.which("c++")
    version = next(
        (
            v
            for v in VERSIONS
            if shutil.which("pkg-config")
            and not subprocess.run(["pkg-config", "--exists", v], check=False).returncode
        ),
        None,
    )
    if compiler is None or version is None:
        pytest.skip("libsdformat, pkg-config or a C++ compiler is missing: libsdformat-dev, g++")
    program = tmp_path_factory.mktemp("sdf") / "check_sdf"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", version], check=True, capture_output=True, text=True
    ).stdout.split()
    source = Path(__file__).with_name("check_sdf.cc")
    subprocess.run([compiler, "-std=c++17", str(source), "-o", str(program), *flags], check=True)
    return program


@pytest.fixture(scope="session")
def read_sdf(checker):
    """Reads a file as libsdformat does; any complaint of it is an error."""

    def read(path):
        done = subprocess.run([checker, path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        found = Read()
        for line in done.stdout.splitlines():
            words = line.split()
            if words[0] == "link":
                found.links[words[1], words[2]] = [float(word) for word in words[3:]]
            elif words[0] == "frame":
                found.frames[words[1]] = [float(word) for word in words[2:]]
            else:
                at = tuple(float(word) for word in words[5:9])
                found.shapes.append(Shape(*words[:5], at, words[9:]))
        return found

    return read


@pytest.fixture
def site_of(tmp_path):
    """A site of a few lines of YAML, in a folder of its own."""

    def make(text):
        path = tmp_path / "yard.site.yaml"
        path.write_text(text, encoding="utf-8")
        return read_site(path)

    return make


@pytest.fixture
def world_of(read_sdf, tmp_path):
    """The exported world of a site, and what libsdformat finds in it and in its robot."""

    def make(site):
        made = export_gazebo(site, tmp_path / "world")
        return made, read_sdf(made.world), read_sdf(made.robot)

    return make
