"""Trains the adapter of Whisper's decoder that comes with the package.

    python benchmarks/speech_training.py speak --language zh --examples 3250 FOLDER
    python benchmarks/speech_training.py speak --language en --examples 3250 FOLDER
    python benchmarks/speech_training.py train FOLDER --out adapter.safetensors

``speak``: sentences of `nl_planner.learning.generate`, without its typing errors, are spoken by
synthetic voices (`speech_voices`, which says what to install) of many pitches and tempos, clean,
with noise and in halls; one in nine is no instruction but idioms of pypinyin or prose out of the
descriptions of installed packages, so that the decoder still writes what it hears. What Whisper's
encoder makes of them is kept. ``train``: LoRA (Hu et al. 2021) on every linear layer of the
decoder; half of the time names of the site, said or not, stand in the prompt, as hints do.

Held out for `speech.py`: in Chinese all of Kokoro ("kumo", "tebukuro") and longer throats than 1.05
(the voice "deep"), in English flite's "slt"; and every site and sentence of its cases. On two cores
``speak`` takes about 20 minutes a language, ``train`` 25.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from scipy.signal import resample
from speech_voices import VOICES, baker, flite, in_a_hall, with_noise
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from nl_planner.learning.generate import generate, noise
from nl_planner.models.registry import find_model
from nl_planner.models.store import find_weights
from nl_planner.site.model import has_chinese
from nl_planner.speech import DEFAULT_WEIGHTS, RATE, Samples
from nl_planner.speech.voice_activity import VoiceActivity
from nl_planner.speech.whisper_adapter import BASE, A, B, read_weights
from nl_planner.speech.whisper_recogniser import WhisperRecogniser

LONGEST = {"zh": 45, "en": 130}
"""Characters of a sentence, at most."""
GENERAL = 0.12
PER_FILE = 250
HELD_OUT = 120
BATCH = 12


@dataclass(frozen=True)
class Spoken:
    """One sentence and what the encoder made of its sound: ``states`` (frames, width)."""

    language: str
    text: str
    said: tuple[str, ...]
    others: tuple[str, ...]
    states: np.ndarray[Any, np.dtype[np.float16]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    speak = commands.add_parser("speak")
    speak.add_argument("folder", type=Path)
    speak.add_argument("--language", choices=("zh", "en"), required=True)
    speak.add_argument("--examples", type=int, default=3250)
    speak.add_argument("--seed", type=int, default=11)
    train = commands.add_parser("train")
    train.add_argument("folder", type=Path)
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--steps", type=int, default=800)
    train.add_argument("--rate", type=float, default=6e-4)
    train.add_argument("--rank", type=int, default=16)
    arguments = parser.parse_args()
    weights = find_weights(find_model(DEFAULT_WEIGHTS))
    recogniser = WhisperRecogniser(weights.parent, adapted=False)
    if arguments.command == "speak":
        keep_spoken(arguments, recogniser)
    else:
        Training(arguments, recogniser).run()


def keep_spoken(arguments: argparse.Namespace, recogniser: WhisperRecogniser) -> None:
    """Write files of so many examples each."""
    torch.set_num_threads(1)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    found: list[Spoken] = []
    progress = tqdm(total=arguments.examples)
    for number, spoken in enumerate(examples(arguments.language, arguments.seed, recogniser), 1):
        found.append(spoken)
        progress.update()
        if len(found) == PER_FILE or number == arguments.examples:
            name = f"{arguments.language}_{arguments.seed}_{number:06d}.pt"
            torch.save(found, arguments.folder / name)
            found = []
        if number == arguments.examples:
            return


def examples(language: str, seed: int, recogniser: WhisperRecogniser) -> Iterator[Spoken]:
    """Spoken sentences without end."""
    rng, chance = np.random.default_rng(seed), Random(seed)
    for text, said, others in sentences(language, chance, seed):
        sound = voice(text, language, chance)
        quiet = [np.zeros(int(seconds * RATE), np.float32) for seconds in (0.5, 1.0)]
        sound = np.concatenate([quiet[0], 0.5 * sound / np.max(np.abs(sound)), quiet[1]])
        room = chance.random()
        if room < 0.3:
            sound = with_noise(sound, chance.uniform(5, 20), rng)
        elif room < 0.55:
            sound = in_a_hall(sound, rng, chance.uniform(0.2, 0.8))
        sound = chance.uniform(0.3, 1.0) * sound + 1e-4 * rng.standard_normal(len(sound))
        utterances = list(VoiceActivity().utterances([sound.astype(np.float32)]))
        if len(utterances) == 1 and len(utterances[0].samples) < 14 * RATE:
            states = np.array(recogniser.encode(utterances[0].samples))[0].astype(np.float16)
            yield Spoken(language, text, said, others, states)


def sentences(
    language: str, chance: Random, seed: int
) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Sentence, the names said in it, and other names of its site."""
    noise._slip_zh = noise._slip_en = lambda text, rng: text  # nobody says a typing error
    general = idioms() if language == "zh" else prose()
    for site, example in generate(seed, 10**9, "all"):
        if chance.random() < GENERAL:
            few = chance.randint(2, 4) if language == "zh" else 1
            yield "，".join(chance.choices(general, k=few)), (), ()
        mixed = (
            re.search("[a-zA-Z]{2,}", example.text)
            if language == "zh"
            else has_chinese(example.text)
        )
        if example.language != language or mixed or len(example.text) > LONGEST[language]:
            continue
        places = (*site.landmarks, *site.keepouts)
        names = [n for p in places for n in p.names if has_chinese(n) == (language == "zh")]
        others = chance.sample(names, min(12, len(names)))
        yield example.text, tuple(m.surface for m in example.mentions), tuple(others)


