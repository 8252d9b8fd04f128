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

    # ---- questions and reasons

    def no_front(self, thing: str) -> str:
        """Front, back, left and right of a thing that has none, and nobody to see it from."""
        return self._say(
            f"{thing} has no front of its own, and where you stand is not known: "
            "say which side, by the compass or by what is next to it",
            f"{thing}没有正面，也不知道您站在哪里；请说是东南西北哪一侧，或者靠近什么",
        )

    def where_is_unknown(self, who: str) -> str:
        """The position of operator or robot is not known."""
        if who == OPERATOR:
            return self._say(
                "where you stand is not known; name a place", "不知道您站在哪里，请说一个地名"
            )
        return self._say(
            "where the robot stands is not known; name a place",
            "不知道机器人在哪里，请说一个地名",
        )

    def no_last(self) -> str:
        """The same place as before, when there was none."""
        return self._say(
            "there was no place before this one; name a place", "之前没有做过哪个地方，请说一个地名"
        )

    def no_place(self, thing: str | None) -> str:
        """No place was said and nothing was seen."""
        if thing is None:
            return self._say("no place was said; name a place", "没有说地方，请说一个地名")
        return self._say(
            f"no {thing} has been seen; say where it lies", f"没有看到{thing}，请说它在哪里"
        )

    def closed(self, thing: str) -> str:
        """``in`` a thing that the robot may not enter."""
        return self._say(
            f"the robot may not drive inside {thing}; say around it, or in front of it",
            f"机器人不能进{thing}，可以说它周围或门前",
        )

    def keepout(self, thing: str) -> str:
        """``in`` a keepout."""
        return self._say(f"{thing} is closed to the robot", f"{thing}是机器人禁入的地方")

    def outside(self, place: str) -> str:
        """A place beyond the boundary."""
        return self._say(f"{place} lies outside the site", f"{place}在场地之外")

    def nothing_free(self, place: str, area: float, taker: str | None) -> str:
        """A place that is all walls, closed things and keepouts; ``taker`` is the greatest."""
        return self._say(
            f"nothing of the {area:.2g} m² {place} is free: "
            + (f"{taker} takes it" if taker else "the map has no free ground there"),
            f"{place}的{area:.2g}平方米没有可走的地方："
            + (f"被{taker}占着" if taker else "地图上那里不是空地"),
        )

    def hidden(self, place: str) -> str:
        """A place where all that is free lies behind a wall, or in a room that was not meant."""
        return self._say(
            f"what is free {place} lies behind a wall or in another room",
            f"{place}能走的地方都在墙后面，或者在别的房间里",
        )

    def all_excepted(self, place: str) -> str:
        """What was left out is all of it."""
        return self._say(
            f"nothing is left {place} once the exceptions are taken out",
            f"{place}去掉排除的部分就什么也不剩了",
        )

    def too_narrow(self, place: str, free: float, robot: float) -> str:
        """Free, but no room for the robot's body; both widths in m."""
        return self._say(
            f"what is free {place} is {free:.2f} m wide, too narrow for the robot, which is "
            f"{robot:.2g} m wide",
            f"{place}只有{free:.2f}米宽，机器人宽{robot:.2g}米，放不下",
        )

    def no_way_in(self, place: str, way: float, robot: float) -> str:
        """Room enough, but cut off from where the robot is; ``way`` is the widest there is (m)."""
        if way == 0:
            return self._say(
                f"{place}: there is no way in, it is closed all round",
                f"{place}：四面都是封闭的，没有路可以进去",
            )
        return self._say(
            f"{place}: there is no way in wider than {way:.2f} m, and the robot is {robot:.2g} m "
            "wide",
            f"{place}：没有宽于{way:.2f}米的通道可以进去，机器人宽{robot:.2g}米",
        )
