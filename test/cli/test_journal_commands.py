"""``log``, ``correct``, ``take-back`` and ``forget`` as a person uses them."""

import io
import json

import pytest

from nl_planner import models as models_module
from nl_planner import planner as planner_module
from nl_planner.cli import main
from nl_planner.learning.journal import Journal
from nl_planner.models.fake import FakeModel
from nl_planner.task import Place, Task, Understanding


@pytest.fixture
def site(riverside):
    return str(riverside.source)


@pytest.fixture
def says(monkeypatch):
    """Let the model read these lines."""

    def use(*lines):
        model = FakeModel(lines)
        monkeypatch.setattr(planner_module, "open_model", lambda *names: model)
        monkeypatch.setattr(models_module, "open_model", lambda *names: model)

    return use


@pytest.fixture
def run(site, tmp_path, capsys):
    """Run a command on the site and a journal; (exit status, stdout, stderr)."""

    def command(*arguments, stdin=""):
        where = ["--site", site, "--journal", str(tmp_path / "j.db")]
        status = main([arguments[0], *arguments[1:], *where])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


@pytest.fixture
def talked(run, says, monkeypatch):
    """A conversation with a correction, a name, a question and its answer."""
    says(
        " sweep all front [1号楼] .", " correct sweep all front [二号楼] .",
        " remember", " go at [健身角] .", " [老地方]", " none",
        " sweep all at unknown .", " answer at [儿童乐园] .", " [圆盘]",
    )  # fmt: skip
    lines = "一号搂门口扫一下\n不对，是二号楼\n记住，健身角大家都叫老地方\n扫一下圆盘\n儿童乐园\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    status, _, err = run("talk")
    assert status == 0
    assert "记住了：“老地方”是健身角。" in err
    assert "journal: entry 5" in err


def test_log_is_a_table_in_columns(talked, run):
    status, out, _ = run("log")
    assert status == 0
    head, *rows = out.splitlines()
    assert len(rows) == 5
    assert "wrong" in rows[0]
    assert "corrects 1" in rows[1]
    assert "answers 4" in rows[4]
    assert head.split() == ["entry", "when", "said", "understood", "then"]


def test_log_filters(talked, run):
    for filters, ids in (
        (["--verdict", "wrong"], [1]),
        (["--status", "ask"], [4]),
        (["--text", "圆盘"], [4]),
        (["--until", "2020-01-01"], []),
        (["--since", "2020-01-01", "--most", "2"], [4, 5]),
    ):
        _, out, _ = run("log", *filters, "--json")
        assert [entry["id"] for entry in json.loads(out)] == ids


def test_log_shows_one_entry_whole(talked, run):
    _, out, _ = run("log", "2")
    assert "corrects: 1" in out
    assert "before: 扫地，一号楼前面" in out
    assert "landmark: [二号楼] 1.00" in out
    _, out, _ = run("log", "2", "--json")
    assert json.loads(out)["corrects"] == 1
    status, _, err = run("log", "99")
    assert (status, "no entry 99" in err) == (2, True)


def test_log_tells_figures_and_unknown_names(talked, run):
    _, out, _ = run("log", "--stats")
    assert "playground: names: [..., 圆盘]  # 1 times" in out
    _, out, _ = run("log", "--stats", "--json")
    stats = json.loads(out)
    (week,) = stats["weeks"]
    assert (week["said"], week["asked"], week["refused"], week["corrected"]) == (5, 1, 0, 1)
    assert stats["unknown_names"] == [{"name": "圆盘", "target": "playground", "times": 1}]
    assert len(stats["least_sure"]) == 5


def test_what_was_learned_is_listed_taken_back_and_gone(talked, run):
    _, out, _ = run("log", "--lessons")
    assert "一号搂门口扫一下" in out
    assert "A1" in out
    assert "take-back" not in out
    assert run("take-back", "L1", "A1")[0] == 0
    _, out, _ = run("log", "--lessons", "--json")
    learned = json.loads(out)
    assert learned["lessons"][0]["taken_back"]
    assert learned["aliases"][0]["taken_back"]
    assert run("forget", "L1", "A1", "1")[1] == "deleted for good: 3\n"
    _, out, _ = run("log", "--lessons", "--json")
    assert json.loads(out) == {"lessons": [], "aliases": [], "suspects": []}


