"""Train the adapter of a language model: LoRA (Hu et al. 2021) on the choices of the line.

The prefix of the prompt is read once by the base weights and frozen, as at run time; the adapter
works on what follows. The loss is that of the decision at run time: cross-entropy among the tokens
the grammar allows, at each place where it leaves a choice.

    python -m nl_planner.learning.train --examples 3000 --seed 1 --out FOLDER
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tqdm import tqdm

from nl_planner.learning.dataset import Sample, samples
from nl_planner.models import DEFAULT_MODEL
from nl_planner.models.network import read
from nl_planner.models.registry import find_model
from nl_planner.models.transformers_runtime import TransformersModel

RANK, ALPHA = 8, 16
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
LEARNING_RATE = 4e-4
BATCH_TOKENS = 480
POOL = 64  # samples are sorted by length within pools of this size


@dataclass(frozen=True)
class Encoded:
    """A sample as tokens: after token ``place``, ``right`` of ``allowed`` should follow."""

    tokens: tuple[int, ...]
    decisions: tuple[tuple[int, tuple[int, ...], int], ...]


def encode(sample: Sample, tokenizer: Tokenizer) -> Encoded:
    """The tokens of prompt suffix and line, and each decision among allowed tokens."""

    def ids(text: str) -> tuple[int, ...]:
        return tuple(tokenizer.encode(text, add_special_tokens=False).ids)

    tokens = list(ids(sample.prompt.suffix))
    decisions = []
    for state, chosen in sample.choices:
        options = {text: ids(text) for text in sample.grammar.states[state]}
        right = options[chosen]
        for depth, token in enumerate(right):
            allowed = tuple(sorted({k[depth] for k in options.values()}))
            if len(allowed) > 1:
                decisions.append((len(tokens) - 1, allowed, allowed.index(token)))
            options = {t: k for t, k in options.items() if k[depth] == token}
            tokens.append(token)
    return Encoded(tuple(tokens), tuple(decisions))


def batches(data: Sequence[Encoded], seed: int) -> Iterator[list[Encoded]]:
    """Batches of about `BATCH_TOKENS`, of samples alike in length, in random order."""
    order = random.Random(seed)  # noqa: S311 - not for secrets
    data = order.sample(list(data), len(data))
    found: list[list[Encoded]] = []
    for start in range(0, len(data), POOL):
        batch: list[Encoded] = []
        for item in sorted(data[start : start + POOL], key=lambda e: len(e.tokens)):
            if batch and (len(batch) + 1) * len(item.tokens) > BATCH_TOKENS:
                found.append(batch)
                batch = []
            batch.append(item)
        found.append(batch)
    order.shuffle(found)
    yield from found


class Trainer:
    """The base network with an adapter that learns; ``start`` is one to go on from."""

    def __init__(self, model: str, prefix: str, start: Path | None = None):
        self.spec = find_model(model)
        runtime = TransformersModel(self.spec)
        self.tokenizer = runtime._tokenizer
        with torch.inference_mode():
            cache = runtime._prefix_cache(prefix)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._prefix = [
            (layer.keys.clone().to(self.device), layer.values.clone().to(self.device))
            for layer in cache.layers
        ]
        net = read(runtime._folder, _dtype(self.device)).to(self.device)
        self._dtype = net.model.norm.weight.dtype
        # peft keeps the adapter in float32.
        with warnings.catch_warnings():  # it asks transformers by a name that goes in version 6
            warnings.simplefilter("ignore", FutureWarning)
            self._net = get_peft_model(
                net, LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=TARGETS)
            )
        self._core = self._net.get_base_model()
        if start:
            self._load(start)
        self.parameters = [p for p in self._net.parameters() if p.requires_grad]

    def loss(self, batch: Sequence[Encoded]) -> tuple[torch.Tensor, float]:
        """Mean loss per sample, and the share of decisions that are right."""
        from transformers import DynamicCache

        rows, longest = len(batch), max(len(item.tokens) for item in batch)
        tokens = torch.zeros(rows, longest, dtype=torch.long)
        mask = torch.zeros(rows, self._prefix[0][0].shape[2] + longest, dtype=torch.long)
        mask[:, :-longest] = 1
        for row, item in enumerate(batch):
            tokens[row, : len(item.tokens)] = torch.tensor(item.tokens)
            mask[row, -longest : mask.shape[1] - longest + len(item.tokens)] = 1
        cache = DynamicCache(
            [
                tuple(t.to(self._dtype).expand(rows, -1, -1, -1) for t in (k, v))
                for k, v in self._prefix
            ]
        )
        embedded = self._core.model.embed_tokens(tokens.to(self.device)).to(self._dtype)
        states = self._core.model(
            inputs_embeds=embedded,
            attention_mask=mask.to(self.device),
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state.float()
        losses, right = [], 0
        table = self._core.lm_head.weight
        for row, item in enumerate(batch):
            for place, allowed, target in item.decisions:
                scores = (
                    table[torch.tensor(allowed, device=self.device)].float() @ states[row, place]
                )
                answer = torch.tensor(target, device=self.device)
                losses.append(torch.nn.functional.cross_entropy(scores, answer))
                right += int(scores.argmax() == target)
        return torch.stack(losses).sum() / rows, right / len(losses)

    def _load(self, folder: Path) -> None:
        """Go on from an adapter that `save` wrote."""
        state = self._net.state_dict()
        for key, value in load_file(folder / "adapter.safetensors").items():
            owner, _, kind = key.rpartition(".")
            state[f"base_model.model.{owner}.{kind}.default.weight"].copy_(value)

    def save(self, folder: Path, about: dict[str, Any]) -> None:
        """Write ``adapter.safetensors`` (bfloat16) and ``adapter.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {}
        for name, value in self._net.state_dict().items():
            for kind in ("lora_A", "lora_B"):
                if f".{kind}." in name:
                    owner = name.removeprefix("base_model.model.").split(f".{kind}.")[0]
                    tensors[f"{owner}.{kind}"] = value.to(torch.bfloat16).contiguous()
        save_file(tensors, folder / "adapter.safetensors")
        digest = hashlib.sha256((folder / "adapter.safetensors").read_bytes()).hexdigest()[:12]
        card = {
            "base": self.spec.name,
            "base_sha256": self.spec.sha256,
            "id": digest,
            "rank": RANK,
            "alpha": ALPHA,
            **about,
        }
        (folder / "adapter.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")


