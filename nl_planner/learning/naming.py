"""Names that the site does not have, found in sentences.

`read_naming`: a sentence teaches one ("the fountain, we call it the Disc"). The model reads the
place as it reads every place, by having to write a line that drives there. Then that place is
blotted out in the sentence, and the model picks the new name among the stretches of words that
are left. `unknown_name`: a sentence uses one ("vacuum the Disc").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nl_planner.language.grammar import read_line
from nl_planner.language.interpreter import Interpreter
from nl_planner.language.names import Mentions
from nl_planner.language.normalise import canonical, language_of
from nl_planner.models import END, Grammar, LanguageModel, Prompt
from nl_planner.site.model import has_chinese

SURE = 0.6
"""A name less sure than this is asked about before it is learned."""

_PLACE = "[place]"
_MOST_CHARACTERS, _MOST_WORDS = 10, 6
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’-]*|[\u3400-\u9fff]")
_PAUSE = re.compile(r"[,.;:!?，。；：！？、“”\"「」『』=\[\]]")
_QUOTED = re.compile(r"[“\"「『]([^“”\"「」『』]+)[”\"」』]")
_ARTICLE = re.compile(r"(the|an?) ", re.IGNORECASE)

_TAUGHT = (
    "A person teaches a cleaning robot a new name for a place. [place] is where the place itself "
    "stood. Write the new name as the person said it.",
    (
        ("记住，[place]我们都叫迎宾厅", "迎宾厅"),
        ("from now on, when i say the Hub i mean [place]", "Hub"),
        ("大黄蜂指的是[place]，别忘了", "大黄蜂"),
        ("[place] is known as Jacob's ladder around here", "Jacob's ladder"),
        ("以后把这儿叫月台吧", "月台"),
        ("call this spot the oasis please", "oasis"),
        ("添加一个别名：石榴院，就是说[place]", "石榴院"),
        ("people say Boot Hill for [place], remember that", "Boot Hill"),
        ("我们这儿管[place]叫老码头，你也学学", "老码头"),
        ("put a new place on the map: Lovers' Corner", "Lovers' Corner"),
    ),
)
_USED = (
    "A person speaks to a cleaning robot. Write the name of the place as the person said it.",
    (
        ("把迎宾厅拖一拖", "迎宾厅"),
        ("sweep the Hub twice please", "Hub"),
        ("大黄蜂门口的落叶扫一下", "大黄蜂"),
        ("there's a bottle behind Jacob's ladder, pick it up", "Jacob's ladder"),
        ("去月台", "月台"),
        ("the oasis needs vacuuming", "oasis"),
    ),
)
"""What is asked, and examples of it: (text, name)."""
_USER, _TURN = "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"


@dataclass(frozen=True)
class Naming:
    """What is taught: ``name``, None when none was found, and the id of the place, None when the
    sentence does not say which of the site's it is. ``probability`` is that of both.
    """

    name: str | None
    target: str | None
    probability: float
    mentions: Mentions


def read_naming(text: str, interpreter: Interpreter) -> Naming:
    """What a cleaned text teaches.

    Raises:
        ModelError: as `Interpreter.understand`.
    """
    model = interpreter.model
    prompt, allowed, mentions = interpreter.question(text, None, adapted=model.adapted)
    driving = Grammar("start", {**allowed.states, "start": {" go": "relation"}})
    reading = read_line(model.fill(prompt, driving))
    said = reading.tasks[0].place.names
    place = mentions.place_by_label.get(said[0]) if len(said) == 1 else None
    target = place.ids[0] if place and len(place.ids) == 1 else None
    own = _own_names(interpreter, mentions, target) if target else frozenset[str]()
    masked = _masked(text, own)
    quoted = [q for q in _QUOTED.findall(text) if canonical(q) not in own]
    names = quoted if len(quoted) == 1 else list(_stretches(masked))
    sure = reading.probability if target else 1.0
    while names:
        name, likely = _pick(_TAUGHT, masked, names, interpreter.model)
        if not _is_place(name, target, interpreter):
            return Naming(name, target, sure * likely, mentions)
        masked = masked.replace(name, _PLACE)  # the place by a name that was misheard or shortened
        names = [other for other in _stretches(masked) if other != name]
    return Naming(None, target, 0.0, mentions)


def unknown_name(text: str, model: LanguageModel) -> str | None:
    """What a cleaned text calls a place that the site does not know, as far as can be told.

    Raises:
        ModelError: as `Interpreter.understand`.
    """
    names = list(_stretches(text))
    name, likely = _pick(_USED, text, names, model) if names else ("", 0.0)
    return name if likely >= SURE else None


def _pick(
    asked: tuple[str, tuple[tuple[str, str], ...]],
    text: str,
    names: Sequence[str],
    model: LanguageModel,
) -> tuple[str, float]:
    """The one of the names that is asked for, and its probability."""
    about, examples = asked
    turns = "".join(f"{_USER}{said}{_TURN} [{name}]<|im_end|>\n" for said, name in examples)
    prefix = f"<|im_start|>system\n{about}<|im_end|>\n{turns}{_USER}"
    choices = Grammar("start", {"start": {f" [{name}]": END for name in names}})
    filled = model.fill(Prompt(prefix, f"{text}{_TURN}"), choices)
    return filled.text.strip()[1:-1], filled.probability


def _is_place(name: str, target: str | None, interpreter: Interpreter) -> bool:
    """Whether this is what the place is called already, nearly."""
    found = interpreter.names.find(name).places
    return target is not None and any(c.ids == (target,) for c in found)


def _own_names(interpreter: Interpreter, mentions: Mentions, target: str) -> frozenset[str]:
    """What the sentence may call the place by: canonical names, as they were found or as known."""
    site = interpreter.site
    labels = [c.label for c in mentions.places if c.ids == (target,)]
    entrance = site.entrance(target)
    names = [site.label(target, language) for language in ("zh", "en")]
    if entrance is None:
        names += site.landmark(target).names
    return frozenset(map(canonical, (*labels, *names)))


def _masked(text: str, own: frozenset[str]) -> str:
    """The text with `_PLACE` for the names of the place itself, the longest first."""
    for stretch in sorted(_all_stretches(text), key=len, reverse=True):
        if canonical(stretch) in own:
            whole = rf"(?<![A-Za-z0-9]){re.escape(stretch)}(?![A-Za-z0-9])"
            text = re.sub(whole, _PLACE, text)
    return text


def _stretches(text: str) -> Iterable[str]:
    """What may be a name in it, without article; none crosses a pause or `_PLACE`."""
    for stretch in dict.fromkeys(_all_stretches(text)):
        if len(stretch) > 1 and stretch != "place" and not _ARTICLE.match(f"{stretch} "):
            yield stretch


def _all_stretches(text: str) -> Iterable[str]:
    words = [match.span() for match in _WORD.finditer(text)]
    chinese = language_of(text) == "zh"
    for first in range(len(words)):
        for last in range(first, min(len(words), first + _MOST_CHARACTERS)):
            stretch = text[words[first][0] : words[last][1]]
            if _PAUSE.search(stretch):
                break
            if last - first >= _MOST_WORDS and not (chinese and has_chinese(stretch)):
                break
            yield stretch
