"""A stream of sound → what was said in it, as a site's people would write it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from nl_planner.errors import InstructionError
from nl_planner.language.normalise import canonical
from nl_planner.site.model import Site
from nl_planner.speech.interface import Recogniser, Samples
from nl_planner.speech.repair import Repair
from nl_planner.speech.voice_activity import Utterance, VoiceActivity
from nl_planner.task import Intent, Status, Understanding

_STRANGE = {"zh": 2.0, "en": 0.5}
"""How much confidence a unit takes away that nobody was expected to say there."""
_SPEECH = 0.25
"""Below this confidence there were no words, whatever a recogniser makes of a noise."""
_HARDLY = 0.45
"""Below this confidence it may have been anything."""
_RIVALS = 0.15
"""So probable may be what means something else."""
_AS_WRITTEN = {"zh": 0.2, "en": 0.05}
"""How probable it is that what was repaired was right as the recogniser wrote it."""


@dataclass(frozen=True)
class Heard:
    """What was said, between ``start`` and ``end`` (seconds from the stream's beginning).

    ``written`` is what the recogniser wrote, ``text`` what that was most probably meant to be.
    ``confidence`` (0..1) is the recogniser's, less where nobody was expected to say that.
    ``rivals`` are other things that may have been said, each with its probability.
    """

    text: str
    written: str
    language: str
    confidence: float
    start: float
    end: float
    rivals: tuple[tuple[str, float], ...] = ()

    @property
    def certain(self) -> bool:
        """Whether it need not even be considered that something else was said."""
        return not (self._doubted or self._repaired)

    @property
    def _doubted(self) -> bool:
        return self.confidence < _HARDLY or sum(share for _, share in self.rivals) > _RIVALS

    @property
    def _repaired(self) -> bool:
        return canonical(self.text) != canonical(self.written)

    def doubted_as(self, meaning: Callable[[str], Understanding]) -> bool:
        """Whether to ask before anything is done: what else may have been said is no matter while
        it means the same, or nothing that can be done. ``meaning`` is, say, `Planner.meaning`.
        """
        if self.certain:
            return False
        if self.confidence < _HARDLY:
            return True
        meant = _what(meaning, self.text)
        if self._repaired and meant == (Intent.YES, ()):
            return True  # a yes that only a repair has made starts nothing
        if not self._doubted:
            return False
        others = ((_what(meaning, text), share) for text, share in self.rivals)
        return sum(share for what, share in others if what not in (meant, None)) > _RIVALS


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
        written, rivals = hypotheses[0].text, repaired.rivals
        if repaired.changed and written not in dict(rivals):
            rivals = (*rivals, (written, _AS_WRITTEN[language]))
        return Heard(
            text=repaired.text,
            written=written,
            language=language,
            confidence=repaired.hypothesis.confidence * familiar,
            start=utterance.start,
            end=utterance.end,
            rivals=rivals,
        )


def _what(meaning: Callable[[str], Understanding], text: str) -> object | None:
    """What the robot would do at that; None when it would do nothing."""
    try:
        understood = meaning(text)
    except InstructionError:  # no words, or too many
        return None
    if understood.status is not Status.READY or understood.intent is Intent.NONE:
        return None
    return understood.intent, understood.tasks
