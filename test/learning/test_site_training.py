import json
import random
from itertools import count

import pytest
from learning.lessons_taught import told

from nl_planner.cli import main
from nl_planner.errors import BadInputError, WeightsError
from nl_planner.learning import lesson_data, site_training
from nl_planner.learning.dataset import reader
from nl_planner.learning.lesson_data import chats, data_set, lesson_samples
from nl_planner.learning.lessons import Lessons
from nl_planner.learning.site_training import Figures, is_better, train_site
from nl_planner.learning.versions import Versions
from nl_planner.models import DEFAULT_MODEL, open_model

LESSONS = [
    told("把大圆坛胡噜一下", "sweep", "plaza"),
    told("大圆坛的烟把子捡一下", "pick_up", "plaza", thing="cigarette_butt"),
    told("besom the Saucer", "sweep", "plaza"),
    told("樟树路胡噜胡噜", "sweep", "camphor_road"),
    told("二号楼门口有烟把子，胡噜走", "sweep", "building_2", "in_front_of", "cigarette_butt"),
    told("besom around building 3", "sweep", "building_3", "around"),
]


def test_a_lesson_becomes_a_line_with_learned_words_replaced(riverside):
    interpreter = reader(riverside, Lessons(riverside, LESSONS, recalls=False))
    first, *variants = lesson_samples(LESSONS[0], interpreter, random.Random(1))
    assert "say: 把中心广场扫一下" in first.prompt.suffix
    assert first.line == " sweep all at [中心广场] ."
    assert len(variants) == lesson_data.VARIANTS
    assert all("中心广场" not in v.line and v.line.startswith(" sweep all at [") for v in variants)


def test_a_relation_that_was_said_is_kept(riverside):
    interpreter = reader(riverside, Lessons(riverside, LESSONS, recalls=False))
    made = next(lesson_samples(LESSONS[5], interpreter, random.Random(1)))
    assert made.line == " sweep all around [Building 3] ."


@pytest.fixture
def little_replay(monkeypatch):
    monkeypatch.setattr(lesson_data, "LEAST_REPLAY", 4)
    monkeypatch.setattr(lesson_data, "REPLAY", 0.0)


@pytest.mark.usefixtures("little_replay")
def test_the_data_set_keeps_every_fifth_lesson_and_replays(riverside):
    data = data_set(riverside, LESSONS)
    assert data.held_out == (LESSONS[4],)
    assert data.lessons == 5
    own = [s for s in data.training if "say: 二号楼门口有" in s.prompt.suffix]
    assert not own
    assert len(data.training) >= lesson_data.LEAST_REPLAY + data.lessons


@pytest.mark.usefixtures("little_replay")
def test_chats_are_what_a_server_is_asked(riverside):
    made = [chat["messages"] for chat, _ in zip(chats(riverside, LESSONS), range(3), strict=False)]
    roles = [m["role"] for m in made[0]]
    assert roles[0] == "system"
    assert roles[-2:] == ["user", "assistant"]
    assert json.loads(made[0][-1]["content"])["line"]
    assert "把中心广场扫一下" in made[0][-2]["content"]


BEFORE = Figures(lessons=0.8, doubt=0.5, generated=0.85, wrong_moves=0.06)


@pytest.mark.parametrize(
    ("after", "better"),
    [
        (Figures(0.9, 0.4, 0.85, 0.06), True),
        (Figures(0.8, 0.4, 0.85, 0.06), True),
        (Figures(0.8, 0.5, 0.99, 0.0), False),
        (Figures(0.7, 0.1, 0.85, 0.06), False),
        (Figures(1.0, 0.1, 0.83, 0.06), False),
        (Figures(1.0, 0.1, 0.85, 0.08), False),
    ],
)
def test_only_what_is_better_here_and_not_worse_there_is_used(after, better):
    assert is_better(after, BEFORE) is better


@pytest.fixture
def versions(tmp_path):
    made = Versions(tmp_path / DEFAULT_MODEL)
    for name in ("001", "002"):
        (made.folder / name).mkdir(parents=True)
        card = {"lessons": 7, "measured": {"lessons": 1, "generated": 0.8, "wrong_moves": 0.05}}
        (made.folder / name / "adapter.json").write_text(json.dumps(card))
    return made


def test_versions_are_promoted_and_rolled_back(versions):
    assert versions.current is None
    assert versions.next().name == "003"
    versions.promote("001")
    versions.promote("002")
    assert versions.current == versions.folder / "002"
    assert [versions.roll_back(), versions.roll_back()] == ["001", "shipped"]
    with pytest.raises(BadInputError, match="none was before"):
        versions.roll_back()
    with pytest.raises(BadInputError, match=r"'009'.*001, 002"):
        versions.promote("009")


def test_a_folder_without_an_adapter_is_told(tmp_path):
    with pytest.raises(WeightsError, match="no adapter can be read"):
        _ = open_model(adapter=tmp_path).ask_below


def test_the_command_lists_promotes_and_rolls_back(versions, capsys):
    site = ["--site", "maps/riverside.site.yaml", "--adapters", str(versions.folder.parent)]
    assert main(["train", *site, "--promote", "002"]) == 0
    assert main(["train", *site, "--list"]) == 0
    rows = capsys.readouterr().err.splitlines()
    assert any(row.startswith("* 002") and "80.0%" in row for row in rows)
    assert main(["train", *site, "--rollback", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"in_use": "shipped"}
    assert main(["train", *site, "--rollback"]) == 2


def test_too_few_lessons_are_told(riverside, versions):
    with pytest.raises(BadInputError, match="there are 2 lessons; training needs 5"):
        train_site(riverside, LESSONS[:2], versions, DEFAULT_MODEL, 1, print)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("little_replay")
def test_training_stops_at_ctrl_c_goes_on_and_is_measured(
    riverside, real_model, tmp_path, monkeypatch
):
    """The real thing, as small as it can be."""
    monkeypatch.setattr(lesson_data, "ENOUGH", 0)
    monkeypatch.setattr(site_training, "GENERATED", 3)
    from nl_planner.learning import train

    monkeypatch.setattr(train, "BATCH_TOKENS", 200)
    versions, told_lines = Versions(tmp_path / DEFAULT_MODEL), []
    real_loss, calls = train.Trainer.loss, count(1)

    def loss_then_ctrl_c(trainer, batch):
        if next(calls) == 2:
            import signal

            signal.raise_signal(signal.SIGINT)
        return real_loss(trainer, batch)

    monkeypatch.setattr(train.Trainer, "loss", loss_then_ctrl_c)

    def run():
        return train_site(riverside, LESSONS, versions, DEFAULT_MODEL, 5, told_lines.append)

    assert run().version is None
    kept = list(versions.folder.glob("unfinished-*/checkpoint.pt"))
    assert len(kept) == 1
    assert next(calls) == 3  # the step was finished, and no other begun
    done = run()
    assert done.version == versions.folder / "001"
    assert not list(versions.folder.glob("unfinished-*"))
    card = json.loads((done.version / "adapter.json").read_text())
    assert card["ask_below"] == real_model.ask_below
    assert card["started_from"] == "shipped"
    assert card["measured"]["lessons"] in (0, 1)
    assert any("training takes about" in line for line in told_lines)
    assert versions.current == (done.version if done.promoted else None)
