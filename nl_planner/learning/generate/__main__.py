"""Prints or writes generated examples: ``python -m nl_planner.learning.generate --n 20``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from nl_planner.learning.generate import SPLITS, Example, NamedSite, expected, generate


def as_json(number: int, site: NamedSite, example: Example) -> str:
    """One line in the form of the evaluation cases, with the reading beside it."""
    line = {
        "id": f"generated-{number:05d}",
        "lang": example.language,
        "kind": example.kind,
        "say": example.text,
        "expect": expected(example, site),
        "reading": {"intent": example.intent, "tasks": list(example.tasks)},
        "mentions": [[m.surface, list(m.ids), m.kind] for m in example.mentions],
        "site": site.kind,
        "actions": list(site.actions),
        "pattern": example.pattern_id,
    }
    if example.before:
        line["before"] = [example.before[0]]
    return json.dumps(line, ensure_ascii=False)


def as_text(site: NamedSite, example: Example) -> str:
    """A few words for a reader."""
    head = f"{example.kind:14} {site.kind[:9]:9} {example.text}"
    if example.before:
        head += f"   <- {example.before[0]}"
    lines = [head]
    for task in example.tasks:
        place = task["place"]
        said = "-"
        if place:
            said = f"{place['relation']} {' '.join(place['landmarks'])}"
            said += f" {place['distance']:g} m" if place["distance"] else ""
            said += f" part={place['part']}" if "part" in place else ""
        outs = [f"{p['relation']} {' '.join(p['landmarks'])}" for p in task["except"]]
        more = f" except {outs}" if outs else ""
        more += f" but {task['except_objects']}" if "except_objects" in task else ""
        more += f" x{task['passes']}" if task["passes"] > 1 else ""
        lines.append(
            f"      {example.intent} {task['action']} [{task['object'] or ''}] {said}{more}"
        )
    if not example.tasks:
        lines.append(f"      {example.intent}")
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m nl_planner.learning.generate")
    parser.add_argument("--n", type=int, default=20, help="how many examples")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=SPLITS, default="train")
    parser.add_argument("--out", type=Path, help="write JSON lines there, do not print")
    arguments = parser.parse_args()
    made = generate(arguments.seed, arguments.n, arguments.split)
    if arguments.out:
        lines = [as_json(number, site, example) for number, (site, example) in enumerate(made)]
        arguments.out.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        sys.stderr.write(f"{len(lines)} examples in {arguments.out}\n")
        return
    for site, example in made:
        sys.stdout.write(as_text(site, example) + "\n")


if __name__ == "__main__":
    main()
