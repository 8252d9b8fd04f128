"""Text → Understanding: the stage as a whole."""

from __future__ import annotations

from functools import cached_property

from nl_planner.language.decide import Situation, decide
from nl_planner.language.describe import describe
from nl_planner.language.gate import Gate
from nl_planner.language.grammar import ACTION_WORDS, Reading, grammar, read_line
from nl_planner.language.names import Mentions, SiteNames
from nl_planner.language.normalise import clean_text, language_of
from nl_planner.language.prompt import prompt
from nl_planner.models import Grammar, LanguageModel, Prompt
from nl_planner.site.model import Site
from nl_planner.task import Task, Understanding


class Interpreter:
    """Reads instructions for one site with one language model.

    >>> Interpreter(site, open_model()).understand("sweep the plaza")  # doctest: +SKIP
    """

    def __init__(self, site: Site, model: LanguageModel):
        self.site, self.model = site, model

    @cached_property
    def _names(self) -> SiteNames:
        return SiteNames(self.site)

    @cached_property
    def _gate(self) -> Gate:
        return Gate(self.site)

    def understand(
        self,
        text: str,
        *,
        robot: tuple[float, float, float] | None = None,
        operator: tuple[float, float] | None = None,
        last: Task | None = None,
    ) -> Understanding:
        """What the text means.

        Args:
            text: what the person said, Chinese or English.
            robot: where the robot is, (x, y, yaw) in the site's frame.
            operator: where the person is, (x, y).
            last: the task before, for "once more" and the like.

        Raises:
            InstructionError: the text is empty, too long, or holds no words.
            ModelError: the model cannot be used.
        """
        text = clean_text(text)
        reading, mentions = self.read(text, last)
        situation = Situation(self.site, robot, operator, last)
        understood = decide(reading, mentions, situation, language_of(text), self.model.ask_below)
        return self._gate.check(text, understood)

    def read(self, text: str, last: Task | None = None) -> tuple[Reading, Mentions]:
        """What the model reads in a cleaned text, and the names that were found in it."""
        question, allowed, mentions = self.question(text, last, self.model.adapted)
        return read_line(self.model.fill(question, allowed)), mentions

    def question(
        self, text: str, last: Task | None, adapted: bool
    ) -> tuple[Prompt, Grammar, Mentions]:
        """What the model is asked about a cleaned text, and the names that were found in it."""
        mentions = self._names.find(text, last)
        first_action = ACTION_WORDS[self.site.robot.actions[0]]
        before = describe(last, self.site, language_of(text)) if last else ""
        return (
            prompt(text, mentions, first_action, before, adapted=adapted),
            grammar(tuple(mentions.place_by_label), tuple(mentions.thing_by_label)),
            mentions,
        )
