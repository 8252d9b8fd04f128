"""What a map shows, layer by layer from the ground up, each drawn on given matplotlib axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.path import CoveragePath, PieceKind
from nl_planner.draw.labels import Panel, Placed
from nl_planner.draw.text import font
from nl_planner.grounding.region import Region
from nl_planner.site.model import Landmark, SeenObject, Site

INK = "#263238"
FREE = "#fdfdfb"
CLOSED = "#d3d7db"
WALL = "#8b939b"
KINDS = {
    "building": "#d8c3a5",
    "room": "#dfe7f3",
    "area": "#dcead2",
    "road": "#e6e6ea",
    "gate": "#c6b3d9",
    "fixture": "#b9ced6",
}
OTHER_KINDS = ("#ead9e4", "#d5e6e3", "#efe3c8", "#dcd9ee", "#e4dfd3")
KEEPOUT = "#d0453a"
REGION, REGION_EDGE = "#ffd54f", "#e08e00"
PROGRESS = ("#1565c0", "#7b1fa2", "#d81b60")
TRANSIT = "#5f6b73"
START, END = "#1b8a3c", "#c2185b"
ROBOT, OPERATOR = "#00695c", "#6a1b9a"
OBJECT, TASK_OBJECT = "#6d4c41", "#e65100"
ENTRANCE = "#7a4a1e"
ROAD_WIDTH = 5.0  # metres of a road that is a line without a width


def kind_colour(kind: str) -> str:
    """The fill of a kind of landmark; the same one for the same word."""
    return KINDS.get(kind) or OTHER_KINDS[sum(kind.encode()) % len(OTHER_KINDS)]


def shape_of(landmark: Landmark) -> BaseGeometry:
    """The landmark's geometry as it is drawn: a road that is a line has its width."""
    width = landmark.width or (ROAD_WIDTH if landmark.kind == "road" else None)
    if isinstance(landmark.geometry, LineString) and width:
        return shapely.buffer(landmark.geometry, width / 2, cap_style="flat")
    return landmark.geometry


