"""The kinds of sentences and how often they come."""

from __future__ import annotations

from collections.abc import Callable

from nl_planner.learning.generate import dialogue, limits, work
from nl_planner.learning.generate.compose import Composer, Made

KINDS: dict[str, tuple[float, Callable[[Composer], Made]]] = {
    "object_place": (15, work.object_place),
    "whole_area": (11, work.whole_area),
    "relation": (14, work.relation),
    "sequence": (14, work.sequence),
    "exclusion": (12, work.exclusion),
    "passes": (5, work.passes),
    "confusable": (6, work.confusable),
    "group": (6, work.group),
    "reference": (6, dialogue.reference),
    "go": (3, work.go),
    "ask_ambiguous": (7, limits.ask_ambiguous),
    "ask_unknown": (4, limits.ask_unknown),
    "not_seen": (2, limits.not_seen),
    "refuse": (9, limits.refuse),
    "intent": (14, dialogue.intent),
    "answer": (5, dialogue.answer),
}
"""The kinds and how often they come, about as people ask."""
