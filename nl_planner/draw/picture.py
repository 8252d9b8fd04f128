"""The whole picture: title, maps side by side, key and legend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nl_planner.coverage.path import CoveragePath
from nl_planner.draw import ground, marks, style, track
from nl_planner.draw.layout import MARGIN, WIDTH, Map, Work, arranged
from nl_planner.draw.legend import draw_legend
from nl_planner.draw.naming import labelled
from nl_planner.draw.text import DPI, ems, font, printable, wrapped
from nl_planner.draw.words import clock, fact, metres, names_shown, word
from nl_planner.errors import BadInputError
from nl_planner.grounding.region import Region
from nl_planner.site.check import Finding
from nl_planner.site.model import Site

MOST_FINDINGS = 20  # that are told under the map


def draw_site(
    site: Site,
    out: str | Path,
    *,
    regions: Sequence[Region] = (),
    paths: Sequence[CoveragePath | None] = (),
    robot: tuple[float, float, float] | None = None,
    operator: tuple[float, float] | None = None,
    findings: Sequence[Finding] = (),
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
        findings: what is to be mended, as ``check_site`` tells it.
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
    work = Work(
        site,
        tuple(regions),
        tuple(paths or [None] * len(regions)),
        robot,
        operator,
        language,
        tuple(findings),
    )
    heading = _heading(work, printable(title))
    maps = arranged(work, top=MARGIN + sum(height for *_, height in heading) + 10)
    key = labelled(work, maps)
    _compose(work, heading, maps, key, target)


def _checked(target: Path) -> Path:
    if target.suffix.lower() != ".png":
        raise BadInputError(f"{target}: pictures are written as PNG; give it a name ending in .png")
    if not target.parent.is_dir():
        raise BadInputError(
            f"{target}: the folder {target.parent} does not exist; make it or name another"
        )
    return target


def _heading(work: Work, title: str) -> list[tuple[str, float, str, int]]:
    """The lines over the maps: text, size in points, colour, height in pixels."""
    name = " / ".join(names_shown(work.site.name, "site", work.language))
    lines = [
        (line, 14.0, style.INK, 40)
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


def _facts(work: Work, region: Region, path: CoveragePath | None) -> str:
    language = work.language
    facts = [fact("area_of_region", f"{region.geometry.area:.4g} m²", language)]
    if path is not None:
        facts += [
            fact("length", metres(path.length), language),
            fact("duration", clock(path.duration, language), language),
            fact("coverage", f"{100 * path.coverage:.1f} %", language),
        ]
    return "  ·  ".join(facts)


def _total(work: Work, paths: Sequence[CoveragePath]) -> str:
    length = fact("length", metres(sum(path.length for path in paths)), work.language)
    duration = clock(sum(path.duration for path in paths), work.language)
    return f"{length}  ·  {fact('duration', duration, work.language)}"


def _compose(
    work: Work,
    heading: Sequence[tuple[str, float, str, int]],
    maps: Sequence[Map],
    key: Sequence[str],
    target: Path,
) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / DPI, 10), dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    legend = draw_legend(work, figure)
    legend_height = int(np.ceil(legend.get_window_extent(canvas.get_renderer()).height))
    key_lines = [*_in_rows(key), *_to_mend(work.findings)]
    key_height = 26 * len(key_lines)
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
    for index, text in enumerate(key_lines):
        write(text, 8, style.INK, bottom + 14 + 26 * index)
    try:
        figure.savefig(target, format="png", dpi=DPI, metadata={"Software": "nl_planner"})
    except OSError as error:
        raise BadInputError(f"{target}: cannot write the picture ({error.strerror})") from error


def _to_mend(findings: Sequence[Finding]) -> list[str]:
    """The findings in lines; the numbers are those on the map."""
    told = findings[: MOST_FINDINGS - (len(findings) > MOST_FINDINGS)]
    width = (WIDTH - 2 * MARGIN) / (8 * DPI / 72)
    lines = [
        line
        for number, finding in enumerate(told, 1)
        for line in wrapped(printable(f"{number}  {finding}"), width, 2)
    ]
    left = len(findings) - len(told)
    return lines + ([f"... {left} more: nl-planner site check"] if left else [])


def _in_rows(key: Sequence[str]) -> list[str]:
    """The entries of the key, as many on each line as there is room for."""
    rows: list[str] = []
    for entry in key:
        longer = f"{rows[-1]}      {entry}" if rows else ""
        if rows and ems(longer) <= (WIDTH - 2 * MARGIN) / (8 * DPI / 72):
            rows[-1] = longer
        else:
            rows.append(entry)
    return rows


def _draw_map(work: Work, figure: Any, here: Map, maps: Sequence[Map], height: int) -> None:
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
    ground.draw_ground(axes, panel, work.site)
    track.draw_regions(axes, panel, work.site, work.regions)
    for path in work.paths:
        if path is not None:
            tool = work.site.robot.tool_width
            track.draw_path(axes, panel, path, tool, arrows=bool(here.letter) or len(maps) == 1)
    marks.draw_objects(axes, panel, work.site.objects, work.stressed)
    for leg in here.legs if here.letter or len(maps) == 1 else ():
        path = work.paths[leg]
        if path is not None:
            for at, colour, size in (
                (track.at_start(path), style.START, 8.5),
                (track.at_end(path), style.END, 5.5),  # both are seen where they are one
            ):
                look: dict[str, Any] = {
                    "markersize": size,
                    "markeredgecolor": "white",
                    "zorder": 11.5,
                }
                axes.plot(at.x, at.y, marker="o", color=colour, **look)
    if work.robot is not None:
        marks.draw_robot(axes, panel, work.robot, work.site.robot.radius)
    if work.operator is not None:
        marks.draw_operator(axes, work.operator)
    marks.draw_scale(axes, panel)
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
            bbox={"boxstyle": "round,pad=0.25", "fc": style.INK, "ec": "none"},
        )
    else:
        marks.draw_findings(axes, work.site, work.findings)
        marks.draw_north(axes, panel)
        for other in maps[1:]:
            frame = {"facecolor": "none", "edgecolor": style.INK, "linewidth": 1.6, "zorder": 12.5}
            axes.add_patch(ground.outline(other.panel.box, panel, **frame))
    for placed in here.placed:
        marks.write(axes, placed)
