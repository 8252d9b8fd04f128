"""``listen``: speech to text to what is meant."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from nl_planner.cli.arguments import EXIT_CODES, add_scene, command, print_json, summary, tell
from nl_planner.cli.conversation import open_planner, tell_journal
from nl_planner.cli.seen import look

if TYPE_CHECKING:
    from nl_planner.planner import Planner
    from nl_planner.speech import Heard, Listener
    from nl_planner.task import Understanding


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = command(
        commands,
        "listen",
        "what is said in a sound file or at the microphone, and what it means",
        "  nl-planner listen order.wav --site S.site.yaml --json\n"
        "  nl-planner listen --mic --site S.site.yaml --journal   learns from corrections\n"
        "  nl-planner listen --mic --device ReSpeaker --speak --site S.site.yaml",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "file", metavar="FILE", nargs="?", help="wav, flac, mp3 or ogg, any rate and channels"
    )
    source.add_argument("--mic", action="store_true", help="push to talk: Enter begins, Enter ends")
    parser.add_argument("--device", metavar="D", help="the microphone: number or part of its name")
    parser.add_argument(
        "--language", choices=("zh", "en"), help="what is spoken (default: found out each time)"
    )
    parser.add_argument("--recogniser", metavar="R", help="faster-whisper (default) or sherpa-onnx")
    parser.add_argument(
        "--weights", metavar="FOLDER", help="the recogniser's weights (default: whisper-base)"
    )
    parser.add_argument("--speak", action="store_true", help="say questions and reasons aloud")
    parser.add_argument("--voice", metavar="FOLDER", help="a sherpa-onnx voice to say them with")
    add_scene(parser)
    parser.set_defaults(run=_listen)


def _listen(arguments: argparse.Namespace) -> int:
    from nl_planner.speech import DEFAULT_RECOGNISER, Listener, open_recogniser

    recogniser = open_recogniser(arguments.recogniser or DEFAULT_RECOGNISER, arguments.weights)
    planner = open_planner(arguments)
    listener = Listener(planner.site, recogniser, arguments.language)
    if arguments.mic:
        for _ in _turns():
            _converse(arguments, planner, listener)
        return 0
    return _hear_file(arguments, planner, listener)


def _hear_file(arguments: argparse.Namespace, planner: Planner, listener: Listener) -> int:
    """What is said in the file, as one conversation; the last instruction is the result."""
    from nl_planner.speech import read_sound
    from nl_planner.task import Intent, Status, Understanding

    understood = Understanding(intent=Intent.NONE, status=Status.READY)
    text: str | None = None
    all_heard = []
    for heard in listener.listen(read_sound(arguments.file)):
        meant = _understand(arguments, planner, heard)
        all_heard.append(
            {
                "heard": heard.text,
                "written": heard.written,
                "confidence": round(heard.confidence, 3),
                "start": heard.start,
                "end": heard.end,
                "intent": str(meant.intent),
                "status": str(meant.status),
            }
        )
        if not arguments.json:
            _show(arguments, planner, heard, meant)
        if text is None or meant.intent is not Intent.NONE:
            understood, text = meant, heard.text
    if arguments.json:
        print_json({**understood.to_json(), "heard": text, "utterances": all_heard})
    elif text is None:
        tell("heard nothing")
    return EXIT_CODES[understood.status]


def _converse(arguments: argparse.Namespace, planner: Planner, listener: Listener) -> None:
    """One turn at the microphone: what is said until the next Enter."""
    import select
    import sys

    from nl_planner.speech.microphone import record

    def enter() -> bool:
        ready = bool(select.select([sys.stdin], [], [], 0)[0])
        if ready:
            sys.stdin.readline()
        return ready

    tell("listening; Enter ends")
    some = False
    for heard in listener.listen(record(arguments.device, enter)):
        some = True
        meant = _understand(arguments, planner, heard)
        if arguments.json:
            print_json({**meant.to_json(), "heard": heard.text})
        else:
            _show(arguments, planner, heard, meant)
        sys.stdout.flush()
    if not some:
        tell("heard nothing")


def _turns() -> Iterator[None]:
    """Each Enter, until Ctrl-D."""
    import sys

    while True:
        tell("Enter begins; end with Ctrl-D")
        if not sys.stdin.readline():
            return
        yield


def _understand(arguments: argparse.Namespace, planner: Planner, heard: Heard) -> Understanding:
    look(planner, arguments.memory)  # something may have been seen since
    where = {"robot": arguments.robot, "operator": arguments.operator}
    doubted = heard.doubted_as(partial(planner.meaning, **where))
    meant = planner.understand(heard.text, doubted=doubted, **where)
    tell_journal(planner)
    return meant


def _show(
    arguments: argparse.Namespace, planner: Planner, heard: Heard, meant: Understanding
) -> None:
    print(f"heard: {heard.text}")
    print(summary(meant, planner.site, heard.language), flush=True)
    answer = meant.question or meant.reason
    if arguments.speak and answer:
        from nl_planner.speech.microphone import play
        from nl_planner.speech.voice import open_voice

        play(*open_voice(arguments.voice).say(answer, heard.language))
