"""What grounding says, in Chinese and English: frames of reference, notes, reasons."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nl_planner.site.model import name_in
from nl_planner.task import OPERATOR, Part, Relation

_COMPASS = {
    "en": ("east", "north-east", "north", "north-west", "west", "south-west", "south",
           "south-east"),
    "zh": ("东", "东北", "北", "西北", "西", "西南", "南", "东南"),
}  # fmt: skip

_PLACES = {
    Relation.IN: ("in {}", "{}里"),
    Relation.IN_FRONT_OF: ("in front of {}", "{}前面"),
    Relation.BEHIND: ("behind {}", "{}后面"),
    Relation.LEFT_OF: ("left of {}", "{}左边"),
    Relation.RIGHT_OF: ("right of {}", "{}右边"),
    Relation.NEAR: ("near {}", "{}附近"),
    Relation.AROUND: ("around {}", "{}周围"),
    Relation.BETWEEN: ("between {} and {}", "{}和{}之间"),
    Relation.ALONG: ("along {}", "沿{}"),
    Relation.OPPOSITE: ("opposite {}", "{}对面"),
    Relation.NORTH_OF: ("north of {}", "{}北侧"),
    Relation.SOUTH_OF: ("south of {}", "{}南侧"),
    Relation.EAST_OF: ("east of {}", "{}东侧"),
    Relation.WEST_OF: ("west of {}", "{}西侧"),
}

_PARTS = {
    Part.NORTH: ("the northern half", "北半边"),
    Part.SOUTH: ("the southern half", "南半边"),
    Part.EAST: ("the eastern half", "东半边"),
    Part.WEST: ("the western half", "西半边"),
    Part.LEFT: ("the left half", "左半边"),
    Part.RIGHT: ("the right half", "右半边"),
    Part.MIDDLE: ("the middle", "中间"),
    Part.EDGE: ("along the edge", "边缘"),
    Part.CORNER: ("the corners", "角落"),
}


@dataclass(frozen=True)
class Words:
    """Phrases in one language: "zh", anything else is English."""

    language: str = ""

    def _say(self, english: str, chinese: str) -> str:
        return chinese if self.language == "zh" else english

    def _tell(self, english: str, chinese: str) -> str:
        """A whole sentence."""
        return self._say(english[:1].upper() + english[1:], chinese)

    # ---- names

    def compass(self, direction: float) -> str:
        """The nearest of eight winds: "north-east", 东北."""
        winds = _COMPASS["zh" if self.language == "zh" else "en"]
        return winds[round(direction / (math.pi / 4)) % 8]

    def named(self, name: str) -> str:
        """A name in a sentence: "the sofa", but "Building 1"."""
        return self._say(f"the {name}" if name[:1].islower() else name, name)

    def site(self, names: tuple[str, ...]) -> str:
        """The site by its name."""
        name = name_in(names, self.language)
        return self.named(name) if name else self._say("the site", "整个场地")

    def who(self, builtin: str) -> str:
        """The operator or the robot, as the object of a relation."""
        if builtin == OPERATOR:
            return self._say("you", "您")
        return self._say("the robot", "机器人")

    def door(self, names: tuple[str, ...]) -> str:
        """A door by its name."""
        return self.named(name_in(names, self.language) or self._say("entrance", "入口"))

    def of(self, thing: str, part: str) -> str:
        """A part of a thing: "main entrance of the library"."""
        return self._say(f"{part} of {thing}", f"{thing}{part}")

    def place(self, relation: Relation, *names: str) -> str:
        """A relation to things: "in front of the library"."""
        return self._say(*_PLACES[relation]).format(*names)

    # ---- frames of reference

    def faces(self, place: str, direction: float) -> str:
        """The place, and the way its thing faces."""
        wind = self.compass(direction)
        return self._say(f"{place}, which faces {wind}", f"{place}（朝{wind}）")

    def looking_out(self, place: str, direction: float) -> str:
        """The place, told looking out of the front of its thing."""
        wind = self.compass(direction)
        return self._say(
            f"{place}, looking out of its front, which faces {wind}",
            f"{place}（面朝{wind}，从它的正面向外看）",
        )

    def heading(self, place: str, direction: float) -> str:
        """The place, told from the way the robot faces."""
        wind = self.compass(direction)
        return self._say(f"{place}, as it faces {wind}", f"{place}（按它现在朝{wind}）")

    def seen_from(self, place: str, viewer: str) -> str:
        """The place, as the operator or the robot sees it."""
        if viewer == OPERATOR:
            return self._say(f"{place}, seen from where you stand", f"从您站的地方看，{place}")
        return self._say(f"{place}, seen from the robot", f"从机器人所在处看，{place}")

    def within(self, place: str, reach: float) -> str:
        """The place, and how far it goes."""
        return self._say(f"{place}, up to {reach:g} m", f"{place}{reach:g}米以内")

    def part(self, part: Part, place: str) -> str:
        """A part of the place."""
        return f"{place}{self._say(', ', '，')}{self._say(*_PARTS[part])}"

    def across(self, place: str, way: str | None) -> str:
        """The place, and the way that lies between."""
        if way is None:
            return place
        return self._say(f"{place}, across {way}", f"{place}（隔着{way}）")

    def join(self, places: list[str]) -> str:
        """Several places as one phrase."""
        return self._say("; ", "；").join(dict.fromkeys(places))

    # ---- notes

    def left_of_reach(self, place: str, depth: float, reach: float) -> str:
        """Less than was asked for is free."""
        return self._say(
            f"only {depth:.1f} m of {reach:g} m is free {place}",
            f"{place}只有{depth:.1f}米可走，不足{reach:g}米",
        )

    def dropped(self, area: float) -> str:
        """A part that the robot cannot get to."""
        return self._say(
            f"{area:.1f} m² of it cannot be reached and is left out",
            f"其中{area:.1f}平方米到不了，已略去",
        )

    def not_closed(self, place: str) -> str:
        """A way round that is blocked somewhere."""
        return self._say(
            f"the way {place} is blocked somewhere; what is free is worked",
            f"{place}有一段走不通，能走的地方照做",
        )

    def not_seen(self, thing: str) -> str:
        """Nobody has seen the thing there, so the whole place is worked."""
        return self._say(
            f"no {thing} has been seen there; the whole place is worked",
            f"那里还没有看到{thing}，整个地方都会做一遍",
        )

    def objects_left(self, count: int, thing: str) -> str:
        """Seen things that cannot be reached."""
        return self._say(f"{count} × {thing} cannot be reached", f"有{count}处{thing}到不了")

    def except_apart(self, place: str) -> str:
        """An exception that takes nothing away."""
        return self._say(f"{place} is not part of it anyway", f"{place}本来就不在范围内")

    # ---- questions and reasons: whole sentences, with what the person may do

    def no_front(self, thing: str) -> str:
        """Front, back, left and right of a thing that has none, and nobody to see it from."""
        return self._tell(
            f"{thing} has no front of its own, and I do not know where you stand. Please say which "
            "side, by the compass or by what is next to it.",
            f"{thing}没有正面，我也不知道您站在哪里。请说东南西北哪一侧，或者靠近什么。",
        )

    def where_is_unknown(self, who: str) -> str:
        """The position of operator or robot is not known."""
        if who == OPERATOR:
            return self._tell(
                "I do not know where you stand. Please name a place.",
                "我不知道您站在哪里，请说一个地名。",
            )
        return self._tell(
            "I do not know where I am. Please name a place.",
            "我不知道自己在哪里，请说一个地名。",
        )

    def no_last(self) -> str:
        """The same place as before, when there was none."""
        return self._tell(
            "There was no place before this one. Please name one.",
            "之前没有做过哪个地方，请说一个地名。",
        )

    def no_place(self, thing: str | None) -> str:
        """No place was said and nothing was seen."""
        if thing is None:
            return self._tell("No place was said. Please name one.", "没有说是哪里，请说一个地名。")
        return self._tell(
            f"I have seen no {thing}. Please say where it lies.",
            f"我没有看到{thing}，请说它在哪里。",
        )

    def closed(self, thing: str) -> str:
        """``in`` a thing that the robot may not enter."""
        return self._tell(
            f"I cannot drive into {thing}. I can work around it, or in front of it.",
            f"我不能开进{thing}里面，可以做它周围或门前。",
        )

    def keepout(self, thing: str) -> str:
        """``in`` a keepout."""
        return self._tell(
            f"{thing} is a keep-out area, which I must not enter. I can work around it.",
            f"{thing}是禁入区，我不能进去，可以做它周围。",
        )

    def outside(self, place: str) -> str:
        """A place beyond the boundary."""
        return self._tell(
            f"all of the ground {place} lies outside the site. Please name a place on it.",
            f"{place}在场地之外，请说一个场地里的地方。",
        )

    def no_ground(self, site: str) -> str:
        """The site file or its map leaves no free ground at all."""
        return self._tell(
            f"my map has no free ground on {site}, so I can go nowhere. Please call whoever looks "
            "after me.",
            f"我的地图上，{site}没有可走的地方，我哪里也去不了。请找维护人员来看。",
        )

    def nothing_free(self, place: str, area: float, taker: str | None) -> str:
        """A place that is all walls, closed things and keepouts; ``taker`` is the greatest."""
        return self._tell(
            f"nothing of the {_figure(area)} m² {place} is free: "
            + (f"{taker} takes it" if taker else "my map shows no free ground there")
            + ". Please name another place.",
            f"{place}的{_figure(area)}平方米没有可走的地方："
            + (f"被{taker}占着" if taker else "地图上那里不是空地")
            + "。请换一个地方。",
        )

    def hidden(self, place: str) -> str:
        """A place where all that is free lies behind a wall, or in a room that was not meant."""
        return self._tell(
            f"what is free {place} lies behind a wall or in another room. Please name that room, "
            "or another place.",
            f"{place}能走的地方都在墙后面，或者在别的房间里。请说那个房间，或者换一个地方。",
        )

    def all_excepted(self, place: str) -> str:
        """What was left out is all of it."""
        return self._tell(
            f"nothing is left {place} once the exceptions are taken out. Please leave out less, or "
            "name another place.",
            f"{place}去掉排除的部分就什么也不剩了。请少排除一些，或者换一个地方。",
        )

    def too_narrow(self, place: str, free: float, robot: float) -> str:
        """Free, but no room for the robot's body; both widths in m."""
        return self._tell(
            f"what is free {place} is {free:.2f} m wide, too narrow for me: I am {_figure(robot)} "
            "m wide. Please make room, or name another place.",
            f"{place}能走的地方只有{free:.2f}米宽，我宽{_figure(robot)}米，进不去。"
            "请腾出地方，或者换一个地方。",
        )

    def no_way_in(self, place: str, way: float, robot: float) -> str:
        """Room enough, but cut off from where the robot is; ``way`` is the widest there is (m)."""
        if way == 0:
            return self._tell(
                f"I cannot get to the ground {place}: it is closed all round. Please open a way, "
                "or name another place.",
                f"{place}我到不了：四面都是封闭的。请打开一条路，或者换一个地方。",
            )
        return self._tell(
            f"I cannot get to the ground {place}: no way to it is wider than {way:.2f} m, and I am "
            f"{_figure(robot)} m wide. Please clear a wider way, or name another place.",
            f"{place}我到不了：过去的路都不宽于{way:.2f}米，我宽{_figure(robot)}米。"
            "请清出更宽的路，或者换一个地方。",
        )

    def no_way(self, place: str, robot: float, turning_radius: float) -> str:
        """No path leads to a place; m, the radius 0 of a robot that turns on the spot."""
        english, chinese = f"I am {_figure(robot)} m wide", f"我宽{_figure(robot)}米"
        if turning_radius:
            english += f" and turn in a radius of {_figure(turning_radius)} m"
            chinese += f"，转弯半径{_figure(turning_radius)}米"
        return self._tell(
            f"I find no way to the ground {place}: {english}. Please clear one, drive me to where "
            "I have more room, or name another place.",
            f"{place}我到不了：{chinese}，找不到能走的路。"
            "请清出路来，把我开到宽敞的地方，或者换一个地方。",
        )

    def out_of_reach(self, place: str, tool: float, robot: float) -> str:
        """The robot gets to a place, its tool does not; both widths in m."""
        return self._tell(
            f"my tool does not reach the ground {place}: it is {_figure(tool)} m wide, and I am "
            f"{_figure(robot)} m wide. Please make room, or name another place.",
            f"{place}我清洁不到：我的清洁宽度是{_figure(tool)}米，车身宽{_figure(robot)}米。"
            "请腾出地方，或者换一个地方。",
        )


def _figure(value: float) -> str:
    """A number of m or m² for people: 0.8, 36, 250."""
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"
