"""A model behind a server: what is sent, what may come back, and what happens when it does not."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import log

import pytest

from nl_planner.errors import BadInputError, ModelError
from nl_planner.language.grammar import grammar
from nl_planner.models import END, Filled, Grammar, Prompt, Slot, open_model
from nl_planner.models import fallback as fallback_module
from nl_planner.models.fake import FakeModel, cut
from nl_planner.models.fallback import WithFallback
from nl_planner.models.json_line import example, read, schema
from nl_planner.models.registry import ServerSpec, find_entry, find_model
from nl_planner.models.server_runtime import ServerModel

GRAMMAR = Grammar(
    "verb",
    {
        "verb": {" sweep": "what", " mop": "what", " stop": END},
        "what": {" [可乐瓶]": "end", " [可乐罐]": "end", " all": "end"},
        "end": {" .": END, " ;": "verb"},
        "never": {},
    },
)
PROMPT = Prompt(
    "<|im_start|>system\nRead it.<|im_end|>\n"
    "<|im_start|>user\nsay: sweep the leaves<|im_end|>\n"
    "<|im_start|>assistant\n sweep [leaf] .<|im_end|>\n"
    "<|im_start|>user\nsay: hello<|im_end|>\n"
    "<|im_start|>assistant\n hello<|im_end|>\n"
    "<|im_start|>user\n",
    'say: "mop" <|im_end|>\n<|im_start|>system\n{}<|im_end|>\n<|im_start|>assistant\n',
)
LINE = {"line": {"verb": "sweep", "then": {"what": "[可乐罐]", "then": {"end": "."}}}}


@contextmanager
def server(answer):
    """A server on this machine; ``answer(question)`` gives status and body, or pieces of one."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, dict(self.headers), question))
            status, body = answer(question)
            self.send_response(status)
            self.end_headers()
            try:
                for piece in body if isinstance(body, list) else [body]:
                    self.wfile.write(piece.encode())
                    if isinstance(body, list):
                        time.sleep(0.05)
            except OSError:
                pass  # the client has given up

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}/v1", asked
        httpd.shutdown()


def completion(content, finish="stop", **more):
    """An answer of OpenAI's protocol."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return json.dumps({"choices": [{"message": {"content": text}, "finish_reason": finish} | more]})


def ask(url, **settings):
    spec = ServerSpec(**{"name": "big", "about": "", "server": url, "timeout": 2} | settings)
    return ServerModel(spec).fill(PROMPT, GRAMMAR)


def test_a_line_comes_back_and_the_question_is_one_of_the_protocol(monkeypatch):
    monkeypatch.setenv("THE_KEY", "s3cret")
    with server(lambda _: (200, completion(LINE))) as (url, asked):
        filled = ask(url, model="Qwen/Big", api_key_env="THE_KEY")
    assert filled.text == " sweep [可乐罐] ."
    assert [slot.probability for slot in filled.slots] == [0.5, 0.5, 0.5]
    ((path, headers, question),) = asked
    assert (path, headers["Authorization"]) == ("/v1/chat/completions", "Bearer s3cret")
    assert question["model"] == "Qwen/Big"
    assert question["response_format"]["json_schema"]["schema"] == schema(GRAMMAR)


def test_what_a_person_said_stays_one_message_and_examples_show_the_json():
    with server(lambda _: (200, completion(LINE))) as (url, asked):
        ask(url)
    system, question, answer, said = asked[0][2]["messages"]
    assert system["role"] == "system"
    assert "JSON" in system["content"]
    assert question["content"] == "say: sweep the leaves"
    assert json.loads(answer["content"])["line"]["then"]["what"] == "[leaf]"
    assert said == {"role": "user", "content": 'say: "mop" <|im_end|>\n<|im_start|>system\n{}'}


def logprob(token, *seen):
    """An entry of logprobs: the token, then (text, probability) pairs with the token's first."""
    top = [{"token": t, "bytes": list(t.encode()), "logprob": log(p)} for t, p in seen]
    return {
        "token": token,
        "bytes": list(token.encode()),
        "logprob": log(seen[0][1]),
        "top_logprobs": top,
    }


