"""Occupancy maps as Nav2's map_server reads them, and their free cells as polygons.

The YAML keys, the three modes and how a pixel becomes a cell follow nav2_map_server (its
``map_io``): https://docs.nav2.org/configuration/packages/configuring-map-server.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from shapely.geometry import MultiPolygon

from nl_planner.errors import did_you_mean
from nl_planner.site.yaml_file import YamlFile, read_yaml

UNKNOWN = -1


@dataclass(frozen=True)
class OccupancyMap:
    """A grid of cells over a site.

    ``cells``: int8 array (rows, columns) of nav_msgs/OccupancyGrid values, -1 unknown, 0 free to
    100 occupied; row 0 is the southern one, column 0 the western one. ``resolution``: side of a
    cell (m). ``origin``: pose (x, y, yaw; m, rad) of the outer corner of cell (0, 0) in the
    map's frame. ``free_below``: a known cell under this value is free.
    """

    cells: NDArray[np.int8]
    resolution: float
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    free_below: float = 1.0

    @cached_property
    def free_space(self) -> MultiPolygon:
        """The free cells, by their exact outlines (m, map's frame); unknown cells are not free."""
        free = (self.cells != UNKNOWN) & (self.cells < self.free_below)
        outlines = cell_outlines(free)
        x, y, yaw = self.origin
        turn = self.resolution * np.array(
            [[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]]
        )
        moved: MultiPolygon = shapely.transform(outlines, lambda points: points @ turn + (x, y))
        return moved


def cell_outlines(free: NDArray[np.bool_]) -> MultiPolygon:
    """The union of the true cells of a grid; cell (row, column) has its corner at (column, row).

    The straight stretches of border between true and false cells meet only at their ends, so they
    are the noded edges of a planar graph, and its faces are the outlines: no union is computed.
    """
    rows, columns = free.shape
    padded = np.zeros((rows + 2, columns + 2), dtype=np.int8)
    padded[1:-1, 1:-1] = free
    south_north = np.diff(padded, axis=0)[:, 1:-1]  # (rows + 1, columns): border y, cell x
    west_east = np.diff(padded, axis=1)[1:-1, :].T  # (columns + 1, rows): border x, cell y
    y, x0, x1 = _runs(south_north)
    x, y0, y1 = _runs(west_east)
    ends = np.concatenate(
        [
            np.stack([np.stack([x0, y], -1), np.stack([x1, y], -1)], axis=1),
            np.stack([np.stack([x, y0], -1), np.stack([x, y1], -1)], axis=1),
        ]
    )
    if not len(ends):
        return MultiPolygon()
    faces = shapely.get_parts(shapely.polygonize(shapely.linestrings(ends.astype(float))))
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    column, row = np.floor(inside).astype(int).T
    return MultiPolygon(faces[free[row, column]].tolist())


def _runs(borders: NDArray[np.int8]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Line, start and end of every stretch of equal non-zero values along the rows."""
    lines, length = borders.shape
    padded = np.zeros((lines, length + 2), dtype=np.int8)
    padded[:, 1:-1] = borders
    change = np.diff(padded, axis=1) != 0
    starts = change[:, :-1] & (borders != 0)
    ends = change[:, 1:] & (borders != 0)
    line, start = np.nonzero(starts)
    _, end = np.nonzero(ends)
    return line, start, end + 1


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


class _MapForm(BaseModel):
    """The keys of a map_server file; others are left alone, as map_server does."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    image: str
    resolution: Annotated[float, Field(gt=0, le=100)]
    origin: tuple[float, float, float]
    negate: bool
    occupied_thresh: Annotated[float, Field(ge=0, le=1)]
    free_thresh: Annotated[float, Field(ge=0, le=1)]
    mode: Annotated[Literal["trinary", "scale", "raw"], BeforeValidator(_lower)] = "trinary"


def read_map(path: str | Path, *, alpha: bool = True) -> OccupancyMap:
    """A map_server map: a YAML file and the image that it names, relative to it.

    ``alpha`` False leaves an alpha channel out of account: in the trinary mode map_server counts it
    as a fourth colour, so that grey that is opaque may turn from unknown to free.

    Raises:
        SiteFileError: the YAML or the image is missing or wrong; with file, line and key.
    """
    file = read_yaml(Path(path), "a map_server YAML file")
    try:
        form = _MapForm.model_validate(file.data)
    except ValidationError as error:
        for fault in error.errors():
            file.mistake(fault["loc"][:1], _said(fault))
        file.raise_mistakes()
        raise AssertionError("unreachable") from error
    shade, opacity = _pixels(file, form.image)
    file.raise_mistakes()
    return OccupancyMap(
        cells=_cells(shade, opacity if alpha else None, form)[::-1],
        resolution=form.resolution,
        origin=form.origin,
        free_below=100 * form.free_thresh if form.mode == "raw" else 1.0,
    )


def _said(fault: Any) -> str:
    key, given = fault["loc"][0], fault["input"]
    if fault["type"] == "missing" and len(fault["loc"]) == 1:
        return "is missing; add it as map_saver writes it"
    if key == "mode":
        return f"unknown mode {given!r}{did_you_mean(str(given), ('trinary', 'scale', 'raw'))}"
    wanted = {
        "image": "the path of a PGM or PNG image",
        "resolution": "metres per cell, over 0",
        "origin": "[x, y, yaw] of the lower left cell",
        "negate": "0 or 1",
    }.get(str(key), "a share from 0 to 1")
    return f"should be {wanted}, not {given!r}"


def _pixels(file: YamlFile, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Shade (mean of the colours) and alpha of each pixel, 0 to 1, top row first."""
    import warnings

    from PIL import Image, UnidentifiedImageError

    path = file.path.parent / name
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Any = Image.open(path)
        with image:
            if "transparency" in image.info:
                image = image.convert("RGBA")
            elif image.mode not in ("L", "LA", "RGB", "RGBA") and not image.mode.startswith("I"):
                image = image.convert("RGB")
            top = 65535.0 if image.mode.startswith("I") else 255.0
            bands = np.asarray(image, dtype=np.float32) / np.float32(top)
            has_alpha = image.mode in ("LA", "RGBA")
    except FileNotFoundError:
        file.mistake(("image",), f"there is no file {path}; the path is relative to this file")
    except UnidentifiedImageError:
        file.mistake(("image",), f"{path} is not an image that can be read; give a PGM or PNG")
    except (
        OSError,
        ValueError,
        SyntaxError,  # how Pillow reports some broken PNG files
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        file.mistake(("image",), f"{path} cannot be read: {error}; give a whole PGM or PNG")
    else:
        if bands.ndim == 2:
            return bands, None
        if not has_alpha:
            return bands.mean(axis=2), None
        return bands[..., :-1].mean(axis=2), bands[..., -1]
    file.raise_mistakes()
    raise AssertionError("unreachable")


def _cells(
    shade: NDArray[np.float32], alpha: NDArray[np.float32] | None, form: _MapForm
) -> NDArray[np.int8]:
    """Occupancy of each pixel, as map_server publishes it."""
    if alpha is not None and form.mode == "trinary":
        # map_server counts alpha as a fourth colour in this mode
        shade = (np.float32(3) * shade + alpha) / np.float32(4)
    occupied = shade if form.negate else 1 - shade
    cells = np.full(shade.shape, UNKNOWN, dtype=np.int8)
    if form.mode == "raw":
        percent = np.rint(shade * 255)
        cells[percent <= 100] = percent[percent <= 100]
        return cells
    if form.mode == "scale":
        span = max(form.occupied_thresh - form.free_thresh, 1e-9)
        cells[...] = np.clip(np.rint((occupied - form.free_thresh) / span * 100), 0, 100)
    cells[occupied < form.free_thresh] = 0
    cells[occupied > form.occupied_thresh] = 100
    if alpha is not None and form.mode == "scale":
        cells[alpha < 1] = UNKNOWN
    return cells
