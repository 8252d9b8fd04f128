"""Which room each cell of a floor belongs to.

Three cues, in this order, as a person reads a floor plan:

1. An opening in a wall: two stretches of thin wall that face each other on one line, or one that
   points at a wall near by (``wall_gaps``). They tell wide openings from mere nooks.
2. A neck: a maximum of the distance transform is a room of its own when the way to a larger one
   leads through something much narrower. This is the watershed of the distance transform, merged
   by the ratio of neck to room (Bormann et al., Room segmentation: survey, ICRA 2016).
3. A long narrow piece of a wide room, left over when a wide disc has swept it: a corridor.

Arrays are (rows, columns); lengths in cells unless a name says metres.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nl_planner.site.wall_gaps import wall_gaps

CLUTTER = 6.0  # m²: an obstacle that stands free and is smaller is furniture, unless it is a wall
WALL_LENGTH = 1.5  # m: a thin obstacle that stands free and is longer is a wall
WALL_WIDTH = 0.35  # m
RAY_WIDTH = 0.3  # m: free space narrower than this is a ray of the scanner
NECK = 0.62  # a neck is narrower than this share of both rooms
SMALLEST_ROOM = 2.5  # m²
NARROWEST_ROOM = 0.9  # m
CORRIDOR_WIDTH = 3.0  # m
CORRIDOR_RATIO = 3.0  # a corridor is at least this many times as long as wide

Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]


def room_cells(free: Mask, resolution: float) -> Labels:
    """The number of the room, from 1, of every cell of the floor; 0 elsewhere.

    Args:
        free: what the map calls free.
        resolution: side of a cell (m).
    """
    floor = clear_floor(free, resolution)
    if not floor.any():
        return np.zeros(free.shape, dtype=np.int32)
    cuts = wall_gaps(floor, resolution)
    depth = ndimage.distance_transform_edt(floor & ~cuts).astype(np.float32)
    labels = _merge_basins(_basins(depth), depth)
    labels = _nearest(labels, floor, reach=np.inf)
    labels = _part_corridors(labels, depth, resolution)
    labels = _merge_small(labels, depth, resolution)
    return _nearest(labels, free | floor, reach=RAY_WIDTH / resolution + 1)


def clear_floor(free: Mask, resolution: float) -> Mask:
    """The free cells without rays of the scanner, and with the ground under furniture."""
    ray = RAY_WIDTH / 2 / resolution
    least = SMALLEST_ROOM / resolution**2
    joined = ndimage.binary_closing(np.pad(~free, 2, constant_values=True), np.ones((3, 3)))
    floor = _large(~joined[2:-2, 2:-2], least)
    obstacles, count = ndimage.label(np.pad(~floor, 1, constant_values=True), np.ones((3, 3)))
    areas = np.bincount(obstacles.ravel(), minlength=count + 1)
    furniture = np.zeros(count + 1, dtype=bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(obstacles), 1):
        long = np.hypot(rows.stop - rows.start, columns.stop - columns.start) * resolution
        area = areas[number] * resolution**2
        wall = long >= WALL_LENGTH and area / long <= WALL_WIDTH
        furniture[number] = area < CLUTTER and not wall
    furniture[[0, obstacles[0, 0]]] = False
    floor |= furniture[obstacles[1:-1, 1:-1]]
    core = ndimage.distance_transform_edt(np.pad(floor, 1))[1:-1, 1:-1] > ray
    swept: Mask = core
    if not core.any():
        return swept
    swept = ndimage.distance_transform_edt(~core) <= ray
    return _large(swept & floor, least)


def is_corridor(area: float, width: float) -> bool:
    """Whether a room of this area (m²) and width (m, of its largest circle) is a corridor."""
    return width <= CORRIDOR_WIDTH and area >= CORRIDOR_RATIO * width**2


def _large(mask: Mask, least: float) -> Mask:
    """The pieces of the mask that have ``least`` cells or more."""
    pieces, _ = ndimage.label(mask)
    keep = np.bincount(pieces.ravel()) >= least
    keep[0] = False
    kept: Mask = keep[pieces]
    return kept


def _basins(depth: NDArray[np.float32]) -> Labels:
    """The cells from which steepest ascent leads to the same summit, numbered from 1."""
    rows, columns = depth.shape
    size = depth.size
    index = np.arange(size, dtype=np.int32).reshape(depth.shape)
    best = depth.copy()
    target = index.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            here = (
                slice(max(0, -down), rows - max(0, down)),
                slice(max(0, -right), columns - max(0, right)),
            )
            there = (
                slice(max(0, down), rows - max(0, -down)),
                slice(max(0, right), columns - max(0, -right)),
            )
            higher = (depth[there] > best[here]) | (
                (depth[there] == best[here]) & (index[there] > target[here])
            )
            best[here][higher] = depth[there][higher]
            target[here][higher] = index[there][higher]
    cells = np.flatnonzero(depth > 0)
    compact = np.zeros(size, dtype=np.int32)
    compact[cells] = np.arange(len(cells), dtype=np.int32)
    pointer = compact[target.ravel()[cells]]
    while True:
        further = pointer[pointer]
        if np.array_equal(further, pointer):
            break
        pointer = further
    _, summit = np.unique(pointer, return_inverse=True)
    labels = np.zeros(size, dtype=np.int32)
    labels[cells] = summit + 1
    return labels.reshape(depth.shape)


def borders(labels: Labels) -> dict[tuple[int, int], NDArray[np.float64]]:
    """The middle (column, row) of each side of a cell where two labels meet, by pair of labels."""
    pairs, middles = _meetings(labels)
    if not len(pairs):
        return {}
    each, which = np.unique(pairs, axis=0, return_inverse=True)
    order = np.argsort(which, kind="stable")
    parts = np.split(middles[order], np.cumsum(np.bincount(which))[:-1])
    return {(int(a), int(b)): part for (a, b), part in zip(each, parts, strict=True)}


def _meetings(labels: Labels) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The pair of labels (lower first) and the middle of each side of a cell where two meet."""
    pairs, middles = [], []
    for axis, offset in ((1, (1.0, 0.5)), (0, (0.5, 1.0))):
        a, b = (labels[:, :-1], labels[:, 1:]) if axis else (labels[:-1], labels[1:])
        row, column = np.nonzero((a != b) & (a > 0) & (b > 0))
        a, b = a[row, column], b[row, column]
        pairs.append(np.stack([np.minimum(a, b), np.maximum(a, b)], axis=-1))
        middles.append(np.stack([column, row], axis=-1) + offset)
    return np.concatenate(pairs), np.concatenate(middles)


