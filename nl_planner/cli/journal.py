"""``log``, ``correct``, ``take-back`` and ``forget``: the journal of a site."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nl_planner.cli.arguments import (
    EXIT_CODES,
    add_json,
    add_site_and_model,
    command,
    print_json,
    summary,
    tell,
)
from nl_planner.errors import BadInputError, first_fault

if TYPE_CHECKING:
    from nl_planner.learning.entries import Alias, Entry, Lesson
    from nl_planner.learning.journal import Journal
    from nl_planner.learning.suspects import Suspect
    from nl_planner.site import Site
    from nl_planner.task import Task

_MOST = 50
"""Entries that `log` shows when nobody says how many."""


def add(commands: Any) -> None:
    """Add the commands to the parser."""
    log = command(
        commands,
        "log",
        "what was said, what was understood, what became of it, what was learned",
        "  nl-planner log --site S.site.yaml --since 2026-11-01 --verdict wrong\n"
        "  nl-planner log 17 --site S.site.yaml          one entry, whole\n"
        "  nl-planner log --lessons --site S.site.yaml   lessons, aliases, and what looks wrong\n"
        "  nl-planner log --stats --site S.site.yaml     by week; least sure; unknown names\n"
        "  nl-planner log --export all.jsonl --site S.site.yaml",
    )
    _add_where(log)
    log.add_argument("id", metavar="ID", nargs="?", type=int, help="show this entry whole")
    what = log.add_mutually_exclusive_group()
    what.add_argument("--lessons", action="store_true", help="what was learned, and suspects")
    what.add_argument("--stats", action="store_true", help="figures for people")
    what.add_argument("--export", metavar="OUT.jsonl", help="write entries, one a line")
    log.add_argument("--since", metavar="DATE", type=_moment, help="2026-11-01, or with T08:30")
    log.add_argument("--until", metavar="DATE", type=_moment, help="before this moment")
    log.add_argument("--status", choices=("ready", "ask", "refuse"))
    log.add_argument("--verdict", choices=("right", "wrong", "none"))
    log.add_argument("--text", metavar="WORDS", default="", help="what stands in the instruction")
    log.add_argument(
        "--most", metavar="N", type=int, help=f"the last N only (default: {_MOST} in a table)"
    )
    add_json(log)
    log.set_defaults(run=_log)
    correct = command(
        commands,
        "correct",
        "an instruction was misunderstood: say what it meant, and it becomes a lesson",
        '  nl-planner correct 17 --site S.site.yaml --text "vacuum the plaza twice"\n'
        '  nl-planner correct 17 --site S.site.yaml --task \'{"action": "sweep", "place":\n'
        '      {"relation": "in", "landmarks": ["plaza"]}}\'',
    )
    correct.add_argument("id", metavar="ID", type=int, help="the entry's number")
    add_site_and_model(correct)
    _add_journal(correct)
    right = correct.add_mutually_exclusive_group(required=True)
    right.add_argument("--task", metavar="JSON", help="the right task, or a list of tasks")
    right.add_argument("--text", metavar="WORDS", help="the same in words that are understood")
    add_json(correct)
    correct.set_defaults(run=_correct)
    back = command(
        commands,
        "take-back",
        "a lesson or an alias was wrong: from now on it has no effect",
        "  nl-planner take-back L3 A1 --site S.site.yaml   (the names are those of log --lessons)",
    )
    back.add_argument("ids", metavar="L3|A1", nargs="+", type=_learned)
    _add_where(back)
    back.set_defaults(run=_take_back)
    forget = command(
        commands,
        "forget",
        "delete for good: entries with what was learned from them, lessons, aliases",
        "  nl-planner forget 17 18 L3 --site S.site.yaml\n"
        "  nl-planner forget --before 2026-10-01 --site S.site.yaml",
    )
    forget.add_argument("ids", metavar="ID|L3|A1", nargs="*", type=_any)
    forget.add_argument("--before", metavar="DATE", type=_moment, help="all entries before it")
    _add_where(forget)
    forget.set_defaults(run=_forget)


def _add_where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--site", metavar="S", required=True, help="the site file (*.site.yaml)")
    _add_journal(parser)


def _add_journal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--journal",
        metavar="FILE|URL",
        help="as it was given to talk, plan, ... (default: the one in your data folder)",
    )


def _moment(text: str) -> datetime:
    """A date or a moment; without a time zone it is this machine's."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no date such as 2026-11-01 or 2026-11-01T08:30"
        ) from error


def _any(text: str) -> tuple[str, int]:
    """("", 17), ("L", 3) or ("A", 1)."""
    kind, number = text[:1].upper(), text[1:]
    if text.isdecimal():
        kind, number = "", text
    if kind not in ("", "L", "A") or not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is none of: an entry 17, a lesson L3, alias A1")
    return kind, int(number)


