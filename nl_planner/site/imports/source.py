"""The bytes of a foreign file, and what the importers share in reading them."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import ImportFileError

MAX_BYTES = 256 * 1024 * 1024
MOST_TOLD = 20
MARGIN = 5.0  # m around everything, where the file has no boundary


@dataclass
class Mistakes:
    """What is wrong in a file, told all at once."""

    path: Path
    found: list[str] = field(default_factory=list)

    def add(self, element: str, message: str) -> None:
        """Note what is wrong with an element and how to mend it."""
        self.found.append(f"{self.path}: {element}: {message}")

    def raise_any(self) -> None:
        """Raise ImportFileError with the mistakes, if there are any."""
        if self.found:
            more = len(self.found) - MOST_TOLD
            lines = self.found[:MOST_TOLD] + ([f"... and {more} more"] if more > 0 else [])
            raise ImportFileError("\n".join(lines))


def read_bytes(path: Path) -> bytes:
    """All of a file that is no larger than ``MAX_BYTES``.

    Raises:
        ImportFileError: it is missing, is not a file, cannot be read or is too large.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ImportFileError(f"{path}: is not a file; name the file to import")
        if status.st_size > MAX_BYTES:
            raise ImportFileError(
                f"{path}: has {status.st_size >> 20} MB, more than the {MAX_BYTES >> 20} MB that "
                "are read; cut it to the site (osmium extract, or export a smaller area)"
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ImportFileError(f"{path}: no such file; check the path") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ImportFileError(f"{path}: cannot be read: {reason}") from error


def rounded(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry in whole centimetres; doubled corners are left out."""
    return shapely.remove_repeated_points(shapely.transform(geometry, lambda xy: xy.round(2) + 0.0))


def outline(geometry: BaseGeometry) -> Polygon | None:
    """The polygon without holes; its largest part where it crosses itself; None without area."""
    made = geometry if geometry.is_valid else shapely.make_valid(geometry)
    parts = [
        part
        for part in shapely.get_parts(shapely.get_parts(made))
        if isinstance(part, Polygon) and part.area > 0.01
    ]
    return Polygon(max(parts, key=lambda part: part.area).exterior) if parts else None


def without_holes(polygon: Polygon) -> list[Polygon]:
    """The polygon cut through each of its holes until no piece has one."""
    if not polygon.interiors:
        return [polygon]
    x = polygon.interiors[0].centroid.x
    west, south, east, north = polygon.bounds
    halves = (shapely.box(west, south, x, north), shapely.box(x, south, east, north))
    return [
        piece
        for half in halves
        for part in shapely.get_parts(shapely.intersection(polygon, half))
        if isinstance(part, Polygon) and part.area > 0
        for piece in without_holes(part)
    ]
