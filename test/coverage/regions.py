"""Seeded random regions: the shapes that break coverage planners."""

import math

import numpy as np
import shapely
from shapely.affinity import rotate
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

SHAPES = ("room", "blob", "neck", "parts", "sliver", "tiny", "touching", "stairs")


def random_region(shape: str, seed: int) -> BaseGeometry:
    """A region of that kind; sizes suit a robot of 0.3 m radius."""
    rng = np.random.default_rng(seed)
    width, height = rng.uniform(2.5, 7, 2)
    room = box(0, 0, width, height)
    if shape == "room":
        region = room.difference(_obstacles(rng, width, height, int(rng.integers(1, 6))))
    elif shape == "blob":
        angle = np.sort(rng.uniform(0, 2 * math.pi, 12))
        far = rng.uniform(1.0, 4.0, 12)
        region = Polygon(np.column_stack((far * np.cos(angle), far * np.sin(angle)))).buffer(0)
    elif shape == "neck":
        neck = box(width - 0.1, 1, width + 1.5, 1 + rng.uniform(0.5, 0.8))
        region = shapely.union_all([room, neck, box(width + 1.4, 0, width + 4, height)])
    elif shape == "parts":
        region = shapely.union_all([room, box(width + 1, 0, width + 4, 3)])
    elif shape == "sliver":
        ends = rng.uniform(0, 6, (3, 2))
        region = shapely.union_all([room, LineString(ends).buffer(rng.uniform(0.32, 0.5))])
    elif shape == "tiny":
        region = box(0, 0, *rng.uniform(0.65, 1.0, 2))
    elif shape == "touching":
        x, y = width / 2, height / 2
        holes = [box(x - 1, y - 0.3, x, y + 0.3), box(x, y - 0.3, x + 0.8, y + 0.5)]
        region = room.difference(shapely.union_all(holes)).difference(box(-1, 1, 0.5, 1.3))
    else:
        steps = [box(0.05 * k, 0, width, 1 + 0.05 * k) for k in range(20)]
        region = shapely.union_all(steps)
    return rotate(region, float(rng.uniform(0, 90)), origin=(0, 0))


def _obstacles(rng: np.random.Generator, width: float, height: float, count: int) -> BaseGeometry:
    at = rng.uniform((0, 0), (width, height), (count, 2))
    return shapely.union_all(
        [Point(p).buffer(r) for p, r in zip(at, rng.uniform(0.05, 0.6, count), strict=True)]
    )
