"""The whole picture: title, maps side by side, legend and key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.path import CoveragePath
from nl_planner.draw import layers
from nl_planner.draw.labels import Label, Panel, Placed, Placer
from nl_planner.draw.text import DPI, font, measure, printable, wrapped
from nl_planner.draw.words import clock, fact, metres, names_shown, word
from nl_planner.errors import BadInputError
from nl_planner.grounding.region import Region
from nl_planner.site.model import Site

WIDTH = 1600  # pixels of the picture
MARGIN = 28
GAP = 22
TALLEST, LOWEST = 1150, 560  # pixels of a map
SMALL = 0.4  # a leg that takes less of the site than this gets a map of its own
MOST_ZOOMS = 4
MOST_OBJECT_NAMES = 15


@dataclass
class _Map:
    """One map of the picture: its panel, its labels, and the zooms it shows the frames of."""

    panel: Panel
    left: int
    top: int
    legs: tuple[int, ...]
    letter: str = ""
    placed: list[Placed] = field(default_factory=list)


@dataclass(frozen=True)
class _Work:
    """What is to be drawn; ``paths`` has one entry for each of ``regions``."""

    site: Site
    regions: tuple[Region, ...]
    paths: tuple[CoveragePath | None, ...]
    robot: tuple[float, float, float] | None
    operator: tuple[float, float] | None
    language: str

    @property
    def stressed(self) -> frozenset[str]:
        """Ids of the objects the task is about."""
        return frozenset(thing.id for region in self.regions for thing in region.objects)

    def bounds_of(self, leg: int) -> tuple[float, float, float, float]:
        """The extent (m) of the leg's region, objects and work; driving to it is left out."""
        shapes: list[BaseGeometry] = [self.regions[leg].geometry]
        shapes += [Point(thing.at) for thing in self.regions[leg].objects]
        path = self.paths[leg]
        if path is not None:
            shapes += [shapely.multipoints(points) for points, _ in layers.working_runs(path)]
            shapes += [layers.at_start(path), layers.at_end(path)]
        xmin, ymin, xmax, ymax = shapely.total_bounds(shapely.GeometryCollection(shapes).geoms)
        return float(xmin), float(ymin), float(xmax), float(ymax)


def draw_site(
    site: Site,
    out: str | Path,
    *,
    regions: Sequence[Region] = (),
    paths: Sequence[CoveragePath | None] = (),
    robot: tuple[float, float, float] | None = None,
    operator: tuple[float, float] | None = None,
    title: str = "",
    language: str = "",
) -> None:
    """Draw a site, and the work on it, as a PNG 1600 pixels wide.

    A region that is small on the site is shown enlarged beside the overview. All coordinates are
    in the site's frame, metres and radians. The same input gives the same pixels.

    Args:
        site: what the map shows.
        out: the file to write, ``*.png``; its folder exists.
        regions: where the work is, one for each leg, in the order of the work.
        paths: the path in each region, None for a leg that has none; may be left out.
        robot: x, y, yaw of the machine, when known.
        operator: x, y of the person, when known.
        title: the sentence that was said; the site's name when empty.
        language: of names and legend, "zh" or "en"; both when empty.

    Raises:
        BadInputError: the file cannot be written, or the paths do not match the regions.
    """
    target = _checked(Path(out))
    if paths and len(paths) != len(regions):
        raise BadInputError(
            f"there are {len(paths)} paths for {len(regions)} regions; give one for each, or None"
        )
    work = _Work(
        site, tuple(regions), tuple(paths or [None] * len(regions)), robot, operator, language
    )
    heading = _heading(work, printable(title))
    maps = _arranged(work, top=MARGIN + sum(height for *_, height in heading) + 10)
    key = _labelled(work, maps)
    _compose(work, heading, maps, key, target)


def _checked(target: Path) -> Path:
    if target.suffix.lower() != ".png":
        raise BadInputError(f"{target}: pictures are written as PNG; give it a name ending in .png")
    if not target.parent.is_dir():
        raise BadInputError(
            f"{target}: the folder {target.parent} does not exist; make it or name another"
        )
    return target


