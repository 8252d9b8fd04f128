"""What lies over a map: objects, robot, person, scale, north, and the text of labels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nl_planner.draw import ground, style
from nl_planner.draw.labels import Panel, Placed
from nl_planner.draw.text import font
from nl_planner.site.check import Finding
from nl_planner.site.model import SeenObject, Site


def draw_objects(
    axes: Any, panel: Panel, seen: Iterable[SeenObject], stressed: frozenset[str]
) -> None:
    """The things seen; those of the task in a ring."""
    for thing in seen:
        if thing.id in stressed:
            look: dict[str, Any] = {
                "markeredgecolor": style.TASK_OBJECT,
                "markeredgewidth": 1.6,
                "zorder": 11,
            }
            axes.plot(*thing.at, marker="o", markersize=9, color="#ffffffcc", **look)
        colour = style.TASK_OBJECT if thing.id in stressed else style.OBJECT
        axes.plot(*thing.at, marker="o", markersize=3.5, color=colour, zorder=11.1)


def draw_findings(axes: Any, site: Site, findings: Sequence[Finding]) -> None:
    """The numbers, from 1, of what is to be mended, each at its thing; errors in red.

    Findings of one thing share a mark; those of the whole site have none.
    """
    at: dict[tuple[float, float], list[int]] = {}
    for number, finding in enumerate(findings, 1):
        spot = _spot(site, finding.key)
        if spot is not None:
            at.setdefault(spot, []).append(number)
    for spot, numbers in at.items():
        worst = findings[numbers[0] - 1]
        colour = style.ERROR if worst.severity == "error" else style.WARNING
        axes.annotate(
            ",".join(map(str, numbers)),
            spot,
            xytext=(0, 16),  # over the name
            textcoords="offset points",
            fontproperties=font("1", 7),
            color="white",
            ha="center",
            va="center",
            annotation_clip=True,
            zorder=15,
            bbox={"boxstyle": "round,pad=0.25", "fc": colour, "ec": "white", "lw": 0.8},
        )


def _spot(site: Site, key: str) -> tuple[float, float] | None:
    """Where the thing with a key of the file lies, as ``landmarks.hall.entrances.main``."""
    group, _, rest = key.partition(".")
    name, _, inner = rest.partition(".")
    if group == "landmarks" and inner:
        return site.landmarks[name].entrances[inner.split(".")[1]].at
    if group == "objects":
        return next(seen.at for seen in site.objects if seen.id == rest)
    if group == "landmarks":
        at = site.landmarks[name].geometry.representative_point()
    elif group == "keepouts":
        at = site.keepouts[name].polygon.representative_point()
    else:
        return None
    return at.x, at.y


def draw_robot(axes: Any, panel: Panel, pose: tuple[float, float, float], radius: float) -> None:
    """The machine in its size, never too small to see, with a wedge where it faces."""
    from matplotlib.patches import Circle

    size = max(radius, panel.metres(4.5))
    at, ahead, side = np.array(pose[:2]), ground.unit(pose[2]), ground.unit(pose[2] + math.pi / 2)
    body: dict[str, Any] = {"facecolor": style.ROBOT, "edgecolor": "white", "linewidth": 1}
    axes.add_patch(Circle(pose[:2], size, zorder=12, **body))
    wedge = [at + 0.8 * size * ahead, at - size * (0.4 * ahead - 0.5 * side)]
    wedge += [at - 0.1 * size * ahead, at - size * (0.4 * ahead + 0.5 * side)]
    axes.fill(*np.array(wedge).T, color="white", linewidth=0, zorder=12.1)


def draw_operator(axes: Any, at: tuple[float, float]) -> None:
    """The person who speaks."""
    look: dict[str, Any] = {"markersize": 11, "markeredgecolor": "white", "markeredgewidth": 0.8}
    axes.plot(*at, marker=person_marker(), color=style.OPERATOR, zorder=12, **look)


def person_marker() -> Any:
    """A head and shoulders, as a matplotlib marker."""
    from matplotlib.path import Path

    head = Path.circle((0, 0.55), 0.4)
    body = Path.wedge(0, 180)
    shoulders = Path(np.asarray(body.vertices) * (0.75, 0.85) - (0, 0.85), body.codes)
    return Path.make_compound_path(head, shoulders)


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
    back = (left - pad, low - pad), length + 2 * pad, panel.metres(16)
    axes.add_patch(Rectangle(*back, facecolor="#ffffffd0", edgecolor="none", zorder=14))
    for index, colour in enumerate((style.INK, "white")):
        at = left + index * length / 2, low
        look: dict[str, Any] = {
            "facecolor": colour,
            "edgecolor": style.INK,
            "linewidth": 0.7,
            "zorder": 15,
        }
        axes.add_patch(Rectangle(at, length / 2, thick, **look))
    where = left + length / 2, low + panel.metres(8)
    middle: dict[str, Any] = {"ha": "center", "va": "center", "color": style.INK, "zorder": 15}
    axes.text(*where, text, fontproperties=font(text, 7), parse_math=False, **middle)


def draw_north(axes: Any, panel: Panel) -> None:
    """An arrow to the north (+y) in the upper right corner."""
    x, y = panel.frame[2] - panel.metres(11), panel.frame[3] - panel.metres(6)
    size = panel.metres(7)
    for side, colour in ((-1, style.INK), (1, "white")):
        corners = [(x, y), (x + side * 0.62 * size, y - 2 * size), (x, y - 1.5 * size)]
        look: dict[str, Any] = {
            "facecolor": colour,
            "edgecolor": style.INK,
            "linewidth": 0.7,
            "zorder": 15,
        }
        axes.fill(*np.array(corners).T, **look)
    middle: dict[str, Any] = {"ha": "center", "va": "center", "color": style.INK, "zorder": 15}
    axes.text(x, y - 2.7 * size, "N", fontproperties=font("N", 8), parse_math=False, **middle)


def write(axes: Any, placed: Placed) -> None:
    """A label, white around the letters so that it reads on any ground."""
    from matplotlib.patheffects import withStroke

    label = placed.label
    look: dict[str, Any] = {"color": label.colour, "zorder": 13}
    if label.fill:
        if label.shape.geom_type == "Point" and label.fill != "white":
            ends = [placed.x, label.shape.x], [placed.y, label.shape.y]
            axes.plot(*ends, color=label.fill, linewidth=1, zorder=11.4)
        edge = style.INK if label.fill == "white" else "white"
        shape = "round,pad=0.25,rounding_size=0.5"
        look["bbox"] = {"boxstyle": shape, "fc": label.fill, "ec": edge, "lw": 0.7}
        look["zorder"] = 13.5
    else:
        look["path_effects"] = [withStroke(linewidth=2.2, foreground="#ffffffd8")]
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
        **look,
    )
