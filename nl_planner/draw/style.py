"""Colours, edges and hatches of everything on a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

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
LINE_STYLE: dict[str, Any] = {"color": "#7c6f5e", "linewidth": 2.0}
KEEPOUT, KEEPOUT_INK = "#d0453a", "#9c2a20"
REGION, REGION_EDGE, SWEPT = "#ffd54f", "#e08e00", "#ffffff"
PROGRESS = ("#1565c0", "#7b1fa2", "#d81b60")
TRANSIT = "#5f6b73"
START, END = "#1b8a3c", "#c2185b"
ROBOT, OPERATOR = "#00695c", "#6a1b9a"
OBJECT, TASK_OBJECT = "#6d4c41", "#e65100"
ENTRANCE = "#7a4a1e"
ERROR, WARNING = "#b71c1c", "#b26a00"


def kind_colour(kind: str) -> str:
    """The fill of a kind of landmark; the same one for the same word."""
    return KINDS.get(kind) or OTHER_KINDS[sum(kind.encode()) % len(OTHER_KINDS)]


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


def progress_colour(share: float) -> tuple[float, float, float]:
    """The colour of the path where so much (0..1) of it is done."""
    from matplotlib.colors import to_rgb

    stops = np.array([to_rgb(name) for name in PROGRESS])
    at = np.linspace(0, 1, len(stops))
    red, green, blue = (float(np.interp(share, at, stops[:, i])) for i in range(3))
    return red, green, blue