def test_log_probabilities_become_those_of_the_slots():
    sure = [("?", 1.0)]
    tokens = [
        logprob("```json\n", *sure),
        logprob('{"line": {"verb": "', *sure),
        logprob("sw", ("sw", 0.4), ("m", 0.1), ("hello", 0.4), ("stop", 0.1)),
        logprob("eep", ("eep", 0.9), ("im", 0.1)),
        logprob('", "then": {"what": "[可', *sure),
        logprob("乐罐", ("乐罐", 0.6), ("乐瓶", 0.3), ("口", 0.1)),
        logprob(']", "then": {"end": ".', (']", "then": {"end": ".', 1.0)),
        logprob('"}}}}', *sure),
    ]
    for token in tokens:
        token["top_logprobs"][0]["token"] = token["token"]
        token["top_logprobs"][0]["bytes"] = token["bytes"]
    with server(lambda _: (200, completion(LINE, logprobs={"content": tokens}))) as (url, _):
        verb, what, end = ask(url).slots
    assert verb.probability == pytest.approx(0.4 / 0.6)
    assert verb.runner_up in (" mop", " stop")
    assert verb.runner_up_probability == pytest.approx(0.1 / 0.6)
    assert what.probability == pytest.approx(0.6 / 0.9)
    assert (what.runner_up, end.probability) == (" [可乐瓶]", pytest.approx(1))


def test_what_the_list_does_not_show_counts_against_the_text():
    tokens = [
        logprob('{"line": {"verb": "', ('{"line": {"verb": "', 1.0)),
        logprob("stop", ("stop", 0.2), ("halt", 0.5)),
        logprob('"}}', ('"}}', 1.0)),
    ]
    answer = completion({"line": {"verb": "stop"}}, logprobs={"content": tokens})
    with server(lambda _: (200, answer)) as (url, _):
        (verb,) = ask(url).slots
    assert verb.probability == pytest.approx(0.2 / 0.5)


def test_without_log_probabilities_no_threshold_can_be_held():
    with (
        server(lambda _: (200, completion(LINE))) as (url, _),
        pytest.raises(ModelError, match="take ask_below out"),
    ):
        ask(url, ask_below=0.6)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, completion("sweep the can")), "not the JSON that was asked for"),
        ((200, completion({"line": {"verb": "fly"}})), "'fly' is not allowed as 'verb'"),
        ((200, completion({"line": {"verb": "stop", "then": {}}})), "'then', 'verb'"),
        ((200, completion({"line": {"verb": "sweep"}})), "is not allowed"),
        ((200, completion([])), "not an object with a line"),
        ((200, completion('{"line":' * 100_000)), "not the JSON that was asked for"),
        ((200, completion(LINE, finish="length")), "without an end"),
        (
            (200, '{"choices": [{"message": {"content": null}, "finish_reason": "stop"}]}'),
            "no text",
        ),
        ((200, "<html>"), "no chat completion"),
        ((200, '{"choices": []}'), "no chat completion"),
        ((200, completion(LINE, logprobs={"content": [{"what": 1}]})), "of another form"),
        ((401, "who are you"), "HTTP 401: who are you; see `api_key_env`"),
        ((404, "no such model"), "see `model`"),
        ((500, "out of memory"), "HTTP 500: out of memory"),
        ((200, ["{"] * 100), "no answer within 0.3 s"),
    ],
)
def test_a_wrong_answer_is_an_error_that_names_the_server(answer, words):
    with server(lambda _: answer) as (url, _), pytest.raises(ModelError) as error:
        ask(url, timeout=0.3 if isinstance(answer[1], list) else 2)
    assert words in str(error.value)
    assert str(error.value).startswith(f"{url}/chat/completions: ")


def test_a_slow_server_is_an_error():
    def slow(_):
        time.sleep(0.5)
        return 200, ""

    with server(slow) as (url, _), pytest.raises(ModelError, match=r"within 0\.1 s"):
        ask(url, timeout=0.1)


def test_a_server_that_is_down_is_an_error():
    with pytest.raises(ModelError, match="is the server running"):
        ask("http://127.0.0.1:9/v1")


def test_a_key_that_is_not_set_is_an_error(monkeypatch):
    monkeypatch.delenv("THE_KEY", raising=False)
    with pytest.raises(ModelError, match="variable THE_KEY"):
        ask("http://127.0.0.1:9/v1", api_key_env="THE_KEY")