def _heading(work: _Work, title: str) -> list[tuple[str, float, str, int]]:
    """The lines over the maps: text, size in points, colour, height in pixels."""
    name = " / ".join(names_shown(work.site.name, "site", work.language))
    lines = [
        (line, 14.0, layers.INK, 40)
        for line in wrapped(title or name, (WIDTH - 2 * MARGIN) / (14 * DPI / 72), 3)
    ]
    small = [name] if title else []
    legs = list(zip(work.regions, work.paths, strict=True))
    if len(legs) == 1:
        small[0:0] = [_facts(work, *legs[0])]
        small += [printable(legs[0][0].frame)]
    elif legs:
        known = [path for path in work.paths if path is not None]
        if known:
            small[0:0] = [_total(work, known)]
        if len(legs) <= 6:
            each = (f"{i}.  {_facts(work, *leg)}" for i, leg in enumerate(legs, 1))
            small[1:1] = each
    room = (WIDTH - 2 * MARGIN) / (9.5 * DPI / 72)
    lines += [
        (line, 9.5, "#546e7a", 28) for text in small if text for line in wrapped(text, room, 2)
    ]
    return lines


def _facts(work: _Work, region: Region, path: CoveragePath | None) -> str:
    language = work.language
    facts = [fact("area_of_region", f"{region.geometry.area:.4g} m²", language)]
    if path is not None:
        facts += [
            fact("length", metres(path.length), language),
            fact("duration", clock(path.duration, language), language),
            fact("coverage", f"{100 * path.coverage:.1f} %", language),
        ]
    return "   ·   ".join(facts)


def _total(work: _Work, paths: Sequence[CoveragePath]) -> str:
    length = fact("length", metres(sum(path.length for path in paths)), work.language)
    duration = clock(sum(path.duration for path in paths), work.language)
    return f"{length}   ·   {fact('duration', duration, work.language)}"


