"""Text → Understanding: names, prompt, grammar, decoding, and the rules for ask and refuse."""

from nl_planner.language.decide import Situation
from nl_planner.language.dialogue import Dialogue
from nl_planner.language.interpreter import Interpreter
from nl_planner.language.normalise import clean_text, language_of

__all__ = ["Dialogue", "Interpreter", "Situation", "clean_text", "language_of"]
