"""What the robot says when it asks or refuses, in the person's language."""

from __future__ import annotations

from collections.abc import Sequence

from nl_planner.site.model import Site
from nl_planner.task import Place, Task

_SENTENCES = {
    "where": ("要我在哪里做？", "Where should I do that?"),
    "which": ("您说的“{name}”是哪一个？", "Which {name} do you mean?"),
    "which_thing": (
        "看到了不止一个{name}，哪里的那个？",
        "I have seen more than one {name}. Where?",
    ),
    "unknown": (
        "这里没有我认识的这个地方，您指的是哪里？",
        "I know no place of that name here. Where do you mean?",
    ),
    "unseen": ("还没有看到{name}，它在哪里？", "I have not seen any {name}. Where is it?"),
    "operator": ("我看不到您站在哪里，您在哪儿？", "I cannot see where you are. Where is it?"),
    "last": ("之前还没有任务，要我做什么？", "There was no task before. What should I do?"),
    "front": (
        "{name}没有前后左右之分，要哪一边？",
        "{name} has no front of its own. Which side do you mean?",
    ),
    "doubt": ("您是说：{meant}，对吗？", "Do you mean: {meant}?"),
    "heard": ("您是说：“{said}”，对吗？", "Did you say “{said}”?"),
    "yes": ("对", "yes"),
    "no": ("不对", "no"),
    "cannot": ("这台机器不能{action}，它能{can}。", "This machine cannot {action}; it can {can}."),
    "outside": ("那里在场地以外，我不能去。", "That is outside the site; I cannot go there."),
    "keepout": ("{name}是禁入区，我不能进去。", "{name} is a keep-out area; I must not enter it."),
    "closed": ("我不能开进{name}里面。", "I cannot drive into {name}."),
    "harm": (
        "这件事我不会做：可能伤到人或东西，或者违反安全规则。",
        "I will not do that: it could hurt someone or something, or break my safety rules.",
    ),
    "rules": (
        "规则不是一句话能改的，这件事我不会做。",
        "My rules cannot be changed by what is said to me; I will not do that.",
    ),
    "learned": ("记住了：“{name}”是{place}。", "Noted: {name} is {place}."),
    "name_where": (
        "“{name}”是地图上的哪个地方？",
        "Which place on my map is {name}?",
    ),
    "name_sure": (
        "您是说：“{name}”就是{place}，对吗？",
        "Do you mean: {name} is {place}?",
    ),
    "name_moved": (
        "您是说：“{name}”以后是{place}，不再是{old}，对吗？",
        "Do you mean: {name} is {place} from now on, no longer {old}?",
    ),
    "name_missing": (
        "我没听清新名字，请再说一遍：哪里，叫什么。",
        "I did not catch the new name. Please say again which place, and what to call it.",
    ),
    "name_taken": (
        "“{name}”已经是{old}的名字，不能再用来叫{place}。",
        "{name} is a name of {old} already; I cannot call {place} so.",
    ),
    "name_bad": (
        "“{name}”不能当地名用，请换一个。",
        "{name} cannot be the name of a place; please choose another.",
    ),
    "unreadable": (
        "我没看懂这句话，请再说一遍要做什么、在哪里。",
        "I cannot make out what that says. Please say again what to do and where.",
    ),
    "no_words": (
        "这句话里没有字，请说要做什么、在哪里。",
        "There are no words in that. Please say what to do and where.",
    ),
    "too_long": (
        "这句话有 {count} 个字符，我最多读 {most} 个。请说短一些，或者一件一件地说。",
        "That has {count} characters, and I read {most} at most. Please say it shorter, or one "
        "piece of work at a time.",
    ),
    "no_model": (
        "我的语言模型现在用不了，这句话没有听懂。请稍后再说一遍，还不行就找维护人员。",
        "My language model cannot be used now, so I did not understand that. Please say it again "
        "later; if that does not help, call whoever looks after me.",
    ),
}

_ACTIONS = {
    "sweep": ("扫地", "sweep"),
    "mop": ("拖地", "mop"),
    "vacuum": ("吸尘", "vacuum"),
    "scrub": ("刷洗", "scrub"),
    "pick_up": ("捡东西", "pick up"),
    "inspect": ("检查", "inspect"),
    "go_to": ("开过去", "drive there"),
}


_RELATIONS = {
    "in": ("{0}", "{0}"),
    "in_front_of": ("{0}前面", "in front of {0}"),
    "behind": ("{0}后面", "behind {0}"),
    "left_of": ("{0}左边", "left of {0}"),
    "right_of": ("{0}右边", "right of {0}"),
    "near": ("{0}旁边", "near {0}"),
    "around": ("{0}周围", "around {0}"),
    "between": ("{0}和{1}之间", "between {0} and {1}"),
    "along": ("沿{0}", "along {0}"),
    "opposite": ("{0}对面", "opposite {0}"),
    "north_of": ("{0}北边", "north of {0}"),
    "south_of": ("{0}南边", "south of {0}"),
    "east_of": ("{0}东边", "east of {0}"),
    "west_of": ("{0}西边", "west of {0}"),
}
_BUILTINS = {
    "robot": ("我这里", "where I am"),
    "operator": ("您那里", "where you are"),
    "last": ("刚才的地方", "the place before"),
}


def task_words(task: Task, site: Site, language: str) -> str:
    """A task in a few words: 扫地，一号楼前面，可乐瓶; "sweep, in front of Building 1, leaf"."""
    which = 0 if language == "zh" else 1

    def place_words(place: Place) -> str:
        names = [
            _BUILTINS[name][which] if name in _BUILTINS else site.label(name, language)
            for name in place.landmarks
        ]
        words = _RELATIONS[place.relation][which]
        for number, name in enumerate(names):
            words = words.replace(f"{{{number}}}", name)
        return words

    parts = [action_name(task.action, language)]
    if task.place:
        parts.append(place_words(task.place))
    if task.object:
        parts.append(site.taxonomy.name(task.object, language))
    without = ("除了", "not ")[which]
    parts += [f"{without}{place_words(place)}" for place in task.except_places]
    return ("，" if which == 0 else ", ").join(parts)


def say(key: str, language: str, **values: str) -> str:
    """The sentence of that key; ``values`` fill its blanks."""
    return filled(_SENTENCES[key], language, **values)


def filled(sentences: tuple[str, str], language: str, **values: str) -> str:
    """The Chinese or English sentence of a pair, its blanks filled."""
    sentence = sentences[0 if language == "zh" else 1]
    for blank, value in values.items():
        sentence = sentence.replace(f"{{{blank}}}", value)
    return sentence


def action_name(action: str, language: str) -> str:
    """An action as people call it."""
    return _ACTIONS[action][0 if language == "zh" else 1]


def listed(names: Sequence[str], language: str) -> str:
    """Names one after the other."""
    return ("、" if language == "zh" else ", ").join(names)