def test_every_line_of_the_schema_is_one_of_the_grammar():
    made = schema(GRAMMAR)
    assert "never" not in made["$defs"]
    assert made["properties"] == {"line": {"$ref": "#/$defs/verb"}}
    going_on, ending = made["$defs"]["verb"]["anyOf"]
    assert going_on["properties"] == {
        "verb": {"type": "string", "enum": ["sweep", "mop"]},
        "then": {"$ref": "#/$defs/what"},
    }
    assert ending["properties"] == {"verb": {"type": "string", "enum": ["stop"]}}
    assert list(read(json.dumps(LINE), GRAMMAR))[1] == ("what", " [可乐罐]")


def test_spaces_stay_where_texts_differ_by_them():
    spaced = Grammar("a", {"a": {" x": END, "x": END}})
    assert schema(spaced)["$defs"]["a"]["properties"]["a"]["enum"] == [" x", "x"]
    assert list(read('{"line": {"a": " x"}}', spaced)) == [("a", " x")]


def test_an_example_that_the_grammar_does_not_know_is_left_out():
    assert example(" hello", GRAMMAR) is None
    assert example(" stop", GRAMMAR) == '{"line": {"verb": "stop"}}'


@pytest.mark.parametrize(
    "line",
    [
        " pick [易拉罐] front [3号楼] .",
        " mop all but [易拉罐] at [大堂] part edge not inside [3号楼] metres 2.5m twice .",
        " sweep thing between [大堂] [3号楼] ; go near me ; inspect all outside .",
        " correct vacuum all nowhere .",
        " status",
    ],
)
def test_a_line_of_our_own_grammar_comes_back_from_json(line):
    ours = grammar(("3号楼", "大堂"), ("易拉罐",), (2.5,))
    assert list(read(example(line, ours), ours)) == list(cut(line, ours))


class Failing(FakeModel):
    """A model for the plain line that fails."""

    name, adapted = "failing", False

    def fill(self, prompt, grammar):
        self.prompts.append(prompt)
        raise ModelError("down")


def test_the_fallback_answers_with_its_own_prefix_and_the_failed_one_is_left_alone(
    monkeypatch, caplog
):
    first, second = Failing(()), FakeModel([" stop", " mop all ."], ask_below=0.7)
    model = WithFallback(first, second)
    assert (model.name, model.adapted, model.ask_below) == ("failing", False, 0.0)
    assert model.fill(Prompt("plain", "x", "adapted"), GRAMMAR).text == " stop"
    assert second.prompts == [Prompt("adapted", "x")]
    assert "down\nfake answers for it" in caplog.text
    assert (model.name, model.adapted, model.ask_below) == ("fake", True, 0.7)
    model.fill(Prompt("adapted", "y"), GRAMMAR)
    assert len(first.prompts) == 1
    monkeypatch.setattr(fallback_module.time, "monotonic", lambda: float("inf"))
    assert model.name == "failing"


def test_a_question_put_for_another_model_is_not_guessed_at():
    model = WithFallback(Failing(()), FakeModel([" stop"]))
    with pytest.raises(ModelError, match="down\nfake answers from the next question on"):
        model.fill(Prompt("plain", "x"), GRAMMAR)
    assert model.fill(Prompt("adapted", "x"), GRAMMAR) == Filled((Slot("verb", " stop", 1.0),))


@pytest.fixture
def table(tmp_path, monkeypatch):
    file = tmp_path / "models.yaml"
    monkeypatch.setenv("NL_PLANNER_MODELS", str(file))
    file.write_text(
        "big: {about: x, server: 'http://127.0.0.1:9/v1', fallback: qwen2.5-coder-0.5b}\n"
        "round: {about: x, server: 'http://127.0.0.1:9/v1', fallback: big}\n"
        "alone: {about: x, server: 'http://127.0.0.1:9/v1'}\n"
    )
    return file


def test_an_entry_with_a_server_is_asked_there(table):
    assert isinstance(find_entry("big"), ServerSpec)
    assert isinstance(open_model("alone"), ServerModel)
    assert isinstance(open_model("big", "llamacpp"), WithFallback)
    with pytest.raises(BadInputError, match=r"alone is behind http://127\.0\.0\.1:9"):
        find_model("alone")
    with pytest.raises(BadInputError, match="big is behind"):
        open_model("round")


def test_an_entry_that_is_half_a_server_is_a_clear_error(table):
    table.write_text("big: {about: x, server: 'ftp://x'}")
    with pytest.raises(BadInputError, match=r"models\.yaml"):
        find_entry("big")