def idioms() -> list[str]:
    from pypinyin.phrases_dict import phrases_dict

    return [phrase for phrase in phrases_dict if len(phrase) > 1]


def prose() -> list[str]:
    found: dict[str, None] = {}
    for package in distributions():
        text = re.sub(r"\s+", " ", str(package.metadata.get_payload() or ""))
        found |= dict.fromkeys(re.findall(r"(?<=[.!?] )[A-Z][a-z]+[a-zA-Z ,']{15,90}[.!?]", text))
    return list(found)


def voice(text: str, language: str, chance: Random) -> Samples:
    """A sentence by a voice drawn by chance."""
    if language == "zh":
        return baker(
            text,
            speed=chance.uniform(0.85, 1.2),
            pitch=chance.uniform(0.75, 1.25),
            deeper=chance.uniform(0.86, 1.05),
        )
    one = VOICES["en"]["joe"] if chance.random() < 0.45 else flite(chance.choice(FLITE))
    sound = one(text)
    return resample(sound, int(len(sound) * chance.uniform(0.88, 1.12))).astype(np.float32)


FLITE = ("rms", "awb", "kal16")


class Linear(nn.Module):
    """A fixed layer and its adapter."""

    def __init__(self, weight: Tensor, bias: Tensor, rank: int):
        super().__init__()
        self.weight, self.bias = weight, bias
        self.a = nn.Parameter(torch.randn(rank, weight.shape[1]) / math.sqrt(weight.shape[1]))
        self.b = nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) → (..., outputs)."""
        fixed = functional.linear(x, self.weight, self.bias)
        return fixed + functional.linear(functional.linear(x, self.a), self.b)


class Decoder(nn.Module):
    """Whisper's decoder (Radford et al. 2022) on the arrays of a ``model.bin``."""

    def __init__(self, file: Path, rank: int):
        super().__init__()
        self.arrays = {
            name.removeprefix("decoder/"): torch.tensor(array.astype(np.float32))
            for name, array in read_weights(file).arrays.items()
            if name.startswith("decoder/")
        }
        self.heads = int(self.arrays["num_heads"])
        self.layers = sum(name.endswith("self_attention/linear_0/weight") for name in self.arrays)
        self.linear = nn.ModuleDict(
            {
                self._key(name): Linear(weight, self.arrays[f"{name[:-6]}bias"], rank)
                for name, weight in self.arrays.items()
                if "/linear_" in name and name.endswith("/weight")
            }
        )

    @staticmethod
    def _key(name: str) -> str:
        return name.removesuffix("/weight").replace("/", ":")

    def adapter(self) -> dict[str, Tensor]:
        """The two matrices of each layer by the names of `whisper_adapter`."""
        found = {}
        for key, layer in self.linear.items():
            name = f"decoder/{key.replace(':', '/')}/weight"
            found[name + A] = layer.a.detach().half().contiguous()
            found[name + B] = layer.b.detach().half().contiguous()
        return found

    def forward(self, tokens: Tensor, states: Tensor, heard: Tensor, dropout: float) -> Tensor:
        """Last states (batch, tokens, width) after tokens (batch, tokens); ``states`` are the
        encoder's (batch, frames, width), ``heard`` which of them count (batch, 1, 1, frames).
        """
        x = self.arrays["embeddings/weight"][tokens]
        x = x + self.arrays["position_encodings/encodings"][: tokens.shape[1]]
        for n in range(self.layers):
            at = f"layer_{n}/self_attention"
            q, k, v = self._to(f"{at}/linear_0", self._norm(at, x)).chunk(3, -1)
            y = self._attend(q, k, v, None)
            x = x + functional.dropout(self._to(f"{at}/linear_1", y), dropout, self.training)
            at = f"layer_{n}/attention"
            q = self._to(f"{at}/linear_0", self._norm(at, x))
            k, v = self._to(f"{at}/linear_1", states).chunk(2, -1)
            y = self._attend(q, k, v, heard)
            x = x + functional.dropout(self._to(f"{at}/linear_2", y), dropout, self.training)
            at = f"layer_{n}/ffn"
            y = functional.gelu(self._to(f"{at}/linear_0", self._norm(at, x)))
            x = x + functional.dropout(self._to(f"{at}/linear_1", y), dropout, self.training)
        return self._norm("", x)

    def _to(self, name: str, x: Tensor) -> Tensor:
        y: Tensor = self.linear[self._key(name)](x)
        return y

    def _norm(self, at: str, x: Tensor) -> Tensor:
        name = f"{at}/layer_norm".lstrip("/")
        gamma, beta = self.arrays[f"{name}/gamma"], self.arrays[f"{name}/beta"]
        return functional.layer_norm(x, x.shape[-1:], gamma, beta)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, heard: Tensor | None) -> Tensor:
        q, k, v = (x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in (q, k, v))
        y = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=heard, is_causal=heard is None
        )
        return y.transpose(1, 2).flatten(2)