def _arranged(work: _Work, top: int) -> list[_Map]:
    """The overview, and beside it a map for each place of work that is small on it."""
    xmin, ymin, xmax, ymax = _extent(work)
    pad = 0.02 * max(xmax - xmin, ymax - ymin) + 0.5
    extent = (xmin - pad, ymin - pad, xmax + pad, ymax + pad)
    shape = (extent[3] - extent[1]) / (extent[2] - extent[0])
    room = WIDTH - 2 * MARGIN
    every = tuple(range(len(work.regions)))
    zooms = _zooms(work, max(xmax - xmin, ymax - ymin))
    if not zooms:
        height = int(np.clip(room * shape, LOWEST, TALLEST))
        return [_Map(Panel.of(extent, room, height), MARGIN, top, every)]
    width = int(np.clip(780 / shape, 0.36 * room, 0.55 * room))
    height = int(np.clip(width * shape, 640, 1000))
    maps = [_Map(Panel.of(extent, width, height), MARGIN, top, every)]
    columns = 1 if len(zooms) < 3 else 2
    rows = -(-len(zooms) // columns)
    wide = (room - width - columns * GAP) // columns
    high = (height - (rows - 1) * GAP) // rows
    for index, (legs, bounds) in enumerate(zooms):
        row, column = divmod(index, columns)
        maps.append(
            _Map(
                Panel.of(bounds, wide, high),
                MARGIN + width + GAP + column * (wide + GAP),
                top + row * (high + GAP),
                legs,
                chr(ord("A") + index),
            )
        )
    return maps


def _extent(work: _Work) -> tuple[float, float, float, float]:
    """The bounds of all there is to see."""
    site = work.site
    grounds = [ground.bounds for ground in (site.boundary, site.mapped) if ground is not None]
    shapes = [layers.shape_of(landmark).bounds for landmark in site.landmarks.values()]
    shapes += [keepout.polygon.bounds for keepout in site.keepouts.values()]
    shapes += [(*thing.at, *thing.at) for thing in site.objects]
    spots = [spot[:2] * 2 for spot in (work.robot, work.operator) if spot is not None]
    legs = [work.bounds_of(leg) for leg in range(len(work.regions))]
    all_of = np.array([*grounds, *shapes, *spots, *legs] or [(0, 0, 1, 1)], dtype=float)
    if grounds:  # the far ends of what lies outside are not worth a smaller map
        core = np.array([*grounds, *spots, *legs], dtype=float)
        low, high = core[:, :2].min(axis=0), core[:, 2:].max(axis=0)
        reach = 0.06 * (high - low).max()
        all_of[:, :2] = np.maximum(all_of[:, :2], low - reach)
        all_of[:, 2:] = np.minimum(all_of[:, 2:], high + reach)
    xmin, ymin = all_of[:, :2].min(axis=0)
    xmax, ymax = all_of[:, 2:].max(axis=0)
    return float(xmin), float(ymin), float(max(xmax, xmin + 1)), float(max(ymax, ymin + 1))


def _zooms(
    work: _Work, extent: float
) -> list[tuple[tuple[int, ...], tuple[float, float, float, float]]]:
    """Legs and bounds (m) of each enlarged map; legs close to each other share one."""
    found: list[tuple[tuple[int, ...], tuple[float, float, float, float]]] = []
    for leg in range(len(work.regions)):
        xmin, ymin, xmax, ymax = work.bounds_of(leg)
        size = max(xmax - xmin, ymax - ymin)
        if size > SMALL * extent:
            continue
        pad = max(0.22 * size, (4.0 - size) / 2, 0.8)
        bounds = (xmin - pad, ymin - pad, xmax + pad, ymax + pad)
        legs: tuple[int, ...] = (leg,)
        for other, their in list(found):
            both = (*np.minimum(bounds[:2], their[:2]), *np.maximum(bounds[2:], their[2:]))
            wide = max(both[2] - both[0], both[3] - both[1])
            near = shapely.box(*bounds).intersects(shapely.box(*their))
            if near and wide <= SMALL * extent:
                found.remove((other, their))
                legs, bounds = (*other, *legs), both
        found.append((tuple(sorted(legs)), bounds))
    return sorted(found)[:MOST_ZOOMS]


def _labelled(work: _Work, maps: Sequence[_Map]) -> list[str]:
    """Place the names on every map; returns the lines of the key, for those that are numbers."""
    numbers: dict[tuple[str, ...], int] = {}
    for here in maps:
        is_overview = not here.letter
        region = [work.regions[leg].geometry for leg in here.legs]
        placer = Placer(here.panel, avoid=shapely.union_all(region))
        placer.taken.append((0, 0, here.panel.width * 0.24, 46))  # the scale bar
        if is_overview:
            side = here.panel.width, here.panel.height
            placer.taken.append((side[0] - 56, side[1] - 76, *side))  # the north arrow
        else:
            placer.taken.append((0, here.panel.height - 34, 180, here.panel.height))
        with_ends = not is_overview or len(maps) == 1
        _keep_marks_free(work, here, placer)
        frames = [other for other in maps if other.letter] if is_overview else []
        labels = [
            *[_letter(other) for other in frames],
            *_end_labels(work, here, with_ends),
            *_place_labels(work, here),
        ]
        for label in labels:
            placed = placer.place(label)
            if placed is None and label.must:
                number = numbers.setdefault(label.lines, len(numbers) + 1)
                placed = placer.place_number(label, number)
            if placed is not None:
                here.placed.append(placed)
    return [f"{number}  {' / '.join(lines)}" for lines, number in numbers.items()]


def _keep_marks_free(work: _Work, here: _Map, placer: Placer) -> None:
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
            for at in (layers.at_start(path), layers.at_end(path)):
                placer.keep_free(at.x, at.y, 7)


def _letter(zoom: _Map) -> Label:
    frame = zoom.panel.box
    return Label((zoom.letter,), frame, fill=layers.INK, colour="white", sizes=(8.5,), must=False)


def _end_labels(work: _Work, here: _Map, with_ends: bool) -> list[Label]:
    """Tags for the start, the end and the number of each leg."""
    found = []
    several = len(work.regions) > 1
    white = {"colour": "white", "sizes": (8.0, 6.4), "gap": 14, "must": False}
    for leg in here.legs:
        number = f"{leg + 1} " if several else ""
        path = work.paths[leg]
        if path is None or not with_ends:
            if several:
                shape = work.regions[leg].geometry
                at = shape.representative_point()
                found.append(Label((f"{leg + 1}",), at, fill=layers.REGION_EDGE, **white))
            continue
        start = number + word("start", work.language), layers.at_start(path), layers.START
        end = number + word("end", work.language), layers.at_end(path), layers.END
        for text, at, fill in (start, end):
            if here.panel.box.contains(at):
                found.append(Label((text,), at, fill=fill, **white))
    return found


def _place_labels(work: _Work, here: _Map) -> list[Label]:
    """Labels of people, objects, landmarks, keepouts and entrances, the important ones first."""
    site, language, box = work.site, work.language, here.panel.box
    inside = box
    found: list[Label] = []
    spots = (("robot", work.robot, layers.ROBOT), ("operator", work.operator, layers.OPERATOR))
    for key, spot, colour in spots:
        if spot is not None and inside.contains(Point(spot[:2])):
            at = Point(spot[:2])
            found.append(Label((word(key, language),), at, 15, colour, must=False, sizes=(7.5,)))
    things = [thing for thing in site.objects if inside.contains(Point(thing.at))]
    things.sort(key=lambda thing: thing.id not in work.stressed)
    named: list[Label] = []
    for thing in things[:MOST_OBJECT_NAMES]:
        stressed = thing.id in work.stressed
        litter = site.taxonomy.classes.get(thing.class_id)
        names = names_shown(litter.names if litter else (), thing.class_id, language)
        colour = layers.TASK_OBJECT if stressed else layers.OBJECT
        sizes = (7.5, 6.4) if stressed else (6.4,)
        named.append(
            Label((" ".join(names),), Point(thing.at), 10, colour, must=False, sizes=sizes)
        )
    found += [label for label in named if label.colour == layers.TASK_OBJECT]
    places: list[Label] = []
    doors: list[Label] = []
    for landmark in site.landmarks.values():
        shape = layers.shape_of(landmark)
        if inside.intersects(shape):
            lines = names_shown(landmark.names, landmark.id, language)
            places.append(Label(lines, shapely.intersection(shape, box)))
        for entrance in landmark.entrances.values():
            if entrance.names and inside.contains(Point(entrance.at)):
                lines = (" ".join(names_shown(entrance.names, entrance.id, language)),)
                at = Point(entrance.at)
                doors.append(Label(lines, at, 9, layers.ENTRANCE, must=False, sizes=(6.0,)))
    for keepout in site.keepouts.values():
        if inside.intersects(keepout.polygon):
            lines = names_shown(keepout.names, keepout.id, language)
            shape = shapely.intersection(keepout.polygon, box)
            places.append(Label(lines, shape, colour="#9c2a20"))
    places.sort(key=lambda label: -label.shape.area)
    others = [label for label in named if label.colour != layers.TASK_OBJECT]
    return [*found, *places, *doors, *others]


def _compose(
    work: _Work,
    heading: Sequence[tuple[str, float, str, int]],
    maps: Sequence[_Map],
    key: Sequence[str],
    target: Path,
) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / DPI, 10), dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    legend = _legend(work, figure, bool(len(maps) > 1))
    legend_height = int(np.ceil(legend.get_window_extent(canvas.get_renderer()).height))
    key_lines = wrapped(
        "      ".join(key).replace(" / ", "\u00a0/\u00a0"), (WIDTH - 2 * MARGIN) / (8 * DPI / 72), 8
    )
    key_height = 26 * len(key_lines) if key else 0
    bottom = max(here.top + here.panel.height for here in maps)
    height = bottom + 14 + key_height + legend_height + MARGIN // 2
    figure.set_size_inches(WIDTH / DPI, height / DPI)

    def write(text: str, size: float, colour: str, top: float) -> None:
        figure.text(
            MARGIN / WIDTH,
            1 - top / height,
            text,
            fontproperties=font(text, size),
            color=colour,
            parse_math=False,
            va="top",
        )

    top = MARGIN
    for text, size, colour, line in heading:
        write(text, size, colour, top)
        top += line
    for here in maps:
        _draw_map(work, figure, here, maps, height)
    if key:
        for index, text in enumerate(key_lines):
            write(text, 8, layers.INK, bottom + 14 + 26 * index)
    try:
        figure.savefig(target, format="png", dpi=DPI, metadata={"Software": "nl_planner"})
    except OSError as error:
        raise BadInputError(f"{target}: cannot write the picture ({error.strerror})") from error