def _learned(text: str) -> tuple[str, int]:
    kind, number = _any(text)
    if not kind:
        raise argparse.ArgumentTypeError(f"{text!r} is an entry; name a lesson L3 or an alias A1")
    return kind, number


def _open(arguments: argparse.Namespace) -> tuple[Site, Journal]:
    from nl_planner.learning.journal import Journal
    from nl_planner.site import read_site

    site = read_site(arguments.site)
    return site, Journal.existing(site, arguments.journal)


def _log(arguments: argparse.Namespace) -> int:
    site, journal = _open(arguments)
    with journal:
        if arguments.id is not None:
            _show(journal.entry(arguments.id), site, arguments.json)
        elif arguments.lessons:
            _lessons(journal, site, arguments.json)
        else:
            whole = arguments.stats or arguments.export or arguments.json
            entries = journal.entries(
                since=arguments.since,
                until=arguments.until,
                status=arguments.status,
                verdict=arguments.verdict,
                text=arguments.text,
                most=arguments.most or (None if whole else _MOST),
            )
            if arguments.stats:
                _stats(entries, site, arguments.json)
            elif arguments.export:
                _export(entries, Path(arguments.export))
            elif arguments.json:
                print_json([entry.to_json() for entry in entries])
            else:
                _table(
                    ("entry", "when", "said", "understood", "then"),
                    [
                        (str(e.id), _when(e.at), e.text, _understood(e, site), _then(e))
                        for e in entries
                    ],
                )
    return 0


def _show(entry: Entry, site: Site, as_json: bool) -> None:
    """One entry whole."""
    if as_json:
        print_json(entry.to_json())
        return
    print(f"entry {entry.id}, {_when(entry.at)}: {entry.text}")
    print(summary(entry.understanding, site, entry.language))
    for name in ("robot", "who", "pose", "operator", "answers", "corrects", "model", "unknown"):
        value = getattr(entry, name)
        if value is not None:
            print(f"  {name}: {value}")
    if entry.before:
        print(f"  before: {_task_words(entry.before, site, entry.language)}")
    for slot in entry.slots:
        second = slot.runner_up and f", else {slot.runner_up.strip()}"
        more = f"{second} {slot.runner_up_probability:.2f}" if second else ""
        print(f"  {slot.name}: {slot.text.strip()} {slot.probability:.2f}{more}")
    for leg in entry.plan or ():
        print(f"  planned: {json.dumps(leg, ensure_ascii=False)}")
    if entry.outcome:
        print(f"  outcome: {json.dumps(entry.outcome, ensure_ascii=False)}")
    if entry.verdict:
        print(f"  verdict: {entry.verdict}")


def _lessons(journal: Journal, site: Site, as_json: bool) -> None:
    from nl_planner.learning.suspects import suspects

    lessons, names = journal.lessons(taken_back=True), journal.aliases(taken_back=True)
    doubtful = suspects(site, journal.lessons(), journal.aliases())
    if as_json:
        print_json(
            {
                "lessons": [lesson.to_json() for lesson in lessons],
                "aliases": [alias.to_json() for alias in names],
                "suspects": [vars(suspect) for suspect in doubtful],
            }
        )
        return
    rows = [_lesson_row(lesson, site) for lesson in lessons]
    _table(("lesson", "when", "said", "means", "from", ""), rows)
    print()
    _table(("alias", "when", "name", "of", ""), [_alias_row(alias, site) for alias in names])
    _print_suspects(doubtful)


def _print_suspects(doubtful: tuple[Suspect, ...]) -> None:
    if doubtful:
        print("\nlook at these; `nl-planner take-back ID --site S` ends their effect:")
        for suspect in doubtful:
            print(f"  {suspect.id}: {suspect.why}")


def _stats(entries: list[Entry], site: Site, as_json: bool) -> None:
    from nl_planner.learning.statistics import statistics

    found = statistics(entries)
    if as_json:
        print_json(found.to_json())
        return
    fields = ("week", "said", "asked", "refused", "corrected", "done")
    _table(fields, [tuple(str(getattr(w, f)) for f in fields) for w in found.weeks])
    print("\nleast sure:")
    _table(
        ("entry", "said", "chosen", "sure", "or"),
        [
            (
                str(unsure.entry),
                unsure.text,
                unsure.slot.text.strip(),
                f"{unsure.slot.probability:.2f}",
                f"{(unsure.slot.runner_up or '').strip()} {unsure.slot.runner_up_probability:.2f}",
            )
            for unsure in found.least_sure
        ],
    )
    if found.unknown:
        print("\nnames that were not known, and what was meant (to add to the site file):")
        for name in found.unknown:
            print(f"  {name.target}: names: [..., {name.name}]  # {name.times} times")