def test_a_poisoned_lesson_is_shown_with_the_command_that_takes_it_back(run, riverside, tmp_path):
    lawn = Task(action="sweep", place=Place(relation="in", landmarks=("plaza",)))
    with Journal.of(riverside, tmp_path / "j.db") as journal:
        journal.teach("sweep the pond", Understanding(intent="clean", status="ready", tasks=[lawn]))
    _, out, _ = run("log", "--lessons")
    assert "nl-planner take-back ID --site S" in out
    assert "  L1: the sentence names lotus pond, the task does not" in out
    assert run("take-back", "L1")[0] == 0
    _, out, _ = run("log", "--lessons", "--json")
    assert json.loads(out)["suspects"] == []


def test_export_is_a_line_an_entry(talked, run, tmp_path):
    out = tmp_path / "all.jsonl"
    assert run("log", "--export", str(out))[0] == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["id"] for line in lines] == [1, 2, 3, 4, 5]
    assert lines[0]["text"] == "一号搂门口扫一下"
    status, _, err = run("log", "--export", str(tmp_path / "no" / "x.jsonl"))
    assert (status, "cannot be written" in err) == (2, True)


def test_correct_takes_words_or_json_and_checks_them(talked, run, says):
    says(" sweep all at [老地方] .", " sweep all at [荷花池] .")
    status, out, _ = run("correct", "5", "--text", "老地方扫一下", "--json")
    assert status == 0
    lesson = json.loads(out)
    assert lesson["understanding"]["tasks"][0]["place"]["landmarks"] == ["fitness_corner"]
    assert (lesson["source"], lesson["entry"]) == ("operator", 5)
    status, _, err = run("correct", "5", "--text", "扫荷花池")
    assert (status, "nothing was learned" in err) == (4, True)


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("{", "no JSON"),
        ("{}", "action"),
        ('{"action": "sweep", "place": {"relation": "in", "landmarks": ["moon"]}}', "moon"),
        ('{"action": "mop"}', "cannot mop"),
        (
            '{"action": "sweep", "place": {"relation": "in", "landmarks": ["lotus_pond"]}}',
            "keep-out",
        ),
    ],
)
def test_a_task_that_cannot_be_is_exit_2_and_no_lesson(talked, run, task, why):
    status, _, err = run("correct", "4", "--task", task)
    assert (status, why in err) == (2, True)
    assert len(json.loads(run("log", "--lessons", "--json")[1])["lessons"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [["take-back", "5"], ["take-back", "B1"], ["forget", "x"], ["log", "--since", "soon"]],
)
def test_what_cannot_be_read_is_bad_usage(run, arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        run(*arguments)
    assert stopped.value.code == 2


def test_forgetting_nothing_is_exit_2(run):
    assert run("forget")[0] == 2


def test_without_being_asked_nothing_is_written(says, site, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    says(" stop", " stop")
    assert main(["understand", "stop", "--site", site]) == 0
    assert list(tmp_path.iterdir()) == []
    assert main(["understand", "stop", "--site", site, "--journal"]) == 0
    assert len(list(tmp_path.rglob("*.db"))) == 1


@pytest.mark.parametrize(
    "command",
    [
        ("log",),
        ("log", "1", "--json"),
        ("correct", "1", "--text", "stop"),
        ("take-back", "L1"),
        ("forget", "1"),
        ("train",),
        ("train", "--export", "chats.jsonl"),
    ],
)
def test_a_journal_that_is_not_there_is_told_and_not_made(run, tmp_path, command):
    status, out, err = run(*command)
    assert (status, out) == (2, "")
    assert f"{tmp_path / 'j.db'}: there is no journal" in err
    assert list(tmp_path.iterdir()) == []
