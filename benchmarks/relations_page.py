"""Every relation on one page: what region each means, outdoors and indoors.

    python benchmarks/relations_page.py [--out docs/relations.png]

Each cell is a place on maps/riverside.site.yaml or maps/indoor.site.yaml, its region in yellow and
under the picture what the region says of itself; P is the person, the arrow the robot.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import shapely
from shapely.geometry import LineString, Point

from nl_planner.draw import ground as grounds
from nl_planner.draw import marks, style, track
from nl_planner.draw.labels import Panel
from nl_planner.draw.text import DPI, font, wrapped
from nl_planner.grounding import ground
from nl_planner.site import Site, read_site
from nl_planner.site.model import name_in
from nl_planner.task import BUILTIN_LANDMARKS, Action, Place, Task

MAPS = Path(__file__).parents[1] / "maps"
COLUMNS, CELL, TEXT, HEAD = 6, 330, 78, 56  # of the page: cells a row, the others in pixels


class Cell(NamedTuple):
    """A place to draw: what is said, the task, and who stands where."""

    say: str
    task: Task
    robot: tuple[float, float, float] | None = None
    operator: tuple[float, float] | None = None


def place(relation: str, *landmarks: str, **more: Any) -> Place:
    return Place(relation=relation, landmarks=landmarks, **more)


def cell(say: str, where: Place, left_out: Sequence[Place] = (), **who: Any) -> Cell:
    task = Task(action=Action.SWEEP, place=where, except_places=tuple(left_out))
    return Cell(say, task, **who)


RIVERSIDE = [
    cell("in the visitor parking", place("in", "visitor_parking")),
    cell("in front of building 1", place("in_front_of", "building_1")),
    cell("in front of building 6: two doors", place("in_front_of", "building_6")),
    cell("in front of unit 2 of building 6", place("in_front_of", "building_6.unit_2")),
    cell("in front of the gazebo, for me", place("in_front_of", "gazebo"), operator=(20, 45)),
    cell("in front of it, for the robot", place("in_front_of", "gazebo"), robot=(19, 53, 0)),
    cell("behind building 1", place("behind", "building_1")),
    cell("left of building 1", place("left_of", "building_1")),
    cell("right of building 1", place("right_of", "building_1")),
    cell("left of the tree, for me", place("left_of", "old_camphor"), operator=(50, 39)),
    cell("right of the tree, for me", place("right_of", "old_camphor"), operator=(50, 39)),
    cell("near the lotus pond", place("near", "lotus_pond")),
    cell("5 m around garage 2", place("around", "garage_2", distance=5.0)),
    cell("around the flower bed", place("around", "flower_bed")),
    cell("between buildings 1 and 2", place("between", "building_1", "building_2")),
    cell("between the pond and the gazebo", place("between", "lotus_pond", "gazebo")),
    cell("along Camphor Road", place("along", "camphor_road")),
    cell("along the west fence", place("along", "west_fence")),
    cell("opposite garage 2", place("opposite", "garage_2")),
    cell("opposite the guard house", place("opposite", "guard_house")),
    cell("north of the lotus pond", place("north_of", "lotus_pond")),
    cell("south of building 7", place("south_of", "building_7")),
    cell("east of building 5", place("east_of", "building_5")),
    cell("west of the playground", place("west_of", "playground")),
    cell("the plaza, its north", place("in", "plaza", part="north")),
    cell("the plaza, its middle", place("in", "plaza", part="middle")),
    cell("the plaza, its edge", place("in", "plaza", part="edge")),
    cell("the plaza, its corners", place("in", "plaza", part="corner")),
    cell("the plaza, its left, for me", place("in", "plaza", part="left"), operator=(55, 27)),
    cell("the plaza but the bench", place("in", "plaza"), [place("near", "bench")]),
]
INDOOR = [
    cell("in the kitchen", place("in", "kitchen")),
    cell("in front of the bedroom", place("in_front_of", "bedroom")),
    cell("in front of the sofa", place("in_front_of", "sofa")),
    cell("behind the sofa", place("behind", "sofa")),
    cell("left of the bed", place("left_of", "bed")),
    cell("right of the bed", place("right_of", "bed")),
    cell("near the dining table", place("near", "dining_table")),
    cell("1 m around the sofa", place("around", "sofa", distance=1.0)),
    cell("between sofa and table", place("between", "sofa", "dining_table")),
    cell("along the TV wall", place("along", "media_wall")),
    cell("opposite the TV wall", place("opposite", "media_wall")),
    cell("north of the sofa", place("north_of", "sofa")),
    cell("south of the dining table", place("south_of", "dining_table")),
    cell("east of the bed", place("east_of", "bed")),
    cell("west of the fridge", place("west_of", "fridge")),
    cell("the kitchen, its edge", place("in", "kitchen", part="edge")),
    cell("the living room, its corners", place("in", "living_room", part="corner")),
    cell("by me", place("near", "operator"), operator=(0.0, 2.5)),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("docs/relations.png"))
    args = parser.parse_args()
    sites = {name: read_site(MAPS / f"{name}.site.yaml") for name in ("riverside", "indoor")}
    draw_page([(sites["riverside"], RIVERSIDE), (sites["indoor"], INDOOR)], args.out)
    print(args.out)


def draw_page(chapters: Sequence[tuple[Site, Sequence[Cell]]], out: Path) -> None:
    """The cells of each site, under its name."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = [math.ceil(len(cells) / COLUMNS) for _, cells in chapters]
    width, height = COLUMNS * CELL, sum(HEAD + row * (CELL + TEXT) for row in rows)
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)

    def write(text: str, size: float, left: float, top: float, colour: str = style.INK) -> None:
        at = (left / width, 1 - top / height)
        look = {"fontproperties": font(text, size), "va": "top", "color": colour}
        figure.text(*at, text, parse_math=False, **look)

    top = 0
    for (site, cells), row_count in zip(chapters, rows, strict=True):
        write(name_in(site.name, "en"), 13, 8, top + 14)
        top += HEAD
        for index, each in enumerate(cells):
            left, down = CELL * (index % COLUMNS), top + (CELL + TEXT) * (index // COLUMNS)
            box = (left + 6, height - down - TEXT - CELL + 6, CELL - 12, CELL - 12)
            axes = figure.add_axes(
                (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
            )
            said = draw_cell(axes, site, each, CELL - 12)
            write(each.say, 7.5, left + 8, down + 2)
            for line, text in enumerate(wrapped(said, (CELL + 30) / (6 * DPI / 72), 3)):
                write(text, 6, left + 8, down + TEXT - 50 + 17 * line, "#546e7a")
        top += row_count * (CELL + TEXT)
    figure.savefig(out, format="png", dpi=DPI, metadata={"Software": "nl_planner"})


def draw_cell(axes: Any, site: Site, each: Cell, size: int) -> str:
    """Draw the ground around the region; returns what the region says of itself."""
    region = ground(each.task, site, robot=each.robot, operator=each.operator)
    assert each.task.place is not None
    who = [Point(at[:2]) for at in (each.robot, each.operator) if at is not None]
    things = [
        site.landmark(name).geometry if name in site.landmarks else site.keepouts[name].polygon
        for name in (mark.split(".")[0] for mark in each.task.place.landmarks)
        if name not in BUILTIN_LANDMARKS
    ]
    things = [thing for thing in things if not isinstance(thing, LineString)]
    seen = shapely.union_all([region.geometry, *things, *who])
    x0, y0, x1, y1 = seen.bounds
    margin = 0.12 * max(x1 - x0, y1 - y0)
    panel = Panel.of((x0 - margin, y0 - margin, x1 + margin, y1 + margin), size, size)
    axes.set(xlim=panel.frame[::2], ylim=panel.frame[1::2], xticks=[], yticks=[])
    grounds.draw_ground(axes, panel, site)
    track.draw_regions(axes, panel, site, [region])
    if each.robot is not None:
        marks.draw_robot(axes, panel, each.robot, site.robot.radius)
    if each.operator is not None:
        marks.draw_operator(axes, each.operator)
    marks.draw_scale(axes, panel)
    notes = "".join(f"; {note}" for note in region.notes)
    return f"{region.frame} · {region.geometry.area:.3g}\u00a0m²{notes}"


if __name__ == "__main__":
    main()