def _export(entries: list[Entry], out: Path) -> None:
    try:
        with out.open("w", encoding="utf-8") as file:
            for entry in entries:
                file.write(json.dumps(entry.to_json(), ensure_ascii=False) + "\n")
    except OSError as error:
        raise BadInputError(f"{out}: cannot be written: {error}") from error
    tell(f"{len(entries):,} entries: {out}")


def _correct(arguments: argparse.Namespace) -> int:
    from nl_planner.learning.suspects import impossible
    from nl_planner.task import Action, Intent, Status, Understanding

    site, journal = _open(arguments)
    with journal:
        wrong = journal.entry(arguments.id)
        if arguments.task:
            tasks = _tasks(arguments.task)
            driving = all(task.action is Action.GO_TO for task in tasks)
            right = Understanding(
                intent=Intent.GO if driving else Intent.CLEAN, status=Status.READY, tasks=tasks
            )
        else:
            from nl_planner.language import Interpreter
            from nl_planner.learning.aliases import in_effect
            from nl_planner.models import open_model

            interpreter = Interpreter(site, open_model(arguments.model, arguments.runtime))
            interpreter.call(in_effect(site, interpreter.names, journal.aliases()))
            right = interpreter.understand(
                arguments.text, robot=wrong.pose, operator=wrong.operator, last=wrong.before
            )
            if not right.tasks:
                print(summary(right, site, wrong.language))
                tell("nl-planner: nothing was learned; the words must mean a task by themselves")
                return EXIT_CODES[right.status] or BadInputError.exit_code
        for task in right.tasks:
            why_not = impossible(site, task)
            if why_not:
                raise BadInputError(f"{json.dumps(task.to_json(), ensure_ascii=False)}: {why_not}")
        lesson = journal.correct(arguments.id, right)
    if arguments.json:
        print_json(lesson.to_json())
    else:
        print(*_lesson_row(lesson, site))
    return 0


def _tasks(text: str) -> tuple[Task, ...]:
    from pydantic import ValidationError

    from nl_planner.task import Task

    try:
        data = json.loads(text)
        return tuple(map(Task.model_validate, data if isinstance(data, list) else [data]))
    except json.JSONDecodeError as error:
        raise BadInputError(f"--task is no JSON: {error}") from error
    except ValidationError as error:
        raise BadInputError(f"--task: {first_fault(error, 'the task')}") from error


def _take_back(arguments: argparse.Namespace) -> int:
    site, journal = _open(arguments)
    with journal:
        for kind, number in arguments.ids:
            if kind == "L":
                print("taken back:", *_lesson_row(journal.take_back(number), site))
            else:
                print("taken back:", *_alias_row(journal.take_back_alias(number), site))
    return 0


def _forget(arguments: argparse.Namespace) -> int:
    if not arguments.ids and arguments.before is None:
        raise BadInputError("say what to forget: numbers, or --before a date")
    _, journal = _open(arguments)
    with journal:
        numbers = {k: [n for kind, n in arguments.ids if kind == k] for k in ("", "L", "A")}
        gone = journal.forget(
            numbers[""], lessons=numbers["L"], aliases=numbers["A"], before=arguments.before
        )
    print(f"deleted for good: {gone:,}")
    return 0


# ---- for people


def _when(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _task_words(task: Task, site: Site, language: str) -> str:
    """A task in words, or as JSON when it speaks of what the site no longer has."""
    from nl_planner.errors import UnknownNameError
    from nl_planner.language.replies import task_words

    try:
        return task_words(task, site, language)
    except UnknownNameError:
        return json.dumps(task.to_json(), ensure_ascii=False)


def _understood(entry: Entry, site: Site) -> str:
    understood = entry.understanding
    words = [_task_words(task, site, entry.language) for task in understood.tasks]
    return "; ".join(words) or understood.question or understood.reason or understood.intent


def _then(entry: Entry) -> str:
    """Verdict, outcome, and what the entry is to others."""
    parts = [entry.verdict or "", str((entry.outcome or {}).get("outcome", ""))]
    parts += [f"answers {entry.answers}"] if entry.answers else []
    parts += [f"corrects {entry.corrects}"] if entry.corrects else []
    return ", ".join(part for part in parts if part)


def _lesson_row(lesson: Lesson, site: Site) -> tuple[str, ...]:
    tasks = lesson.understanding.tasks
    words = "; ".join(_task_words(task, site, lesson.language) for task in tasks)
    meaning = words or lesson.understanding.intent
    effect = "no effect" if lesson.taken_back else ""
    return (f"L{lesson.id}", _when(lesson.made), lesson.text, meaning, lesson.source, effect)


def _alias_row(alias: Alias, site: Site) -> tuple[str, ...]:
    effect = "no effect" if alias.taken_back else ""
    return (f"A{alias.id}", _when(alias.made), alias.name, alias.target, effect)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Columns as wide as their widest cell; a Chinese character is two wide."""
    widths = [max(_width(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, *rows):
        cells = (c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _width(text: str) -> int:
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
