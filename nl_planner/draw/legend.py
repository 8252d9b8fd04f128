"""What the colours and marks of a picture mean."""

from __future__ import annotations

from typing import Any

from nl_planner.draw import ground, marks, style, track
from nl_planner.draw.layout import MARGIN, WIDTH, Work
from nl_planner.draw.text import font, measure
from nl_planner.draw.words import word
from nl_planner.site.model import Landmark


def draw_legend(work: Work, figure: Any) -> Any:
    """What the colours and marks mean, for those that are on the picture."""
    from matplotlib.legend_handler import HandlerTuple
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    site = work.site
    entries: list[tuple[Any, str]] = []

    def mark(key: str, **look: Any) -> None:
        entries.append((Line2D([], [], linestyle="none", **look), word(key, work.language)))

    entries.append((Patch(facecolor=style.FREE, edgecolor=style.WALL), word("free", work.language)))
    entries.append(
        (Patch(facecolor=style.CLOSED, edgecolor=style.WALL), word("closed", work.language))
    )
    kinds = {landmark.kind: landmark for landmark in site.landmarks.values()}
    known = [kind for kind in style.KINDS if kind in kinds]
    shown = [*known, *sorted(set(kinds) - set(known))][:12]
    entries += [(_kind_sign(kinds[kind]), word(kind, work.language)) for kind in shown]
    if site.keepouts:
        entries.append((Patch(**style.keepout_style()), word("keepout", work.language)))
    if any(landmark.entrances for landmark in site.landmarks.values()):
        mark("entrance", marker="v", color=style.ENTRANCE, markersize=6)
    if work.regions:
        look: dict[str, Any] = {"facecolor": "#ffeaa7", "edgecolor": style.REGION_EDGE}
        entries.append((Patch(**look), word("region", work.language)))
    if any(not track.left_out(site, region).is_empty for region in work.regions):
        entries.append((Patch(**style.left_out_style()), word("left_out", work.language)))
    paths = [path for path in work.paths if path is not None]
    if paths:
        colours = tuple(Line2D([], [], color=colour, linewidth=2.2) for colour in style.PROGRESS)
        entries.append((colours, word("path", work.language)))
        if any(not piece.tool_on for path in paths for piece in path.pieces):
            line = Line2D([], [], color=style.TRANSIT, linewidth=1.1, linestyle=(0, (4, 2)))
            entries.append((line, word("transit", work.language)))
        mark("start", marker="o", color=style.START, markersize=6)
        mark("end", marker="o", color=style.END, markersize=6)
    if work.stressed:
        ring = {"markeredgecolor": style.TASK_OBJECT, "markeredgewidth": 1.6}
        mark("task_object", marker="o", color="white", markersize=8, **ring)
    if any(thing.id not in work.stressed for thing in site.objects):
        mark("object", marker="o", color=style.OBJECT, markersize=4)
    if work.robot is not None:
        mark("robot", marker="o", color=style.ROBOT, markersize=8)
    if work.operator is not None:
        mark("operator", marker=marks.person_marker(), color=style.OPERATOR, markersize=9)

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
        labelcolor=style.INK,
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
    )
    for written in legend.get_texts():
        written.set_parse_math(False)
        written.set_fontproperties(font(written.get_text(), 8))
    return legend


def _kind_sign(landmark: Landmark) -> Any:
    """What stands in the legend for the landmark's kind."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shape = ground.shape_of(landmark)
    if shape.length and not shape.area:
        return Line2D([], [], **style.LINE_STYLE)
    return Patch(**style.landmark_style(landmark.kind, landmark.enter))
