"""What coverage hands to execution."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


class PieceKind(StrEnum):
    """What the robot does on a stretch of the path."""

    SWATH = "swath"  # one straight pass of the tool
    EDGE = "edge"  # along a wall or around an obstacle
    TRANSIT = "transit"  # from one place of work to the next
    TURN = "turn"  # from one swath into its neighbour
    SPOT = "spot"  # the spiral over one object


@dataclass(frozen=True)
class Piece:
    """Poses ``start`` to ``stop`` (inclusive) of a path are one piece of this kind; on a piece
    driven in ``reverse`` the robot's yaw is opposite to its way.
    """

    kind: PieceKind
    start: int
    stop: int
    tool_on: bool
    reverse: bool = False


@dataclass(frozen=True)
class CoveragePath:
    """The path of the robot's centre over a region.

    ``poses``: array (N, 3) of x, y (m) and yaw (rad) in the site's frame. ``pieces`` follow one
    another and share their end poses. ``coverage``: the share (0..1) of what the tool can reach of
    the region that the path cleans. ``duration`` (s) from the robot's speed and acceleration.
    ``left_out``: m² of the region that the machine cannot reach.
    """

    poses: NDArray[np.float64]
    pieces: tuple[Piece, ...]
    length: float
    turns: int
    duration: float
    coverage: float
    left_out: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """What the contract says of ``cover``, and the pieces."""
        return {
            "path": [[round(float(v), 4) for v in pose] for pose in self.poses],
            "length": round(self.length, 3),
            "coverage": round(self.coverage, 5),
            "duration": round(self.duration, 1),
            "turns": int(self.turns),
            "pieces": [
                {
                    "kind": p.kind.value,
                    "start": p.start,
                    "stop": p.stop,
                    "tool_on": p.tool_on,
                    "reverse": p.reverse,
                }
                for p in self.pieces
            ],
        }