def _draw_map(
    work: _Work, figure: Any, here: _Map, maps: Sequence[_Map], height: int
) -> None:
    panel = here.panel
    low = height - here.top - panel.height
    axes = figure.add_axes(
        (here.left / WIDTH, low / height, panel.width / WIDTH, panel.height / height)
    )
    axes.set_xlim(panel.frame[0], panel.frame[2])
    axes.set_ylim(panel.frame[1], panel.frame[3])
    axes.set_autoscale_on(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color="#90a4ae", linewidth=1)
    layers.draw_ground(axes, panel, work.site)
    layers.draw_regions(axes, panel, work.site, work.regions)
    for path in work.paths:
        if path is not None:
            tool = work.site.robot.tool_width
            layers.draw_path(axes, panel, path, tool, arrows=bool(here.letter) or len(maps) == 1)
    layers.draw_objects(axes, panel, work.site.objects, work.stressed)
    for leg in here.legs:
        path = work.paths[leg]
        if path is not None:
            for at, colour in (
                (layers.at_start(path), layers.START),
                (layers.at_end(path), layers.END),
            ):
                style = {"markersize": 6, "markeredgecolor": "white", "zorder": 11.5}
                axes.plot(at.x, at.y, marker="o", color=colour, **style)
    if work.robot is not None:
        layers.draw_robot(axes, panel, work.robot, work.site.robot.radius)
    if work.operator is not None:
        layers.draw_operator(axes, work.operator)
    layers.draw_scale(axes, panel)
    if here.letter:
        text = f"{here.letter}  {word('zoom', work.language)}"
        axes.text(
            panel.frame[0] + panel.metres(4),
            panel.frame[3] - panel.metres(4),
            text,
            fontproperties=font(text, 8),
            color="white",
            parse_math=False,
            va="top",
            zorder=15,
            bbox={"boxstyle": "round,pad=0.25", "fc": layers.INK, "ec": "none"},
        )
    else:
        layers.draw_north(axes, panel)
        for other in maps[1:]:
            frame = {"facecolor": "none", "edgecolor": layers.INK, "linewidth": 1.6, "zorder": 12.5}
            axes.add_patch(layers.outline(other.panel.box, panel, **frame))
    for placed in here.placed:
        layers.write(axes, placed)


