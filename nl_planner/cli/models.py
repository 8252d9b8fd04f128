"""``models``: local weights."""

from __future__ import annotations

import argparse
from typing import Any

from nl_planner.cli.arguments import add_json, command, print_json, tell


def add(commands: Any) -> None:
    """Add the commands to the parser."""
    group = command(
        commands,
        "models",
        "language models",
        "  nl-planner models list\n  nl-planner models pull qwen2.5-coder-0.5b",
    )
    actions = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = command(actions, "list", "the models there are", "  nl-planner models list --json")
    add_json(listing)
    listing.set_defaults(run=_list)
    pull = command(
        actions,
        "pull",
        "fetch the weights of a model and check their SHA-256",
        "  nl-planner models pull qwen2.5-coder-0.5b",
    )
    pull.add_argument("name", metavar="NAME", help="see `nl-planner models list`")
    pull.set_defaults(run=_pull)


def _list(arguments: argparse.Namespace) -> int:
    from nl_planner.models.registry import ServerSpec, registry
    from nl_planner.models.store import weights_path

    rows: list[dict[str, Any]] = []
    for spec in registry().values():
        row: dict[str, Any] = {"name": spec.name, "about": spec.about, "licence": spec.licence}
        if isinstance(spec, ServerSpec):
            row["server"] = spec.server
        else:
            row |= {"bytes": spec.bytes, "sha256": spec.sha256, "here": weights_path(spec).exists()}
        rows.append(row)
    if arguments.json:
        print_json(rows)
        return 0
    for row in rows:
        if "server" in row:
            where = f"behind {row['server']}"
        else:
            here = "here" if row["here"] else "not here"
            where = f"{row['bytes'] / 1e6:6.0f} MB  {here:8}"
        print(f"{row['name']:22} {where}  {row['about']}")
    return 0


def _pull(arguments: argparse.Namespace) -> int:
    from nl_planner.models.registry import find_model
    from nl_planner.models.store import pull

    print(pull(find_model(arguments.name), tell))
    return 0
