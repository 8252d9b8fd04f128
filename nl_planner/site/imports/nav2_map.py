"""A Nav2 map alone to a draft: the rooms found on it, numbered, to be named by a person."""

from __future__ import annotations

import itertools
from pathlib import Path

from nl_planner.errors import NoSpaceError
from nl_planner.site.imports.draft import Draft
from nl_planner.site.model import Entrance, Landmark
from nl_planner.site.occupancy import read_map
from nl_planner.site.rooms import TOLERANCE, find_rooms

_SHOWN = {"room": ("房间", "Room"), "corridor": ("走廊", "Corridor")}


def read_nav2_map(path: str | Path) -> Draft:
    """A draft with the rooms and corridors of a map_server file (YAML).

    Rooms are numbered from west to east and from north to south. Their doors are the entrances
    ``door``, ``door_2``, ... The rooms are looked for without the alpha channel of the image, which
    map_server counts as brightness: grey ground that nobody has scanned would be a room.

    Raises:
        SiteFileError: the YAML or its image is missing or wrong.
        NoSpaceError: nothing on the map is as large as a room.
    """
    path = Path(path)
    rooms = find_rooms(read_map(path, alpha=False))
    if not rooms:
        raise NoSpaceError(
            f"{path}: no free ground as large as a room; check resolution, negate and thresholds"
        )
    landmarks: list[Landmark] = []
    counted = {"room": 0, "corridor": 0}
    for room in rooms:
        counted[room.kind] += 1
        number = counted[room.kind]
        chinese, english = _SHOWN[room.kind]
        ids = ("door" if index == 1 else f"door_{index}" for index in itertools.count(1))
        doors = [
            Entrance(door, (round(x, 3), round(y, 3)))
            for door, (x, y) in zip(ids, room.doors, strict=False)
        ]
        landmarks.append(
            Landmark(
                id=f"{room.kind}_{number}",
                names=(f"{number}号{chinese}", f"{chinese}{number}", f"{english} {number}"),
                kind=room.kind,
                geometry=room.polygon,
                entrances={door.id: door for door in doors},
                enter=True,
            )
        )
    notes = [
        f"Rooms were found on {path.name}: give each the names that people say, and mend outlines "
        f"(drawn to {TOLERANCE:g} m) where the robot divides the floor as no person would.",
    ]
    return Draft(
        names=(path.stem.replace("_", " "),),
        landmarks=tuple(landmarks),
        occupancy=path,
        notes=tuple(notes),
    )
