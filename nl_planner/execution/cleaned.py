"""What of a place is clean, counted on a grid from where the robot really drove."""

from __future__ import annotations

import itertools
import math
import zlib
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage import CoveragePath

FINEST = 20  # cells across the tool; a rim of coarser ones says too little of a small place
MOST_CELLS = 400_000

Floats = NDArray[np.float64]


class Cleaned:
    """Cells of a region: those to be cleaned, and those that the tool went over.

    To be cleaned is what of the region the planned path sweeps; see `plan`.
    """

    def __init__(self, region: BaseGeometry, tool_width: float) -> None:
        self._half = tool_width / 2
        x0, y0, x1, y1 = region.bounds
        self.cell = max(tool_width / FINEST, math.sqrt((x1 - x0) * (y1 - y0) / MOST_CELLS))
        self._corner = np.array([x0, y0])
        shape = (max(1, math.ceil((y1 - y0) / self.cell)), max(1, math.ceil((x1 - x0) / self.cell)))
        y, x = np.indices(shape) * self.cell + self.cell / 2
        shapely.prepare(region)
        self._region: NDArray[np.bool_] = shapely.contains_xy(region, x + x0, y + y0)
        self._wanted = np.zeros(shape, bool)
        self._clean = np.zeros(shape, bool)

    def plan(self, path: CoveragePath) -> Self:
        """From now on what this path sweeps of the region is to be cleaned."""
        self._wanted[:] = False
        for piece in path.pieces:
            if piece.tool_on:
                self._over(self._wanted, path.poses[piece.start : piece.stop + 1, :2])
        self._wanted &= self._region
        return self

    def mark(self, track: Floats) -> None:
        """The tool went along these positions (N, 2)."""
        self._over(self._clean, track)

    @property
    def share(self) -> float:
        """0..1 of what is to be cleaned; 1 where nothing is."""
        wanted = int(self._wanted.sum())
        return float((self._wanted & self._clean).sum() / wanted) if wanted else 1.0

    @property
    def area(self) -> float:
        """m² of the region that are clean."""
        return float((self._region & self._clean).sum()) * self.cell**2

    def missed_along(self, track: Floats) -> float:
        """m² along these positions (N, 2) that are to be cleaned and are not."""
        along = np.zeros_like(self._clean)
        self._over(along, track)
        return float((along & self._wanted & ~self._clean).sum()) * self.cell**2

    def to_bytes(self) -> bytes:
        """What is clean, for `load`."""
        return zlib.compress(np.packbits(self._clean).tobytes(), 1)

    def load(self, data: bytes) -> None:
        """Take over what `to_bytes` of such a grid gave."""
        bits = np.unpackbits(np.frombuffer(zlib.decompress(data), np.uint8))
        if len(bits) >= self._clean.size:
            self._clean = bits[: self._clean.size].reshape(self._clean.shape).astype(bool)

    def _over(self, cells: NDArray[np.bool_], track: Floats) -> None:
        """Set the cells whose middle is within half a tool of the track."""
        if len(track) == 1:
            track = np.vstack((track, track))
        for a, b in itertools.pairwise(track):
            low = np.minimum(a, b) - self._half - self._corner
            high = np.maximum(a, b) + self._half - self._corner
            c0, r0 = np.maximum(np.floor(low / self.cell).astype(int), 0)
            c1, r1 = np.maximum(np.ceil(high / self.cell).astype(int), 0)
            window = cells[r0:r1, c0:c1]
            if not window.size:
                continue
            rows, columns = window.shape
            x = (np.arange(c0, c0 + columns) + 0.5) * self.cell + self._corner[0] - a[0]
            y = ((np.arange(r0, r0 + rows) + 0.5) * self.cell + self._corner[1] - a[1])[:, None]
            step = b - a
            far = float(step @ step)
            t = np.clip((x * step[0] + y * step[1]) / far, 0.0, 1.0) if far > 0 else 0.0
            window |= (x - t * step[0]) ** 2 + (y - t * step[1]) ** 2 <= self._half**2