class Training:
    """The adapter from the files of ``speak``."""

    def __init__(self, arguments: argparse.Namespace, recogniser: WhisperRecogniser):
        self.arguments, self.recogniser = arguments, recogniser
        self.chance = Random(1)
        files = sorted(arguments.folder.glob("*.pt"))
        examples = [e for file in files for e in torch.load(file, weights_only=False)]
        self.chance.shuffle(examples)
        self.held_out, self.examples = examples[:HELD_OUT], examples[HELD_OUT:]
        torch.manual_seed(1)
        self.net = Decoder(recogniser.folder / "model.bin", arguments.rank)

    def run(self) -> None:
        """Train and write the adapter."""
        from safetensors.torch import save_file

        parameters = list(self.net.parameters())
        steps, rate = self.arguments.steps, self.arguments.rate
        optimiser = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.98))
        print(f"{len(self.examples)} examples; held out: {self.check()}")
        batches = self.batches()
        for step in (progress := tqdm(range(steps))):
            warm, cooled = min(1, (step + 1) / 40), 0.5 + 0.5 * math.cos(math.pi * step / steps)
            optimiser.param_groups[0]["lr"] = rate * warm * cooled
            loss = self.loss(next(batches), self.chance, dropout=0.05)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            progress.set_postfix(loss=f"{loss.item():.2f}")
        print(f"held out: {self.check()}")
        self.arguments.out.parent.mkdir(parents=True, exist_ok=True)
        about = {BASE: find_model(DEFAULT_WEIGHTS).sha256}
        save_file(self.net.adapter(), self.arguments.out, about)

    def batches(self) -> Iterator[list[Spoken]]:
        """Batches of sentences of like length, without end."""
        span = 20 * BATCH
        while True:
            self.chance.shuffle(self.examples)
            for start in range(0, len(self.examples) - BATCH, span):
                some = sorted(self.examples[start : start + span], key=lambda e: len(e.states))
                starts = list(range(0, len(some), BATCH))
                self.chance.shuffle(starts)
                yield from (some[at : at + BATCH] for at in starts)

    @torch.no_grad()
    def check(self) -> dict[str, float]:
        """Nats a token on what is held out, by language."""
        self.net.eval()
        found = {}
        for language in ("zh", "en"):
            some = [e for e in self.held_out if e.language == language]
            chance = Random(5)
            losses = [
                float(self.loss(some[at : at + BATCH], chance)) for at in range(0, len(some), BATCH)
            ]
            found[language] = round(float(np.mean(losses)), 3)
        self.net.train()
        return found

    def loss(self, batch: list[Spoken], chance: Random, dropout: float = 0.0) -> Tensor:
        """Mean cross entropy of the tokens of the sentences."""
        pairs = [self._tokens(example, chance) for example in batch]
        frames = max(len(example.states) for example in batch)
        length = max(len(prompt) + len(text) for prompt, text in pairs) - 1
        tokens = torch.full((len(batch), length), 0)
        wanted = torch.full((len(batch), length), -100)
        states = torch.zeros(len(batch), frames, batch[0].states.shape[1])
        heard = torch.zeros(len(batch), 1, 1, frames, dtype=torch.bool)
        for n, (example, (prompt, text)) in enumerate(zip(batch, pairs, strict=True)):
            whole = prompt + text
            tokens[n, : len(whole) - 1] = torch.tensor(whole[:-1])
            wanted[n, len(prompt) - 1 : len(whole) - 1] = torch.tensor(text)
            states[n, : len(example.states)] = torch.from_numpy(example.states).float()
            heard[n, ..., : len(example.states)] = True
        counted = wanted >= 0
        last = self.net(tokens, states, heard, dropout)[counted]
        return functional.cross_entropy(
            last @ self.net.arrays["embeddings/weight"].T, wanted[counted]
        )

    def _tokens(self, example: Spoken, chance: Random) -> tuple[list[int], list[int]]:
        """What stands before the sentence, and the sentence."""
        hints: list[str] = []
        if (example.said or example.others) and chance.random() < 0.5:
            others = min(len(example.others), chance.randint(1, 7))
            hints = [name for name in example.said if chance.random() < 0.8]
            hints = list(dict.fromkeys((*hints, *chance.sample(example.others, others))))[:10]
            chance.shuffle(hints)
        return (
            self.recogniser.prompt(example.language, hints),
            self.recogniser.tokens(example.language, example.text),
        )


if __name__ == "__main__":
    main()