def outline(shape: BaseGeometry, panel: Panel, **style: Any) -> Any:
    """The polygons of a shape, holes and all, as one matplotlib patch."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    seen = shapely.simplify(shape, panel.metres(0.15))
    rings = [
        ring
        for part in shapely.get_parts(shapely.orient_polygons(seen)).tolist()
        if part.geom_type == "Polygon" and not part.is_empty
        for ring in (part.exterior, *part.interiors)
    ]
    if not rings:
        return PathPatch(Path(np.zeros((1, 2))), visible=False)
    loops = [Path(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings]
    return PathPatch(Path.make_compound_path(*loops), **style)


def draw_ground(axes: Any, panel: Panel, site: Site) -> None:
    """Free space, then enterable landmarks, closed ones over them, keepouts hatched."""
    grounds = [ground for ground in (site.boundary, site.mapped) if ground is not None]
    inside = shapely.intersection_all(grounds) if grounds else panel.box
    axes.set_facecolor(CLOSED)
    axes.add_patch(outline(inside, panel, facecolor=FREE, edgecolor="none", zorder=1))
    ordered = sorted(site.landmarks.values(), key=lambda each: -shape_of(each).area)
    for landmark in ordered:
        _draw_landmark(axes, panel, landmark)
    if site.mapped is not None:
        walls = shapely.difference(panel.box, site.mapped)
        axes.add_patch(outline(walls, panel, facecolor=CLOSED, edgecolor="none", zorder=2.5))
    edge = {"facecolor": "none", "edgecolor": WALL, "linewidth": 1.2}
    axes.add_patch(outline(inside, panel, zorder=3.5, **edge))
    for keepout in site.keepouts.values():
        patch = outline(keepout.polygon, panel, **keepout_style())
        axes.add_patch(patch)
    for landmark in ordered:
        for entrance in landmark.entrances.values():
            _draw_entrance(axes, panel, entrance.at, entrance.facing)


def landmark_style(kind: str, enter: bool) -> dict[str, Any]:
    """Fill and edge of a landmark; a closed one has a firm edge."""
    edge = {"edgecolor": "#b9bfc4", "linewidth": 0.6}
    if not enter:
        edge = {"edgecolor": "#7c6f5e", "linewidth": 1.0}
    return {"facecolor": kind_colour(kind), **edge}


def keepout_style() -> dict[str, Any]:
    """Fill, edge and hatch of a keepout."""
    return {
        "facecolor": "#fbe3df",
        "edgecolor": KEEPOUT,
        "hatch": "/////",
        "linewidth": 1.0,
        "zorder": 4,
    }


def _draw_landmark(axes: Any, panel: Panel, landmark: Landmark) -> None:
    shape = shape_of(landmark)
    style = landmark_style(landmark.kind, landmark.enter)
    if shape.area:
        axes.add_patch(outline(shape, panel, zorder=2 if landmark.enter else 3, **style))
    elif shape.length:
        for part in shapely.get_parts(shape).tolist():
            axes.plot(*np.asarray(part.coords)[:, :2].T, color="#7c6f5e", linewidth=2, zorder=3)
    else:
        at = shape.representative_point()
        marker = {"marker": "s", "markersize": 6, "markeredgecolor": "#51606b"}
        axes.plot(at.x, at.y, color=kind_colour(landmark.kind), zorder=4.5, **marker)


def _draw_entrance(
    axes: Any, panel: Panel, at: tuple[float, float], facing: float | None
) -> None:
    """A triangle that points in, a diamond where no direction is known."""
    if facing is None:
        axes.plot(*at, marker="D", markersize=4, color=ENTRANCE, zorder=10)
        return
    size = panel.metres(5)
    out, side = _unit(facing), _unit(facing + math.pi / 2)
    corners = [at, at + size * (out + 0.6 * side), at + size * (out - 0.6 * side)]
    axes.fill(*np.array(corners).T, color=ENTRANCE, linewidth=0, zorder=10)


def draw_regions(axes: Any, panel: Panel, site: Site, regions: Sequence[Region]) -> None:
    """The areas to work highlighted, what is left out within them hatched."""
    for region in regions:
        style = {"facecolor": REGION, "alpha": 0.5, "edgecolor": "none", "zorder": 6}
        axes.add_patch(outline(region.geometry, panel, **style))
        edge = {"facecolor": "none", "edgecolor": REGION_EDGE, "linewidth": 1.3, "zorder": 6.2}
        axes.add_patch(outline(region.geometry, panel, **edge))
        missing = left_out(site, region)
        axes.add_patch(outline(missing, panel, **left_out_style()))


def left_out(site: Site, region: Region) -> BaseGeometry:
    """Free space within the outline of a region that does not belong to it."""
    filled = [shapely.Polygon(part.exterior) for part in region.geometry.geoms]
    if not any(part.interiors for part in region.geometry.geoms):
        return shapely.Polygon()
    return shapely.intersection(
        shapely.difference(shapely.union_all(filled), region.geometry), site.free_space
    )


def left_out_style() -> dict[str, Any]:
    """Fill and hatch of what is left out."""
    return {
        "facecolor": "none",
        "edgecolor": "#8a8f94",
        "hatch": "\\\\\\",
        "linewidth": 0.8,
        "linestyle": "--",
        "zorder": 6.1,
    }


def draw_path(axes: Any, panel: Panel, path: CoveragePath, tool: float, arrows: bool) -> None:
    """The swept band, the line coloured by progress, arrows along it, ends, driving dashed."""
    from matplotlib.collections import LineCollection

    runs = working_runs(path)
    for line in _drive_only(path):
        style = {"color": TRANSIT, "linestyle": (0, (4, 2)), "linewidth": 1.1, "zorder": 7.5}
        axes.plot(*line.T, **style)
    if not runs:
        return
    gap = np.full((1, 2), np.nan)
    band = np.concatenate([part for run in runs for part in (_simple(run[0], panel), gap)])
    axes.plot(
        *band.T,
        color="#4f8fd8",
        alpha=0.22,
        linewidth=tool * panel.scale * 72 / 160,
        solid_capstyle="round",
        solid_joinstyle="round",
        zorder=7,
    )
    total = runs[-1][1][-1]
    pieces, colours = [], []
    for points, along in runs:
        for share, piece in _cut(points, along, total / 160):
            pieces.append(_simple(piece, panel))
            colours.append(progress_colour(share / total if total else 0.0))
    spacing = tool * panel.scale
    width = float(np.clip(spacing * 72 / 160 / 4, 0.5, 1.8))
    axes.add_collection(
        LineCollection(pieces, colors=colours, linewidths=width, capstyle="round", zorder=8)
    )
    if arrows:
        _draw_arrows(axes, panel, path, runs, spacing)


def progress_colour(share: float) -> tuple[float, float, float]:
    """The colour of the path where so much (0..1) of it is done."""
    from matplotlib.colors import to_rgb

    stops = np.array([to_rgb(name) for name in PROGRESS])
    at = np.linspace(0, 1, len(stops))
    red, green, blue = (float(np.interp(share, at, stops[:, i])) for i in range(3))
    return red, green, blue


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
    for start, stop in zip(edges, edges[1:], strict=False):
        if stop > start:
            yield float(along[start]), points[start : stop + 1]


def _draw_arrows(
    axes: Any,
    panel: Panel,
    path: CoveragePath,
    runs: list[tuple[NDArray[np.float64], NDArray[np.float64]]],
    spacing: float,
) -> None:
    """Arrow heads on the path, so far apart that the eye can follow them."""
    from matplotlib.collections import PolyCollection

    apart = panel.metres(max(15.0, spacing * 72 / 160 * 0.9))
    length = panel.metres(float(np.clip(spacing * 72 / 160 * 0.3, 4.5, 8)))
    chosen: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for at, heading in _arrow_places(path, apart):
        if all(math.dist(at, other) >= apart for other, _ in chosen):
            chosen.append((at, _unit(heading)))
    if not chosen:
        points, _ = max(runs, key=lambda run: run[1][-1] - run[1][0])
        ahead = points[len(points) // 2] - points[len(points) // 2 - 1]
        chosen = [(points[len(points) // 2], ahead / (np.hypot(*ahead) or 1.0))]
    heads = []
    for at, ahead in chosen:
        side = np.array([-ahead[1], ahead[0]])
        heads.append(
            [at + 0.6 * length * ahead, at + length * (0.5 * side - 0.4 * ahead)]
            + [at - 0.15 * length * ahead, at + length * (-0.5 * side - 0.4 * ahead)]
        )
    style = {"facecolors": INK, "edgecolors": "white", "linewidths": 0.3, "zorder": 9}
    axes.add_collection(PolyCollection(heads, **style))


def _arrow_places(
    path: CoveragePath, apart: float
) -> Iterable[tuple[NDArray[np.float64], float]]:
    """Where arrows could be: along each swath, edge or spiral, its middle first."""
    for piece in path.pieces:
        if not piece.tool_on or piece.kind is PieceKind.TURN or piece.stop <= piece.start:
            continue
        points = path.poses[piece.start : piece.stop + 1, :2]
        line = LineString(points)
        if line.length < apart / 4:
            continue
        count = max(1, int(line.length / (3 * apart)))
        for share in (np.arange(count) + 0.5) / count:
            here = shapely.line_interpolate_point(line, share, normalized=True)
            ahead = shapely.line_interpolate_point(line, min(1.0, share + 0.02), normalized=True)
            yield np.array([here.x, here.y]), math.atan2(ahead.y - here.y, ahead.x - here.x)


def draw_objects(
    axes: Any, panel: Panel, seen: Iterable[SeenObject], stressed: frozenset[str]
) -> None:
    """The things seen; those of the task in a ring."""
    for thing in seen:
        if thing.id in stressed:
            style = {"markeredgecolor": TASK_OBJECT, "markeredgewidth": 1.6, "zorder": 11}
            axes.plot(*thing.at, marker="o", markersize=9, color="#ffffffcc", **style)
        colour = TASK_OBJECT if thing.id in stressed else OBJECT
        axes.plot(*thing.at, marker="o", markersize=3.5, color=colour, zorder=11.1)


def draw_robot(axes: Any, panel: Panel, pose: tuple[float, float, float], radius: float) -> None:
    """The machine in its size, never too small to see, with a wedge where it faces."""
    from matplotlib.patches import Circle

    size = max(radius, panel.metres(4.5))
    at, ahead, side = np.array(pose[:2]), _unit(pose[2]), _unit(pose[2] + math.pi / 2)
    axes.add_patch(
        Circle(at, size, facecolor=ROBOT, edgecolor="white", linewidth=1, zorder=12)
    )
    wedge = [at + 0.8 * size * ahead, at - size * (0.4 * ahead - 0.5 * side)]
    wedge += [at - 0.1 * size * ahead, at - size * (0.4 * ahead + 0.5 * side)]
    axes.fill(*np.array(wedge).T, color="white", linewidth=0, zorder=12.1)


def person_marker() -> Any:
    """A head and shoulders, as a matplotlib marker."""
    from matplotlib.path import Path

    head = Path.circle((0, 0.55), 0.4)
    body = Path.wedge(0, 180)
    shoulders = Path(body.vertices * (0.75, 0.85) - (0, 0.85), body.codes)
    return Path.make_compound_path(head, shoulders)


def draw_operator(axes: Any, at: tuple[float, float]) -> None:
    """The person who speaks."""
    style = {"markersize": 11, "markeredgecolor": "white", "markeredgewidth": 0.8}
    axes.plot(*at, marker=person_marker(), color=OPERATOR, zorder=12, **style)


def draw_scale(axes: Any, panel: Panel) -> None:
    """A bar of round metres in the lower left corner."""
    from matplotlib.patches import Rectangle

    longest = panel.width / panel.scale / 5
    power = 10 ** math.floor(math.log10(longest))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest)
    left = panel.frame[0] + panel.metres(6)
    low, thick = panel.frame[1] + panel.metres(6), panel.metres(2)
    text = f"{length:g} m"
    pad = panel.metres(3)
    ground = (left - pad, low - pad), length + 2 * pad, panel.metres(16)
    axes.add_patch(Rectangle(*ground, facecolor="#ffffffd0", edgecolor="none", zorder=14))
    for index, colour in enumerate((INK, "white")):
        at = left + index * length / 2, low
        style = {"facecolor": colour, "edgecolor": INK, "linewidth": 0.7, "zorder": 15}
        axes.add_patch(Rectangle(at, length / 2, thick, **style))
    where = left + length / 2, low + panel.metres(8)
    style = {"ha": "center", "va": "center", "color": INK, "zorder": 15}
    axes.text(*where, text, fontproperties=font(text, 7), parse_math=False, **style)


def draw_north(axes: Any, panel: Panel) -> None:
    """An arrow to the north (+y) in the upper right corner."""
    x, y = panel.frame[2] - panel.metres(11), panel.frame[3] - panel.metres(6)
    size = panel.metres(7)
    for side, colour in ((-1, INK), (1, "white")):
        corners = [(x, y), (x + side * 0.62 * size, y - 2 * size), (x, y - 1.5 * size)]
        style = {"facecolor": colour, "edgecolor": INK, "linewidth": 0.7, "zorder": 15}
        axes.fill(*np.array(corners).T, **style)
    style = {"ha": "center", "va": "center", "color": INK, "zorder": 15}
    axes.text(
        x, y - 2.7 * size, "N", fontproperties=font("N", 8), parse_math=False, **style
    )


def write(axes: Any, placed: Placed) -> None:
    """A label, white around the letters so that it reads on any ground."""
    from matplotlib.patheffects import withStroke

    label = placed.label
    style: dict[str, Any] = {"color": label.colour, "zorder": 13}
    if label.fill or placed.number:
        shape = "circle,pad=0.18" if placed.number else "round,pad=0.25,rounding_size=0.5"
        fill = label.fill or "white"
        edge = "white" if label.fill else INK
        style["bbox"] = {"boxstyle": shape, "fc": fill, "ec": edge, "lw": 0.7}
        style["zorder"] = 13.5
    else:
        style["path_effects"] = [withStroke(linewidth=2.2, foreground="#ffffffd8")]
    axes.text(
        placed.x,
        placed.y,
        placed.text,
        fontproperties=font(placed.text, placed.size),
        parse_math=False,
        rotation=90 if placed.upright else 0,
        ha="center",
        va="center",
        linespacing=1.15,
        **style,
    )


def at_start(path: CoveragePath) -> Point:
    """Where the work begins; of a path without work, where it begins."""
    runs = working_runs(path)
    return Point(runs[0][0][0] if runs else path.poses[0, :2])


def at_end(path: CoveragePath) -> Point:
    """Where the work ends; of a path without work, where it ends."""
    runs = working_runs(path)
    return Point(runs[-1][0][-1] if runs else path.poses[-1, :2])


def _unit(angle: float) -> NDArray[np.float64]:
    return np.array([math.cos(angle), math.sin(angle)])
