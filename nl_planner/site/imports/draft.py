"""What an importer makes of a foreign file: a site to be looked over by a person.

An importer is a function ``read_x(path) -> Draft`` in a file of its own; ``write`` turns the draft
into a site file. Coordinates are metres in ``frame_id`` and angles radians, as in the site model.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shapely.geometry import Polygon

from nl_planner.site.model import Keepout, Landmark, Robot, SeenObject
from nl_planner.site.taxonomy import LitterClass
from nl_planner.task import BUILTIN_LANDMARKS, Action

ROBOT = Robot(radius=0.35, tool_width=0.6, actions=(Action.SWEEP, Action.VACUUM))
"""The machine of a draft, when the file says nothing of it: the person puts in the real one."""

LONGEST_ID = 40


@dataclass(frozen=True)
class Draft:
    """A site as an importer understood it.

    ``landmarks`` and ``keepouts`` have ids that are unique among both (``new_id``); an entrance
    needs no ``facing``, it follows from the outline. ``occupancy`` is a Nav2 map_server file.
    ``boundary`` or ``occupancy`` is needed. ``notes`` become comments at the top of the file: the
    source, its licence, what to check. ``comments`` stand above single entries, by id.
    """

    names: tuple[str, ...]
    landmarks: tuple[Landmark, ...]
    keepouts: tuple[Keepout, ...] = ()
    boundary: Polygon | None = None
    occupancy: Path | None = None
    frame_id: str = "map"
    robot: Robot = ROBOT
    reach: Mapping[str, float] = field(default_factory=dict)
    objects: tuple[SeenObject, ...] = ()
    classes: tuple[LitterClass, ...] = ()
    notes: tuple[str, ...] = ()
    comments: Mapping[str, str] = field(default_factory=dict)


def new_id(names: Sequence[str], kind: str, taken: Collection[str]) -> str:
    """An id ``[a-z0-9_]+`` that is not in ``taken``, to be added there by the caller.

    From the first name in Latin letters (``Building 1``: building_1), else from the pinyin of the
    first name (一号楼: yi_hao_lou), else the kind; with a number when that is taken.
    """
    latin = next((name for name in names if name.isascii() and re.search("[a-zA-Z]", name)), None)
    base = _plain(latin or (names[0] if names else "")) or _plain(kind) or "thing"
    if base not in taken and base not in BUILTIN_LANDMARKS:
        return base
    last, free = 1, 2
    while f"{base}_{free}" in taken:
        last, free = free, 2 * free
    while free - last > 1:
        middle = (last + free) // 2
        if f"{base}_{middle}" in taken:
            last = middle
        else:
            free = middle
    return f"{base}_{free}"


def _plain(text: str) -> str:
    """The text in ``[a-z0-9_]``, cut at a word where it is long."""
    if not text.isascii():
        from unicodedata import normalize

        from pypinyin import lazy_pinyin

        text = " ".join(lazy_pinyin(text))
        text = normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if len(plain) <= LONGEST_ID:
        return plain
    return plain[: LONGEST_ID + 1].rpartition("_")[0] or plain[:LONGEST_ID]
