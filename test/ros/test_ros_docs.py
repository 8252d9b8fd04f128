"""docs/ros.md says what the node and the launch files are."""

import re
from pathlib import Path

import yaml

from nl_planner.ros.parameters import PARAMETERS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "ros.md").read_text("utf-8")


def row(declared):
    """The line of a parameter in the table, made of its declaration."""
    value = "" if declared.default in ("", []) else f"`{yaml_value(declared.default)}`"
    bounds = "" if declared.low is None else f"{declared.low:g} to {declared.high:g}"
    star = " *" if declared.fixed or declared.read_only else ""
    limits = " ".join(filter(None, [bounds, declared.unit]))
    return f"| `{declared.name}`{star} | {value} | {limits} | {declared.about} |"


def yaml_value(value):
    return yaml.safe_dump(value).splitlines()[0]


def test_every_parameter_is_in_the_table():
    lines = TEXT.splitlines()
    assert [row(declared) for declared in PARAMETERS if row(declared) not in lines] == []
    head = lines.index("| parameter | default | range, unit | what |")
    after = lines[head + 2 :]
    table = after[: next(i for i, line in enumerate(after) if not line.startswith("|"))]
    assert len(table) == len(PARAMETERS)


def test_every_sentence_of_a_failure_is_one_of_the_node():
    from nl_planner.execution import replies

    said = [english for _, english in replies._SENTENCES.values()]
    shapes = [re.compile(re.sub(r"\\{\w+\\}", '[^"]+?', re.escape(one))) for one in said]
    parts = [re.split(r"(?<=\.) ", one) for one in said]
    table = TEXT[TEXT.index("| outcome | when | said |") : TEXT.index("| what you see | do |")]
    quoted = re.findall(r'"([^"]+\.)" \|', table)
    assert len(quoted) >= 8
    for sentence in quoted:
        whole = any(shape.fullmatch(sentence) for shape in shapes)
        first = any(sentence == " ".join(few[: len(few) - 1]) for few in parts)
        first = first or any(sentence == few[0] for few in parts)
        assert whole or first, sentence


def test_every_launch_argument_is_in_the_table():
    declared = re.findall(
        r'DeclareLaunchArgument\(\s*"(\w+)"', (ROOT / "launch" / "planner.launch.py").read_text()
    )
    start = TEXT.index("| launch argument |")
    table = TEXT[start : TEXT.index("\n\n", start)]
    assert set(
        re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in table.splitlines()[2:]))
    ) == set(declared)


def test_its_files_and_pages_exist():
    for link in re.findall(r"\]\((?!http|#)([^)]+)\)", TEXT):
        assert (ROOT / "docs" / link).exists(), link
