"""Models behind a server that speaks OpenAI's protocol: vLLM, Xinference, Ollama, llama-server.

For sites that outgrow one machine: many robots share a large model. The server holds the model to
a JSON schema made from the grammar; what comes back is checked against the grammar all the same.

Where the server gives log probabilities, they become those of the slots (`token_odds`); where it
does not, every choice counts as `token_odds.UNKNOWN`, and a table entry that says ``ask_below``
cannot be served.

What a person said travels as a JSON string and nowhere else.
"""

from __future__ import annotations

import json
import os
import re
import time
import weakref
from functools import cached_property
from typing import Any

from nl_planner.errors import ModelError, ModelMissingError
from nl_planner.models import json_line, token_odds
from nl_planner.models.interface import Filled, Grammar, Prompt
from nl_planner.models.registry import ServerSpec

_AS_JSON = 'Write the line as JSON: each word under its name, and all that follows under "then".'
_MOST_TOKENS = 1500
_ALTERNATIVES = 20
"""The most that servers list for a token."""
_TURN = re.compile(r"<\|im_start\|>(\w+)\n(.*?)(?:<\|im_end\|>\n|\Z)", re.DOTALL)
_TURN_END = "<|im_end|>\n<|im_start|>assistant\n"


class ServerModel:
    """One model behind a server; see `LanguageModel` for the interface."""

    adapted = False

    def __init__(self, spec: ServerSpec):
        self._spec = spec
        self.ask_below = spec.ask_below

    @property
    def name(self) -> str:
        """The name in the table of models."""
        return self._spec.name

    def fill(self, prompt: Prompt, grammar: Grammar) -> Filled:
        """See `LanguageModel.fill`."""
        choice = self._ask(
            {
                "model": self._spec.model or self._spec.name,
                "messages": messages(prompt, grammar),
                "temperature": 0,
                "max_tokens": _MOST_TOKENS,
                "logprobs": True,
                "top_logprobs": _ALTERNATIVES,
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {
                        "name": "line",
                        "strict": True,
                        "schema": json_line.schema(grammar),
                    },
                },
            }
        )
        content = choice["message"]["content"]
        try:
            choices = list(json_line.read(content, grammar))
        except ValueError as error:
            raise self._wrong(
                f"not the JSON that was asked for ({error}): {content[:120]!r}; the server must "
                "support response_format json_schema"
            ) from error
        listed = (choice.get("logprobs") or {}).get("content")
        if not listed and self.ask_below:
            raise self._wrong(
                "no log probabilities, without which it cannot be seen when to ask; start the "
                f"server with them or take ask_below out of the entry {self.name}"
            )
        try:
            return Filled(token_odds.slots(choices, grammar, content, listed or ()))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._wrong(f"log probabilities of another form ({error!r})") from error

    def _ask(self, question: dict[str, Any]) -> Any:
        """The first choice of the server's answer; its message has a content."""
        spec, client = self._spec, self._client
        import httpx2

        try:
            status, body = self._post(client, question)
        except httpx2.TimeoutException as error:
            raise ModelError(
                f"{self._url}: no answer within {spec.timeout:g} s; is the server overloaded, or "
                f"is `timeout` of {self.name} too short?"
            ) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ModelError(
                f"{self._url}: no connection ({error}); is the server running, and is `server` of "
                f"{self.name} right?"
            ) from error
        text = body.decode("utf-8", "replace")
        if status != 200:
            mend = {401: "see `api_key_env`", 403: "see `api_key_env`", 404: "see `model`"}
            raise ModelError(
                f"{self._url}: HTTP {status}: {text[:300]}; "
                f"{mend.get(status, 'the log of the server says more')}"
            )
        try:
            choice = json.loads(text)["choices"][0]
            finished, content = choice["finish_reason"], choice["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
            raise self._wrong(f"no chat completion: {text[:120]!r}") from error
        if finished == "length":
            raise self._wrong(f"a line without an end: {str(content)[:120]!r}")
        if not isinstance(content, str):
            raise self._wrong(f"no text: {text[:120]!r}")
        return choice

    def _post(self, client: Any, question: dict[str, Any]) -> tuple[int, bytes]:
        """Status and body; ``timeout`` holds for the answer as a whole."""
        import httpx2

        until = time.monotonic() + self._spec.timeout
        body = b""
        with client.stream("POST", self._url, json=question) as response:
            for part in response.iter_bytes():
                body += part
                if time.monotonic() > until:
                    raise httpx2.ReadTimeout("the answer does not come to an end")
            return response.status_code, body

    def _wrong(self, what: str) -> ModelError:
        return ModelError(f"{self._url}: {self._spec.model or self.name} answered with {what}")

    @property
    def _url(self) -> str:
        return f"{self._spec.server.rstrip('/')}/chat/completions"

    @cached_property
    def _client(self) -> Any:
        try:
            import httpx2
        except ImportError as error:
            raise ModelMissingError(
                "the package that asks servers is not installed (httpx2); "
                "run `pip install nl_planner[server]`"
            ) from error
        variable, headers = self._spec.api_key_env, {}
        if variable:
            key = os.environ.get(variable)
            if not key:
                raise ModelError(
                    f"{self.name} needs a key for {self._spec.server}: set the environment "
                    f"variable {variable}"
                )
            headers["Authorization"] = f"Bearer {key}"
        client = httpx2.Client(timeout=self._spec.timeout, headers=headers)
        weakref.finalize(self, client.close)
        return client


def messages(prompt: Prompt, grammar: Grammar) -> list[dict[str, str]]:
    """The prompt as chat messages; its examples show the line as JSON.

    Only the prefix, which is ours, is taken apart; the suffix stays one message, whatever it holds.
    """
    turns = [(role, content) for role, content in _TURN.findall(prompt.prefix)]
    told: list[dict[str, str]] = []
    for role, content in turns[:-1]:
        if role == "assistant":
            line = json_line.example(content, grammar)
            if line is None:
                told.pop()  # the question that this would have answered
                continue
            content = line
        told.append({"role": role, "content": content})
    if told and told[0]["role"] == "system":
        told[0]["content"] += f"\n{_AS_JSON}"
    asked = turns[-1][1] + prompt.suffix.removesuffix(_TURN_END)
    return [*told, {"role": "user", "content": asked}]
