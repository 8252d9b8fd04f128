"""Which names and tags a map bears, the important ones first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from nl_planner.draw import ground, style, track
from nl_planner.draw.labels import Label, Placer
from nl_planner.draw.layout import Map, Work
from nl_planner.draw.words import names_shown, word
from nl_planner.site.model import Site

MOST_OBJECT_NAMES = 15


def labelled(work: Work, maps: Sequence[Map]) -> list[str]:
    """Place the names on every map; returns the lines of the key, for those that are numbers."""
    numbers: dict[tuple[str, ...], int] = {}
    enlarged = frozenset(leg for here in maps if here.letter for leg in here.legs)
    for here in maps:
        is_overview = not here.letter
        areas = shapely.union_all([work.regions[leg].geometry for leg in here.legs])
        dense = areas.area > 0.2 * here.panel.box.area  # no room but on it
        zooms = [other.panel.box for other in maps if is_overview and other.letter]
        avoid = shapely.union_all([*zooms, *([] if dense else [areas])])
        placer = Placer(here.panel, avoid=avoid, solid=_solid(work.site))
        placer.taken.append((0, 0, here.panel.width * 0.24, 46))  # the scale bar
        if is_overview:
            side = here.panel.width, here.panel.height
            placer.taken.append((side[0] - 56, side[1] - 76, *side))  # the north arrow
        else:
            placer.taken.append((0, here.panel.height - 34, 180, here.panel.height))
        with_ends = not is_overview or len(maps) == 1
        _keep_marks_free(work, here, placer)
        labels = [
            *[_letter(other) for other in maps if is_overview and other.letter],
            *_end_labels(work, here, with_ends, enlarged if is_overview else frozenset()),
            *_place_labels(
                work, here, details=not (is_overview and work.regions), alone=len(maps) == 1
            ),
        ]
        for label in labels:
            placed = placer.place(label)
            if placed is None and label.must:
                number = numbers.setdefault(label.lines, len(numbers) + 1)
                placed = placer.place_number(label, number)
            if placed is not None:
                here.placed.append(placed)
    return [f"{number}  {' / '.join(lines)}" for lines, number in numbers.items()]


def _letter(zoom: Map) -> Label:
    frame = zoom.panel.box
    return Label((zoom.letter,), frame, fill=style.INK, colour="white", sizes=(8.5,), must=False)


def _end_labels(work: Work, here: Map, with_ends: bool, enlarged: frozenset[int]) -> list[Label]:
    """Tags for the start and the end of each leg; its number alone where they are not shown."""
    found = []
    several = len(work.regions) > 1
    white: dict[str, Any] = {"colour": "white", "sizes": (8.0,), "gap": 14, "must": False}
    for leg in here.legs:
        number = f"{leg + 1} " if several else ""
        path = work.paths[leg]
        if path is None or not with_ends:
            shape = work.regions[leg].geometry
            if several and leg not in enlarged and not shape.is_empty:
                at = shape.representative_point()
                found.append(Label((f"{leg + 1}",), at, fill=style.REGION_EDGE, **white))
            continue
        start = number + word("start", work.language), track.at_start(path), style.START
        end = number + word("end", work.language), track.at_end(path), style.END
        for text, at, fill in (start, end):
            if here.panel.box.contains(at):
                found.append(Label((text,), at, fill=fill, **white))
    return found


def _place_labels(work: Work, here: Map, *, details: bool, alone: bool) -> list[Label]:
    """Labels of robot, person, objects and places, the important ones first.

    Without ``details`` doors and things stay without a name, but on a map ``alone`` those of
    the task have theirs.
    """
    site, language, box = work.site, work.language, here.panel.box
    people: list[Label] = []
    spots = (("robot", work.robot, style.ROBOT), ("operator", work.operator, style.OPERATOR))
    for key, spot, colour in spots:
        if spot is not None and box.contains(Point(spot[:2])):
            at, text = Point(spot[:2]), word(key, language)
            people.append(Label((text,), at, 15, colour, must=False, sizes=(7.5,)))
    aims: list[Label] = []
    things: list[Label] = []
    for thing in site.objects:
        stressed = thing.id in work.stressed
        if not box.contains(Point(thing.at)) or not (details or (stressed and alone)):
            continue
        litter = site.taxonomy.classes.get(thing.class_id)
        line = " ".join(names_shown(litter.names if litter else (), thing.class_id, language))
        colour = style.TASK_OBJECT if stressed else style.OBJECT
        sizes = (7.5, 6.4) if stressed else (6.4,)
        label = Label((line,), Point(thing.at), 10, colour, must=False, sizes=sizes)
        (aims if stressed else things).append(label)
    doors: list[Label] = []
    for landmark in site.landmarks.values():
        for entrance in landmark.entrances.values():
            if details and entrance.names and box.contains(Point(entrance.at)):
                line = " ".join(names_shown(entrance.names, entrance.id, language))
                at = Point(entrance.at)
                doors.append(Label((line,), at, 9, style.ENTRANCE, must=False, sizes=(6.0,)))
    return [
        *people,
        *aims[:MOST_OBJECT_NAMES],
        *_landmark_labels(site, box, language),
        *doors,
        *things[: 2 * MOST_OBJECT_NAMES],
    ]


def _landmark_labels(site: Site, box: BaseGeometry, language: str) -> list[Label]:
    """Labels of landmarks and keepouts on what is seen of them in the box, the largest first."""
    seen: list[tuple[BaseGeometry, tuple[str, ...], str]] = [
        (ground.shape_of(landmark), names_shown(landmark.names, landmark.id, language), style.INK)
        for landmark in site.landmarks.values()
    ]
    seen += [
        (keepout.polygon, names_shown(keepout.names, keepout.id, language), style.KEEPOUT_INK)
        for keepout in site.keepouts.values()
    ]
    seen = [each for each in seen if each[0].intersects(box)]
    seen.sort(key=lambda each: -each[0].area)
    labels = []
    for index, (shape, lines, colour) in enumerate(seen):
        above = [other for other, *_ in seen[index + 1 :] if other.area and other.intersects(shape)]
        part = shapely.intersection(shape, box)
        visible = shapely.difference(part, shapely.union_all(above)) if above else part
        labels.append(Label(lines, part if visible.is_empty else visible, colour=colour))
    return labels


def _solid(site: Site) -> BaseGeometry:
    """What a name of something else would hide or be taken for: closed and small things."""
    shapes = [
        ground.shape_of(landmark) for landmark in site.landmarks.values() if not landmark.enter
    ]
    return shapely.union_all([*shapes, *(keepout.polygon for keepout in site.keepouts.values())])


def _keep_marks_free(work: Work, here: Map, placer: Placer) -> None:
    for landmark in work.site.landmarks.values():
        if landmark.geometry.geom_type == "Point":
            placer.keep_free(landmark.geometry.x, landmark.geometry.y, 7)
    for thing in work.site.objects:
        placer.keep_free(*thing.at, 8 if thing.id in work.stressed else 4)
    for spot in (work.robot, work.operator):
        if spot is not None:
            placer.keep_free(*spot[:2], 13)
    for leg in here.legs:
        path = work.paths[leg]
        if path is not None:
            for at in (track.at_start(path), track.at_end(path)):
                placer.keep_free(at.x, at.y, 7)
