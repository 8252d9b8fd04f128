"""The words of a picture, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence

from nl_planner.draw.text import printable, shortened
from nl_planner.site.model import has_chinese, name_in

LONGEST = 18.0  # ems of a name on the picture

WORDS = {
    "free": ("可通行", "Free space"),
    "closed": ("不可通行", "Not drivable"),
    "building": ("建筑", "Building"),
    "room": ("房间", "Room"),
    "area": ("区域", "Area"),
    "road": ("道路", "Road"),
    "gate": ("大门", "Gate"),
    "fixture": ("设施", "Fixture"),
    "fence": ("围栏", "Fence"),
    "wall": ("墙", "Wall"),
    "corridor": ("走廊", "Corridor"),
    "keepout": ("禁入区", "Keepout"),
    "entrance": ("出入口", "Entrance"),
    "region": ("作业区域", "Area to work"),
    "left_out": ("不清扫", "Left out"),
    "path": ("清扫路径", "Path, start to end"),
    "transit": ("空驶", "Driving only"),
    "start": ("起点", "Start"),
    "end": ("终点", "End"),
    "task_object": ("目标物", "To be cleaned"),
    "object": ("看到的物品", "Seen object"),
    "robot": ("机器人", "Robot"),
    "operator": ("操作员", "Operator"),
    "zoom": ("放大", "Enlarged"),
    "length": ("路长", "Path"),
    "duration": ("用时", "Time"),
    "coverage": ("覆盖", "Coverage"),
    "area_of_region": ("面积", "Area"),
}


def word(key: str, language: str = "") -> str:
    """The word in "zh" or "en", in both for any other language; an unknown key is its own word."""
    if key not in WORDS:
        return printable(key)
    chinese, english = WORDS[key]
    return {"zh": chinese, "en": english}.get(language, f"{chinese} {english}")


def names_shown(names: Sequence[str], name_id: str, language: str = "") -> tuple[str, ...]:
    """The lines that name a thing: its name in that language, else one Chinese and one other."""
    names = tuple(shortened(shown, LONGEST) for name in names if (shown := printable(name)))
    own = shortened(printable(name_id), LONGEST)
    if language in ("zh", "en"):
        return (name_in(names, language) or own,)
    chinese = [name for name in names if has_chinese(name)]
    other = [name for name in names if not has_chinese(name)]
    return (*chinese[:1], *other[:1]) or (own,)


def fact(key: str, value: str, language: str = "") -> str:
    """One fact of the line under the title."""
    return f"{word(key, language)} {value}"


def metres(value: float) -> str:
    """A length for people: 0.5 m, 12 m, 1.2 km."""
    if value >= 1000:
        return f"{value / 1000:.1f} km"
    return f"{value:.1f} m" if value < 10 else f"{value:.0f} m"


def clock(seconds: float, language: str = "") -> str:
    """A duration for people: 40 s, 5 min 10 s, 2 h 5 min."""
    hour, minute, second = ("小时", "分", "秒") if language == "zh" else ("h", "min", "s")
    total = round(seconds)
    if total < 60:
        return f"{total} {second}"
    if total < 3600:
        return f"{total // 60} {minute} {total % 60} {second}"
    return f"{total // 3600} {hour} {total % 3600 // 60} {minute}"