def _merge_basins(labels: Labels, depth: NDArray[np.float32]) -> Labels:
    """Join basins, widest pass first, unless the pass is a neck for both."""
    count = int(labels.max())
    peak = np.zeros(count + 1, dtype=np.float32)
    np.maximum.at(peak, labels.ravel(), depth.ravel())
    heights = peak.tolist()
    pairs, middles = _meetings(labels)
    column, row = np.floor(middles).astype(int).T
    # A side between two cells has its middle on the rim of the later one.
    upright = middles[:, 0] == column
    passes = np.minimum(depth[row, column], depth[row - ~upright, column - upright])
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -passes))
    keys = pairs[order, 0].astype(np.int64) * (count + 1) + pairs[order, 1]
    first = np.sort(np.unique(keys, return_index=True)[1])
    parent = list(range(count + 1))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for (a, b), neck in zip(
        pairs[order][first].tolist(), passes[order][first].tolist(), strict=True
    ):
        one, other = root(a), root(b)
        if one != other and neck >= NECK * min(heights[one], heights[other]):
            parent[max(one, other)] = min(one, other)
            heights[min(one, other)] = max(heights[one], heights[other])
    return _renumbered(np.array([root(one) for one in range(count + 1)])[labels])


def _renumbered(labels: NDArray[Any]) -> Labels:
    """The labels numbered from 1 without gaps, 0 kept."""
    used = np.unique(labels)
    table = np.zeros(int(used.max()) + 1, dtype=np.int32)
    table[used[used > 0]] = np.arange(1, np.count_nonzero(used) + 1)
    renumbered: Labels = table[labels]
    return renumbered


def _nearest(labels: Labels, mask: Mask, reach: float) -> Labels:
    """Each cell of the mask with the label nearest to it, if one is within ``reach`` cells."""
    away, at = ndimage.distance_transform_edt(labels == 0, return_indices=True)
    spread: Labels = labels[tuple(at)]
    spread[~mask | (away > reach)] = 0
    return spread


def _part_corridors(labels: Labels, depth: NDArray[np.float32], resolution: float) -> Labels:
    """Number apart the corridors that open into a wider room without a neck."""
    labels = labels.copy()
    total = int(labels.max())
    for number, where in enumerate(ndimage.find_objects(labels), 1):
        own = labels[where] == number
        inside = np.pad(np.where(own, depth[where], 0), 1)
        radius = 0.6 * float(inside.max())
        swept = ndimage.distance_transform_edt(inside < radius)[1:-1, 1:-1] <= radius
        rest, _ = ndimage.label(own & ~swept)
        for piece, box in enumerate(ndimage.find_objects(rest), 1):
            here = rest[box] == piece
            width = 2 * float(depth[where][box][here].max()) * resolution
            area = np.count_nonzero(here) * resolution**2
            if area >= SMALLEST_ROOM and width >= NARROWEST_ROOM and is_corridor(area, width):
                total += 1
                labels[where][box][here] = total
    return labels


def _merge_small(labels: Labels, depth: NDArray[np.float32], resolution: float) -> Labels:
    """Add what is too small for a room to the neighbour with the longest border, smallest first."""
    count = int(labels.max())
    area = np.bincount(labels.ravel(), minlength=count + 1) * resolution**2
    width = np.zeros(count + 1, dtype=np.float32)
    np.maximum.at(width, labels.ravel(), 2 * resolution * depth.ravel())
    contact: dict[int, dict[int, int]] = {one: {} for one in range(1, count + 1)}
    for (a, b), sides in borders(labels).items():
        contact[a][b] = contact[b][a] = len(sides)
    to = np.arange(count + 1)
    while True:
        small = [
            one
            for one in contact
            if contact[one] and (area[one] < SMALLEST_ROOM or width[one] < NARROWEST_ROOM)
        ]
        if not small:
            return _renumbered(to[labels])
        one = min(small, key=lambda number: (area[number], number))
        into = max(contact[one], key=lambda number: (contact[one][number], -number))
        for other, length in contact.pop(one).items():
            del contact[other][one]
            if other != into:
                longer = contact[into].get(other, 0) + length
                contact[into][other] = contact[other][into] = longer
        area[into] += area[one]
        width[into] = max(width[into], width[one])
        to[to == one] = into
