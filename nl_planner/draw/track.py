"""Regions and the paths through them on a map."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.path import CoveragePath, PieceKind
from nl_planner.draw import ground, style
from nl_planner.draw.labels import Panel
from nl_planner.draw.text import DPI
from nl_planner.grounding.region import Region
from nl_planner.site.model import Site


def draw_regions(axes: Any, panel: Panel, site: Site, regions: Sequence[Region]) -> None:
    """The areas to work highlighted, what is left out within them hatched."""
    for region in regions:
        look: dict[str, Any] = {
            "facecolor": style.REGION,
            "alpha": 0.6,
            "edgecolor": "none",
            "zorder": 6,
        }
        axes.add_patch(ground.outline(region.geometry, panel, **look))
        edge = {
            "facecolor": "none",
            "edgecolor": style.REGION_EDGE,
            "linewidth": 1.3,
            "zorder": 6.2,
        }
        axes.add_patch(ground.outline(region.geometry, panel, **edge))
        missing = left_out(site, region)
        axes.add_patch(ground.outline(missing, panel, **style.left_out_style()))


def left_out(site: Site, region: Region) -> BaseGeometry:
    """Free space within the ground.outline of a region that does not belong to it."""
    filled = [shapely.Polygon(part.exterior) for part in region.geometry.geoms]
    if not any(part.interiors for part in region.geometry.geoms):
        return shapely.Polygon()
    missing = shapely.difference(shapely.union_all(filled), region.geometry)
    within = shapely.intersection(missing, site.free_space)
    return shapely.buffer(shapely.buffer(within, -0.15), 0.15)  # without slivers


def draw_path(axes: Any, panel: Panel, path: CoveragePath, tool: float, arrows: bool) -> None:
    """The swept band, the line coloured by progress, arrows along it, ends, driving dashed."""
    from matplotlib.collections import LineCollection

    runs = working_runs(path)
    for line in _drive_only(path):
        look: dict[str, Any] = {
            "color": style.TRANSIT,
            "linestyle": (0, (4, 2)),
            "linewidth": 1.1,
            "zorder": 7.5,
        }
        axes.plot(*line.T, **look)
    if not runs:
        return
    spacing = tool * panel.scale
    if spacing > 9:  # pixels; narrower than that the band would be all there is to see
        gap = np.full((1, 2), np.nan)
        band = np.concatenate([part for run in runs for part in (_simple(run[0], panel), gap)])
        ends = {"solid_capstyle": "round", "solid_joinstyle": "round"}
        width = spacing * 72 / DPI
        axes.plot(*band.T, color=style.SWEPT, alpha=0.5, linewidth=width, zorder=7, **ends)
    total = runs[-1][1][-1]
    pieces, colours = [], []
    for points, along in runs:
        for share, piece in _cut(points, along, total / 160):
            pieces.append(_simple(piece, panel))
            colours.append(style.progress_colour(share / total if total else 0.0))
    width = float(np.clip(spacing * 72 / DPI / 4, 0.6, 1.8))
    axes.add_collection(
        LineCollection(pieces, colors=colours, linewidths=width, capstyle="round", zorder=8)
    )
    if arrows:
        _draw_arrows(axes, panel, path, total, spacing)


def working_runs(path: CoveragePath) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The stretches with the tool on: points (n, 2) in m, and metres of work done at each."""
    runs: list[tuple[int, int]] = []
    for piece in path.pieces:
        if not piece.tool_on or piece.stop <= piece.start:
            continue
        if runs and runs[-1][1] == piece.start:
            runs[-1] = (runs[-1][0], piece.stop)
        else:
            runs.append((piece.start, piece.stop))
    found = []
    done = 0.0
    for start, stop in runs:
        points = path.poses[start : stop + 1, :2]
        steps = np.hypot(*np.diff(points, axis=0).T)
        along = done + np.concatenate([[0.0], np.cumsum(steps)])
        done = float(along[-1])
        found.append((points, along))
    return found


def at_start(path: CoveragePath) -> Point:
    """Where the work begins; of a path without work, where it begins."""
    runs = working_runs(path)
    return Point(runs[0][0][0] if runs else path.poses[0, :2])


def at_end(path: CoveragePath) -> Point:
    """Where the work ends; of a path without work, where it ends."""
    runs = working_runs(path)
    return Point(runs[-1][0][-1] if runs else path.poses[-1, :2])


def _drive_only(path: CoveragePath) -> Iterable[NDArray[np.float64]]:
    for piece in path.pieces:
        if not piece.tool_on and piece.stop > piece.start:
            yield path.poses[piece.start : piece.stop + 1, :2]


def _simple(points: NDArray[np.float64], panel: Panel) -> NDArray[np.float64]:
    return np.asarray(shapely.simplify(LineString(points), panel.metres(0.12)).coords)


def _cut(
    points: NDArray[np.float64], along: NDArray[np.float64], step: float
) -> Iterable[tuple[float, NDArray[np.float64]]]:
    """The polyline in pieces of about ``step`` metres, each with its place along the work."""
    marks = np.floor(along / step) if step else np.zeros(len(along))
    edges = [0, *(np.flatnonzero(np.diff(marks)) + 1).tolist(), len(points) - 1]
    for start, stop in pairwise(edges):
        if stop > start:
            yield float(along[start]), points[start : stop + 1]


def _draw_arrows(
    axes: Any,
    panel: Panel,
    path: CoveragePath,
    total: float,
    spacing: float,
) -> None:
    """Arrow heads on the path, so far apart that the eye can follow them."""
    from matplotlib.collections import PolyCollection

    pixels = float(np.clip(np.sqrt(total * panel.scale * spacing / 40), 14, 36))
    apart = pixels / panel.scale
    length = panel.metres(float(np.clip(spacing * 72 / DPI * 0.3, 4.5, 8)))
    chosen: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for at, heading in _arrow_places(path, apart):
        if all(math.dist(at, other) >= apart for other, _ in chosen):
            chosen.append((at, ground.unit(heading)))
    heads = []
    for at, ahead in chosen:
        side = np.array([-ahead[1], ahead[0]])
        sides = (at + length * (turn * 0.5 * side - 0.4 * ahead) for turn in (1, -1))
        left, right = sides
        heads.append([at + 0.6 * length * ahead, left, at - 0.15 * length * ahead, right])
    look: dict[str, Any] = {
        "facecolors": style.INK,
        "edgecolors": "white",
        "linewidths": 0.3,
        "zorder": 9,
    }
    axes.add_collection(PolyCollection(heads, **look))


def _arrow_places(path: CoveragePath, apart: float) -> Iterable[tuple[NDArray[np.float64], float]]:
    """Where arrows could be: along each swath, edge or spiral, its middle first."""
    for piece in path.pieces:
        if not piece.tool_on or piece.kind is PieceKind.TURN or piece.stop <= piece.start:
            continue
        points = path.poses[piece.start : piece.stop + 1, :2]
        line = LineString(points)
        count = max(1, int(line.length / (3 * apart)))
        for share in (np.arange(count) + 0.5) / count:
            here = shapely.line_interpolate_point(line, share, normalized=True)
            ahead = shapely.line_interpolate_point(line, min(1.0, share + 0.02), normalized=True)
            yield np.array([here.x, here.y]), math.atan2(ahead.y - here.y, ahead.x - here.x)
