"""Region + free space + robot to the path that covers it: ``cover``; to a place: ``drive_to``."""

from nl_planner.coverage.goto import drive_to
from nl_planner.coverage.path import CoveragePath, Piece, PieceKind
from nl_planner.coverage.plan import cover

__all__ = ["CoveragePath", "Piece", "PieceKind", "cover", "drive_to"]
