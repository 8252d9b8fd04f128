"""Region + free space + robot to the path that covers it: ``cover``; what is left of such a path:
``remaining``; to a place: ``drive_to``.
"""

from nl_planner.coverage.done import progress
from nl_planner.coverage.goto import drive_to
from nl_planner.coverage.path import CoveragePath, Piece, PieceKind
from nl_planner.coverage.plan import cover
from nl_planner.coverage.resume import remaining

__all__ = ["CoveragePath", "Piece", "PieceKind", "cover", "drive_to", "progress", "remaining"]
