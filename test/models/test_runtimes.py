"""What every language model does, over all that implement the interface."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from nl_planner.errors import BadInputError, ModelError, UnknownNameError, WeightsError
from nl_planner.models import DEFAULT_MODEL, END, Grammar, Prompt, open_model
from nl_planner.models.fake import FakeModel
from nl_planner.models.llamacpp_runtime import LlamaCppModel
from nl_planner.models.registry import ServerSpec, find_model
from nl_planner.models.server_runtime import ServerModel
from nl_planner.models.store import find_weights
from nl_planner.models.walk import walk

SERVER = Path(__file__).parents[2] / "benchmarks" / "llama_server.py"

GRAMMAR = Grammar(
    "verb",
    {
        "verb": {" sweep": "what", " stop": END},
        "what": {" [可乐瓶]": "end", " [可乐罐]": "end", " all": "end"},
        "end": {" .": END},
    },
)
PROMPT = Prompt(
    "<|im_start|>system\nAnswer with verb and thing.<|im_end|>\n<|im_start|>user\n"
    "clean = sweep\nplaces: -\nthings: [纸杯] [烟头]\nsay: 把烟头扫了"
    "<|im_end|>\n<|im_start|>assistant\n sweep [烟头] .<|im_end|>\n<|im_start|>user\n",
    "clean = sweep\nplaces: -\nthings: [可乐瓶] [可乐罐]\nsay: 扫一下可乐罐"
    "<|im_end|>\n<|im_start|>assistant\n",
)


@pytest.fixture(scope="module")
def llamacpp(real_model):
    return open_model(runtime="llamacpp")


@pytest.fixture(scope="module")
def llama_server(real_model):
    """The address of llama.cpp's own server, in a process of its own."""
    weights = str(find_weights(find_model(DEFAULT_MODEL)))
    with subprocess.Popen(
        [sys.executable, SERVER, weights], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        address = process.stdout.readline().strip()
        assert httpx2.get(f"{address}/health", trust_env=False).json() == {"status": "ok"}
        yield f"{address}/v1"
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.fixture(scope="module")
def openai(llama_server):
    return ServerModel(ServerSpec(name="theirs", about="", server=llama_server, timeout=60))


@pytest.fixture(params=["fake", "transformers", "llamacpp", "openai"])
def model(request):
    if request.param == "fake":
        return FakeModel([" sweep [可乐罐] ."] * 2)
    return request.getfixturevalue(
        "real_model" if request.param == "transformers" else request.param
    )


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


def test_llamacpp_reads_as_transformers_does(real_model, llamacpp):
    by_torch, by_llamacpp = (m.fill(PROMPT, GRAMMAR) for m in (real_model, llamacpp))
    assert by_llamacpp.text == by_torch.text
    for one, other in zip(by_llamacpp.slots, by_torch.slots, strict=True):
        assert one.probability == pytest.approx(other.probability, abs=0.05)
    assert (llamacpp.name, llamacpp.adapted) == (real_model.name, real_model.adapted)
    assert llamacpp.ask_below == real_model.ask_below


def test_llamacpp_computes_a_damaged_prefix_again(llamacpp, caplog):
    prompt = Prompt(PROMPT.prefix.replace("Answer", "Reply"), PROMPT.suffix)
    expected = llamacpp.fill(prompt, GRAMMAR)
    file = llamacpp._kept(prompt.prefix)
    llamacpp.fill(PROMPT, GRAMMAR)
    file.write_bytes(file.read_bytes()[:1000])
    assert llamacpp.fill(prompt, GRAMMAR) == expected
    assert "computing it again" in caplog.text
    llamacpp._kept(prompt.prefix).unlink()


def test_llamacpp_says_what_is_too_long_and_goes_on(llamacpp):
    with pytest.raises(ModelError, match="context"):
        llamacpp.fill(Prompt(PROMPT.prefix, "sweep " * 5000), GRAMMAR)
    assert llamacpp.fill(PROMPT, GRAMMAR).text


def test_llamacpp_names_weights_it_cannot_load(tmp_path, monkeypatch):
    model = LlamaCppModel(find_model(DEFAULT_MODEL))
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    monkeypatch.setattr(model, "_weights", lambda: broken)
    with pytest.raises(WeightsError, match=r"broken\.gguf"):
        model.fill(PROMPT, GRAMMAR)


def test_a_line_without_an_end_is_an_error():
    endless = Grammar("on", {"on": {" and": "on"}})
    with pytest.raises(ModelError, match="no end"):
        walk(endless, [], lambda text: [1], lambda pending, allowed: [1.0])


def test_weights_on_this_machine_are_not_asked_of_a_server():
    with pytest.raises(BadInputError, match="server"):
        open_model(DEFAULT_MODEL, "openai")


def test_an_unknown_runtime_lists_those_there_are():
    with pytest.raises(UnknownNameError, match="llamacpp, openai, transformers"):
        open_model(runtime="abacus")
