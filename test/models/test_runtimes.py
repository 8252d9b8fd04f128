"""What every language model does, over all that implement the interface."""

import pytest

from nl_planner.errors import UnknownNameError
from nl_planner.models import END, Grammar, Prompt, open_model
from nl_planner.models.fake import FakeModel

GRAMMAR = Grammar(
    "verb",
    {
        "verb": {" sweep": "what", " stop": END},
        "what": {" [可乐瓶]": "end", " [可乐罐]": "end", " all": "end"},
        "end": {" .": END},
    },
)
PROMPT = Prompt(
    "<|im_start|>system\nAnswer with verb and thing.<|im_end|>\n<|im_start|>user\n",
    "clean = sweep\nplaces: -\nthings: [可乐瓶] [可乐罐]\nsay: 扫一下可乐罐"
    "<|im_end|>\n<|im_start|>assistant\n",
)


@pytest.fixture(params=["fake", "transformers"])
def model(request):
    if request.param == "fake":
        return FakeModel([" sweep [可乐罐] ."] * 2)
    return request.getfixturevalue("real_model")


def test_what_comes_out_is_a_way_through_the_grammar(model):
    filled = model.fill(PROMPT, GRAMMAR)
    state = GRAMMAR.start
    for slot in filled.slots:
        assert slot.name == state
        state = GRAMMAR.states[state][slot.text]
    assert state == END


def test_every_slot_has_its_probability(model):
    for slot in model.fill(PROMPT, GRAMMAR).slots:
        assert 0 < slot.probability <= 1
        if len(GRAMMAR.states[slot.name]) == 1:
            assert slot.probability == 1
        if slot.runner_up is not None:
            assert slot.runner_up in GRAMMAR.states[slot.name]
            assert slot.runner_up != slot.text
            assert slot.probability + slot.runner_up_probability <= 1 + 1e-6


def test_the_same_question_has_the_same_answer(model):
    assert model.fill(PROMPT, GRAMMAR) == model.fill(PROMPT, GRAMMAR)


def test_a_copied_name_is_read_from_the_sentence(model):
    assert " [可乐罐]" in model.fill(PROMPT, GRAMMAR).text


def test_an_unknown_runtime_lists_those_there_are():
    with pytest.raises(UnknownNameError, match="transformers"):
        open_model(runtime="abacus")