def _legend(work: _Work, figure: Any, zoomed: bool) -> Any:
    """What the colours and marks mean, for those that are on the picture."""
    from matplotlib.legend_handler import HandlerTuple
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    site = work.site
    entries: list[tuple[Any, str]] = []

    def mark(key: str, **style: Any) -> None:
        entries.append((Line2D([], [], linestyle="none", **style), word(key, work.language)))

    entries.append((Patch(facecolor=layers.FREE, edgecolor=layers.WALL), word("free", work.language)))
    entries.append((Patch(facecolor=layers.CLOSED, edgecolor=layers.WALL), word("closed", work.language)))
    kinds = {landmark.kind: landmark.enter for landmark in site.landmarks.values()}
    known = [kind for kind in layers.KINDS if kind in kinds]
    for kind in [*known, *sorted(set(kinds) - set(known))][:12]:
        style = layers.landmark_style(kind, kinds[kind])
        entries.append((Patch(**style), word(kind, work.language)))
    if site.keepouts:
        entries.append((Patch(**layers.keepout_style()), word("keepout", work.language)))
    if any(landmark.entrances for landmark in site.landmarks.values()):
        mark("entrance", marker="v", color=layers.ENTRANCE, markersize=6)
    if work.regions:
        style = {"facecolor": "#ffeaa7", "edgecolor": layers.REGION_EDGE}
        entries.append((Patch(**style), word("region", work.language)))
    if any(not layers.left_out(site, region).is_empty for region in work.regions):
        entries.append((Patch(**layers.left_out_style()), word("left_out", work.language)))
    paths = [path for path in work.paths if path is not None]
    if paths:
        line = tuple(Line2D([], [], color=colour, linewidth=2.2) for colour in layers.PROGRESS)
        entries.append((line, word("path", work.language)))
        if any(not piece.tool_on for path in paths for piece in path.pieces):
            line = Line2D([], [], color=layers.TRANSIT, linewidth=1.1, linestyle=(0, (4, 2)))
            entries.append((line, word("transit", work.language)))
        mark("start", marker="o", color=layers.START, markersize=6)
        mark("end", marker="o", color=layers.END, markersize=6)
    if work.stressed:
        ring = {"markeredgecolor": layers.TASK_OBJECT, "markeredgewidth": 1.6}
        mark("task_object", marker="o", color="white", markersize=8, **ring)
    if any(thing.id not in work.stressed for thing in site.objects):
        mark("object", marker="o", color=layers.OBJECT, markersize=4)
    if work.robot is not None:
        mark("robot", marker="o", color=layers.ROBOT, markersize=8)
    if work.operator is not None:
        mark("operator", marker=layers.person_marker(), color=layers.OPERATOR, markersize=9)

    widest = max(measure(text, 8)[0] for _, text in entries) + 75
    columns = max(1, min(len(entries), int((WIDTH - 2 * MARGIN) / widest)))
    legend = figure.legend(
        [handle for handle, _ in entries],
        [text for _, text in entries],
        loc="lower left",
        bbox_to_anchor=(MARGIN / WIDTH, 0.006),
        ncols=columns,
        prop=font("", 8),
        frameon=False,
        borderaxespad=0,
        borderpad=0.2,
        handlelength=2.0,
        columnspacing=1.6,
        labelcolor=layers.INK,
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
    )
    for written in legend.get_texts():
        written.set_parse_math(False)
        written.set_fontproperties(font(written.get_text(), 8))
    return legend