def _dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where this machine multiplies it (GPU, AVX-512, AMX), else float32."""
    fast = device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if fast else torch.float32


@dataclass(frozen=True)
class Fit:
    """What a training did: examples seen in all, minutes and seconds an example of this run;
    ``stopped``: by the person, to be gone on with.
    """

    examples: int
    minutes: float
    seconds_a_sample: float
    stopped: bool


def fit(
    trainer: Trainer,
    steps: Sequence[Sequence[Encoded]],
    rate: float,
    minutes: float,
    keep: Callable[[int], None] = lambda step: None,
    begin: Checkpoint | None = None,
) -> Fit:
    """Train on the batches in order; stops cleanly after ``minutes``, and at Ctrl-C if it can be
    gone on with.

    The learning rate falls to nearly 0 with the batches or the minutes, whichever come first.
    ``keep`` is called every 20 steps with how many are done; ``begin``: where an earlier run
    stopped, and where this one is kept.
    """
    optimiser = torch.optim.AdamW(trainer.parameters, lr=rate, weight_decay=0.0)
    first = done = begin.restore(optimiser) if begin else 0
    began = time.monotonic()
    latest = 0.0
    bar = tqdm(total=len(steps), initial=first, desc="training", unit="step")
    with bar, _ctrl_c(noticed=begin is not None) as stop:
        for number, batch in enumerate(steps[first:], start=first):
            used = (time.monotonic() - began) / (60 * minutes)
            if used >= 1 or stop.is_set():
                break
            progress = max(number / len(steps), used)
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1.0, (number + 1) / 10) * max(0.02, 1 - progress)
            loss, right = trainer.loss(batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trainer.parameters, 1.0)
            optimiser.step()
            optimiser.zero_grad()
            done = number + 1
            latest = right if number == first else 0.95 * latest + 0.05 * right
            bar.set_postfix(loss=f"{float(loss.detach()):.3f}", right=f"{latest:.3f}")
            bar.update()
            if done % 20 == 0:
                keep(done)
            if begin and (done % 20 == 0 or stop.is_set()):
                begin.keep(done, optimiser)
    seconds = time.monotonic() - began
    here = sum(map(len, steps[first:done]))
    seen = here + sum(map(len, steps[:first]))
    return Fit(seen, round(seconds / 60, 1), seconds / max(1, here), stop.is_set())


@contextmanager
def _ctrl_c(*, noticed: bool) -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, instead of breaking off in the middle of a step."""
    stop = threading.Event()
    if not noticed or threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass
class Checkpoint:
    """A training that can be gone on with: its adapter and optimiser in ``folder``."""

    trainer: Trainer
    folder: Path

    def keep(self, step: int, optimiser: torch.optim.Optimizer) -> None:
        """Write where the training is; what was there before stays until this is whole."""
        unfinished = self.folder / "checkpoint.unfinished"
        self.folder.mkdir(parents=True, exist_ok=True)
        torch.save(
            {
                "step": step,
                "adapter": [p.data for p in self.trainer.parameters],
                "optimiser": optimiser.state_dict(),
            },
            unfinished,
        )
        unfinished.replace(self.folder / "checkpoint.pt")

    def restore(self, optimiser: torch.optim.Optimizer) -> int:
        """Take up where it was left; the number of steps done, 0 when there is nothing."""
        file = self.folder / "checkpoint.pt"
        if not file.exists():
            return 0
        state = torch.load(file, map_location=self.trainer.device, weights_only=True)
        for parameter, value in zip(self.trainer.parameters, state["adapter"], strict=True):
            parameter.data.copy_(value)
        optimiser.load_state_dict(state["optimiser"])
        return int(state["step"])


def train(
    model: str,
    examples: int,
    seed: int,
    out: Path,
    minutes: float,
    held_out: int,
    start: Path | None = None,
) -> None:
    """Train on generated examples and save the adapter; stops cleanly after ``minutes``.

    ``start``: an adapter to go on from, else a new one.
    """
    drawn = [s for s, *_ in tqdm(samples(seed, examples, "train"), desc="examples", total=examples)]
    trainer = Trainer(model, drawn[0].prompt.prefix, start)
    data = [encode(sample, trainer.tokenizer) for sample in drawn]
    unseen = [encode(s, trainer.tokenizer) for s, *_ in samples(seed + 1, held_out, "heldout")]

    def keep(step: int) -> None:
        trainer.save(out, {"steps": step, "seed": seed, "finished": False})

    done = fit(trainer, list(batches(data, seed)), LEARNING_RATE, minutes, keep)
    with torch.inference_mode():
        shares = [trainer.loss(batch)[1] for batch in tqdm(batches(unseen, 0), desc="held out")]
    about = {
        "examples": done.examples,
        "seed": seed,
        "finished": True,
        "minutes": done.minutes,
        "held_out_decisions_right": round(sum(shares) / max(1, len(shares)), 4),
    }
    trainer.save(out, about)
    print(json.dumps(about))


def main() -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--examples", type=int, default=3000)
    parser.add_argument("--held-out", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--start", type=Path, help="an adapter to go on from")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    train(
        arguments.model,
        arguments.examples,
        arguments.seed,
        arguments.out,
        arguments.minutes,
        arguments.held_out,
        arguments.start,
    )


if __name__ == "__main__":
    main()
