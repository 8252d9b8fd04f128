"""A stream of sound → what was said in it, as a site's people would write it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt

from nl_planner.site.model import Site
from nl_planner.speech.interface import Recogniser, Samples
from nl_planner.speech.repair import Repair
from nl_planner.speech.voice_activity import Utterance, VoiceActivity

_STRANGE = {"zh": 2.0, "en": 0.5}
"""How much confidence a unit takes away that nobody was expected to say there."""
_SPEECH = 0.25
"""Below this confidence there were no words, whatever a recogniser makes of a noise."""
DOUBTED = 0.6
"""Below this confidence the person is asked whether that was said."""


@dataclass(frozen=True)
class Heard:
    """What was said, between ``start`` and ``end`` (seconds from the stream's beginning).

    ``written`` is what the recogniser wrote, ``text`` what that was most probably meant to be.
    ``confidence`` (0..1) is the recogniser's and the repair's together.
    """

    text: str
    written: str
    language: str
    confidence: float
    start: float
    end: float

    @property
    def doubted(self) -> bool:
        """Whether to ask before anything is done."""
        return self.confidence < DOUBTED


class Listener:
    """Hears what people say on one site.

    ``language``: "zh" or "en" when only one is spoken there.

    >>> listener = Listener(site, open_recogniser())              # doctest: +SKIP
    >>> [heard.text for heard in listener.listen(read_sound("a.wav"))]   # doctest: +SKIP
    """

    def __init__(self, site: Site, recogniser: Recogniser, language: str | None = None):
        self._recogniser, self._language = recogniser, language
        self._repair = Repair(site)

    def listen(self, blocks: Iterable[Samples]) -> Iterator[Heard]:
        """All that is said in a stream, each as soon as it is over.

        Raises:
            ModelError: the recogniser or what finds speech cannot be used.
        """
        for utterance in VoiceActivity().utterances(blocks):
            heard = self.hear(utterance)
            if heard:
                yield heard

    def hear(self, utterance: Utterance) -> Heard | None:
        """What was said in one utterance; None for nothing."""
        language, hypotheses = self._recogniser.transcribe(
            utterance.samples,
            self._language,
            lambda language, found: self._repair.near(found, language),
        )
        repaired = self._repair.best(hypotheses, language)
        if repaired is None or repaired.hypothesis.confidence < _SPEECH:
            return None
        familiar = max(0.0, 1 - _STRANGE[language] * repaired.strange)
        sure = sqrt(repaired.hypothesis.confidence * repaired.probability)
        return Heard(
            text=repaired.text,
            written=hypotheses[0].text,
            language=language,
            confidence=sure * familiar,
            start=utterance.start,
            end=utterance.end,
        )
