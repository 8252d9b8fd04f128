"""Text → Understanding: the stage as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from nl_planner.language.decide import Decision, Question, Situation, asking, decide
from nl_planner.language.describe import describe, read_again
from nl_planner.language.gate import Gate
from nl_planner.language.grammar import ACTION_WORDS, Reading, grammar, read_line, write_line
from nl_planner.language.learned import DISPUTED, Learned, Recalled, Reworded
from nl_planner.language.name_index import Candidate
from nl_planner.language.names import Mentions, SiteNames
from nl_planner.language.normalise import clean_text, language_of, lengths_in
from nl_planner.language.prompt import prompt
from nl_planner.models import Grammar, LanguageModel, Prompt
from nl_planner.site.model import Site
from nl_planner.task import Intent, Task, Understanding

PASSED_OVER = 0.5
"""What the probability of a line is multiplied by that leaves out a place that was named."""


class Interpreter:
    """Reads instructions for one site with one language model.

    >>> Interpreter(site, open_model()).understand("sweep the plaza")  # doctest: +SKIP
    """

    def __init__(self, site: Site, model: LanguageModel, learned: Learned | None = None):
        self.site, self.model, self.learned = site, model, learned
        self._aliases: Mapping[str, str] = {}

    def call(self, aliases: Mapping[str, str]) -> None:
        """From now on people call places so too: name → id of a landmark, entrance or keepout."""
        self._aliases = aliases
        for made_of_them in ("names", "gate"):
            vars(self).pop(made_of_them, None)

    @cached_property
    def names(self) -> SiteNames:
        """The names of the site and its aliases."""
        return SiteNames(self.site, self._aliases)

    @cached_property
    def gate(self) -> Gate:
        """What no reading can pass."""
        return Gate(self.site, self._aliases)

    def understand(
        self,
        text: str,
        *,
        robot: tuple[float, float, float] | None = None,
        operator: tuple[float, float] | None = None,
        last: Task | None = None,
    ) -> Understanding:
        """What the text means, said without a question before it; `Dialogue` knows of those.

        Args:
            text: what the person said, Chinese or English.
            robot: where the robot is, (x, y, yaw) in the site's frame.
            operator: where the person is, (x, y).
            last: the task before, for "once more" and the like.

        Raises:
            InstructionError: the text is empty, too long, or holds no words.
            ModelError: the model cannot be used.
        """
        return self.decide(text, Situation(self.site, robot, operator, last)).understanding

    def decide(
        self,
        text: str,
        situation: Situation,
        asked: Question | None = None,
        ask_below: float | None = None,
        doubted: bool = False,
    ) -> Decision:
        """What the text means, as an answer to the question that is open or by itself.

        ``ask_below``: how sure a reading must be not to be asked about, if not as the model says.
        ``doubted``: the words may be misheard; what moves the robot is asked about first.

        Raises:
            InstructionError, ModelError: as `understand`.
        """
        text = clean_text(text)
        heard = self.learned.reword(text) if self.learned else Reworded(text)
        reading, mentions = self.read(heard.text, situation.last, asked, heard.names)
        least = self.model.ask_below if ask_below is None else ask_below
        recalled = self.learned.recall(text, situation.last) if self.learned and not asked else None
        if recalled and reading.intent is not None:  # a lesson lifts no refusal
            reading, mentions = self._recalled(recalled, reading, mentions, language_of(text))
        if heard.disputed or (recalled and recalled.disputed):
            reading = replace(reading, probability=DISPUTED * reading.probability)
            least = max(least, DISPUTED + 0.01)
        unsure = text if doubted else None
        decision = _after(asked, reading, mentions, situation, language_of(text), least, unsure)
        short = bool(asked) and reading.tasks == ()  # "b", "2" answer a question
        reworded = heard.text != text
        checked = self.gate.check(
            text, decision.understanding, readable=short or reworded or bool(recalled)
        )
        if reworded:
            checked = self.gate.check(heard.text, checked, readable=short)
        if checked is not decision.understanding:
            decision = Decision(checked)
        return replace(decision, slots=reading.slots)

    def _recalled(
        self, recalled: Recalled, reading: Reading, mentions: Mentions, language: str
    ) -> tuple[Reading, Mentions]:
        """What was taught of this sentence instead of what the model reads in it."""
        taught, names = read_again(recalled.meant, self.site, language)
        if (taught.intent, taught.tasks) == (reading.intent, reading.tasks):
            return reading, mentions
        taught = replace(taught, probability=recalled.likeness)
        return taught, names.with_others(mentions)

    def read(
        self,
        text: str,
        last: Task | None = None,
        asked: Question | None = None,
        names: tuple[Candidate, ...] = (),
    ) -> tuple[Reading, Mentions]:
        """What the model reads in a cleaned text, and the names that were found in it.

        ``names``: others that are in it.
        """
        question, allowed, mentions = self.question(
            text, last, asked, names, adapted=self.model.adapted
        )
        reading = read_line(self.model.fill(question, allowed))
        if _passes_over(reading, mentions, last):
            reading = replace(reading, probability=PASSED_OVER * reading.probability)
        return reading, mentions

    def question(
        self,
        text: str,
        last: Task | None,
        asked: Question | None = None,
        names: tuple[Candidate, ...] = (),
        *,
        adapted: bool,
    ) -> tuple[Prompt, Grammar, Mentions]:
        """What the model is asked about a cleaned text, and the names that were found in it."""
        mentions = self.names.find(text, last)
        if names:
            mentions = mentions.with_others(Mentions(names, ()))
        before = describe(last, self.site, language_of(text)) if last else ""
        if asked:
            mentions = mentions.with_others(_offered(asked))
            if not asked.about:  # what was read so far is what a correction starts from
                before = write_line(asked.reading)
        first = self.site.robot.actions[0]
        places, things = tuple(mentions.place_by_label), tuple(mentions.thing_by_label)
        metres = [number for number in lengths_in(text) if 0 < number <= 1000]
        return (
            prompt(text, mentions, ACTION_WORDS[first], before, asked, adapted=adapted),
            grammar(places, things, metres, first_action=first, asked=bool(asked)),
            mentions,
        )


def _after(
    asked: Question | None,
    reading: Reading,
    mentions: Mentions,
    situation: Situation,
    language: str,
    ask_below: float,
    doubted: str | None,
) -> Decision:
    """What follows from a reading after this question."""
    if asked and reading.answer and asked.about:
        settled = asked.answered(reading.answer, mentions, reading.probability)
        return decide(settled.reading, settled.mentions, situation, language, ask_below, doubted)
    if asked and reading.intent is Intent.YES and not asked.about and doubted is None:
        return decide(asked.reading, asked.mentions, situation, language)
    if asked and (reading.answer or reading.intent is Intent.YES):
        return asking(asked, [option.label for option in asked.options])
    return decide(reading, mentions, situation, language, ask_below, doubted)


def _passes_over(reading: Reading, mentions: Mentions, last: Task | None) -> bool:
    """Whether a place whose very name stands in the sentence is in none of what is to be done; a
    correction may name where it was wrong ("not the playground, the plaza").
    """
    places = [place for task in reading.tasks for place in (task.place, *task.not_at)]
    read = {
        part
        for place in places
        for name in place.names
        if name in mentions.place_by_label
        for i in mentions.place_by_label[name].ids
        for part in (i, i.split(".")[0])
    }
    wrong = last.place.landmarks if last and last.place else ()
    named = mentions.named.difference(wrong if reading.intent is Intent.CORRECT else ())
    return bool(reading.tasks) and not named <= read


def _offered(asked: Question) -> Mentions:
    """What an answer may name beside the names in it: the options and each of them, or, where a
    whole reading is in doubt, all that it names.
    """
    if not asked.about:
        return asked.mentions
    every = [c for c in asked.mentions.places if c.each and c.label == f"every {asked.name}"]
    return Mentions((*asked.options, *every), ())
