"""Which ground the tool has cleaned, on a grid."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

CELLS_ACROSS = 10
"""Cells across the tool."""
MOST_CELLS = 4_000_000


class CleanedGround:
    """Cells that are 0 (as it was) or 100 (clean); row 0 is the southern one.

    ``cell`` (m) is the side of a cell, ``origin`` (x, y) the outer corner of cell (0, 0).
    """

    def __init__(self, ground: BaseGeometry, tool_width: float) -> None:
        x0, y0, x1, y1 = ground.bounds
        area = (x1 - x0) * (y1 - y0)
        self.cell = max(tool_width / CELLS_ACROSS, math.sqrt(area / MOST_CELLS))
        self.origin = (x0, y0)
        self._half = tool_width / 2
        shape = (math.ceil((y1 - y0) / self.cell), math.ceil((x1 - x0) / self.cell))
        self.cells: NDArray[np.int8] = np.zeros(shape, np.int8)

    def sweep(self, a: tuple[float, float], b: tuple[float, float]) -> None:
        """The middle of the tool went straight from a to b."""
        ends = np.array([a, b])
        low = np.floor((ends.min(0) - self._half - self.origin) / self.cell).astype(int)
        high = np.ceil((ends.max(0) + self._half - self.origin) / self.cell).astype(int)
        (c0, r0), (c1, r1) = np.maximum(low, 0).tolist(), np.maximum(high, 0).tolist()
        window = self.cells[r0:r1, c0:c1]
        at = np.indices(window.shape)
        x, y = self._middle(at[1] + c0, at[0] + r0)
        (ax, ay), (ux, uy) = ends[0], ends[1] - ends[0]
        t = np.clip(((x - ax) * ux + (y - ay) * uy) / max(ux * ux + uy * uy, 1e-12), 0.0, 1.0)
        window[(x - ax - t * ux) ** 2 + (y - ay - t * uy) ** 2 <= self._half**2] = 100

    def share(self, region: BaseGeometry) -> float:
        """0..1 of the region that is clean; 0 when it holds no cell."""
        at = np.indices(self.cells.shape)
        inside = shapely.contains_xy(region, *self._middle(at[1], at[0]))
        return float((self.cells[inside] > 0).mean()) if inside.any() else 0.0

    @property
    def area(self) -> float:
        """m² that are clean."""
        return float((self.cells > 0).sum()) * self.cell**2

    def _middle(
        self, columns: NDArray[Any], rows: NDArray[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x0, y0 = self.origin
        return x0 + (columns + 0.5) * self.cell, y0 + (rows + 0.5) * self.cell
