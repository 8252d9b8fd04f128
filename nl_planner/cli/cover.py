"""``cover``: coverage alone."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nl_planner.cli.arguments import add_json, command, numbers, print_json

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = command(
        commands,
        "cover",
        "the coverage path over a region from a GeoJSON file",
        "  nl-planner cover room.geojson --tool-width 0.5 --robot-radius 0.25 --json\n"
        "  nl-planner cover corner.geojson --free room.geojson --tool-width 0.5 "
        "--robot-radius 0.25 --start 1,2",
    )
    parser.add_argument("region", metavar="REGION.geojson", help="area to clean (Polygon, metres)")
    parser.add_argument("--tool-width", metavar="W", type=float, required=True, help="metres")
    parser.add_argument("--robot-radius", metavar="R", type=float, required=True, help="metres")
    parser.add_argument(
        "--overlap",
        metavar="SHARE",
        type=float,
        default=0.0,
        help="of neighbouring swaths, 0 to 0.5 of the tool width (default: 0)",
    )
    parser.add_argument(
        "--turning-radius",
        metavar="R",
        type=float,
        default=0.0,
        help="of a machine that cannot turn on the spot, metres (default: 0, it can)",
    )
    parser.add_argument("--start", metavar="X,Y", type=numbers(2), help="where the robot is")
    parser.add_argument(
        "--free", metavar="FREE.geojson", help="where the robot may be (default: the region)"
    )
    add_json(parser)
    parser.set_defaults(run=_cover)


def _cover(arguments: argparse.Namespace) -> int:
    from nl_planner.coverage import cover

    region = _polygons(arguments.region)
    free = _polygons(arguments.free) if arguments.free else None
    began = time.perf_counter()
    path = cover(
        region,
        free,
        radius=arguments.robot_radius,
        tool_width=arguments.tool_width,
        overlap=arguments.overlap,
        turning_radius=arguments.turning_radius,
        start=arguments.start,
    )
    document = {**path.to_json(), "compute_seconds": round(time.perf_counter() - began, 3)}
    if arguments.json:
        print_json(document)
    else:
        print(
            f"{path.length:.1f} m, {path.turns} turns, covers {path.coverage:.1%} of what the tool "
            f"can reach, {path.left_out:.2f} m² out of reach ({document['compute_seconds']} s)"
        )
    return 0


def _polygons(file: str) -> BaseGeometry:
    """All polygons of a GeoJSON file as one geometry."""
    import shapely
    from shapely.errors import GEOSException
    from shapely.geometry import shape

    from nl_planner.errors import RegionFileError

    mend = "give a GeoJSON file with a Polygon or MultiPolygon in metres"
    try:
        document = json.loads(Path(file).read_text("utf-8"))
    except OSError as error:
        raise RegionFileError(f"{file}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise RegionFileError(f"{file}: not JSON: {error}; {mend}") from error
    try:
        features = document.get("features", [document])
        shapes = [shape(feature.get("geometry", feature)) for feature in features]
    except (AttributeError, KeyError, TypeError, ValueError, GEOSException) as error:
        raise RegionFileError(f"{file}: not GeoJSON ({error}); {mend}") from error
    polygons = [s for s in shapes if s.geom_type in ("Polygon", "MultiPolygon") and not s.is_empty]
    if not polygons:
        raise RegionFileError(f"{file}: there is no polygon in it; {mend}")
    for polygon in polygons:
        if not polygon.is_valid:
            reason = shapely.is_valid_reason(polygon)
            raise RegionFileError(f"{file}: a polygon is not valid: {reason}; mend its outline")
    return shapely.union_all(polygons)
