"""A model that may fail, and the one that answers then."""

from __future__ import annotations

import logging
import time

from nl_planner.errors import ModelError
from nl_planner.models.interface import Filled, Grammar, LanguageModel, Prompt

log = logging.getLogger(__name__)

RETRY = 30.0
"""Seconds for which a model that failed is left alone."""


class WithFallback:
    """Asks ``first``; when that fails, ``second``, and for `RETRY` seconds only that.

    Everything but `fill` tells of the model that is asked at the moment.
    """

    def __init__(self, first: LanguageModel, second: LanguageModel):
        self._first, self._second = first, second
        self._until = 0.0

    @property
    def _model(self) -> LanguageModel:
        return self._second if time.monotonic() < self._until else self._first

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self._model.name

    @property
    def adapted(self) -> bool:
        """Whether the model that is asked has an adapter."""
        return self._model.adapted

    @property
    def ask_below(self) -> float:
        """That of the model that is asked."""
        return self._model.ask_below

    def fill(self, prompt: Prompt, grammar: Grammar) -> Filled:
        """See `LanguageModel.fill`."""
        if self._model is self._second:
            return self._second.fill(prompt, grammar)
        try:
            return self._first.fill(prompt, grammar)
        except ModelError as error:
            self._until = time.monotonic() + RETRY
            log.warning("%s\n%s answers for it", error, self._second.name)
            if self._second.adapted and not self._first.adapted:
                # The question was put for a model without an adapter.
                if prompt.adapted_prefix is None:
                    raise ModelError(
                        f"{error}\n{self._second.name} answers from the next question on"
                    ) from error
                prompt = Prompt(prompt.adapted_prefix, prompt.suffix)
            return self._second.fill(prompt, grammar)
