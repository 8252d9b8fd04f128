"""Generated sentences as samples: the line can be written, and means what it should."""

import pytest

from nl_planner.errors import ModelError
from nl_planner.language import Situation
from nl_planner.language.evaluate import compare
from nl_planner.language.interpreter import Interpreter
from nl_planner.learning.dataset import open_question, reader, sample, site_of
from nl_planner.learning.generate import expected, generate
from nl_planner.models import END
from nl_planner.models.fake import FakeModel
from nl_planner.task import Status, Task


@pytest.fixture(scope="module")
def drawn():
    """(site as generated, example, sample) of those that can be written."""
    found = []
    for named, example in generate(seed=4, n=250, split="train"):
        try:
            found.append((named, example, sample(example, reader(site_of(named)))))
        except ModelError:
            continue
    return found


def test_nearly_every_example_is_a_sample(drawn):
    assert len(drawn) >= 245


def test_every_choice_is_allowed(drawn):
    for _, _, it in drawn:
        state = it.grammar.start
        for name, text in it.choices:
            assert name == state
            state = it.grammar.states[state][text]
        assert state == END


def test_the_right_line_never_moves_the_robot_wrongly(drawn):
    """The rules turn the line into what the contract expects, or ask; hardly ever else."""
    wrong, asked = [], 0
    for named, example, it in drawn:
        interpreter = Interpreter(site_of(named), FakeModel([it.line]))
        last = Task.model_validate(example.before[1][-1]) if example.before else None
        known = Situation(interpreter.site, (0.0, 0.0, 0.0), (1.0, 1.0), last)
        question = open_question(example, interpreter)
        got = interpreter.decide(example.text, known, question).understanding.to_json()
        want = expected(example, named)
        if not all(compare(want, got).values()):
            asked += got["status"] == Status.ASK
            if got["status"] == Status.READY:
                wrong.append((example.text, it.line, want, got))
    assert asked <= 0.08 * len(drawn)
    assert len(wrong) <= 0.02 * len(drawn), wrong
