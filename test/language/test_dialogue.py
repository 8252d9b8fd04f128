"""Questions and answers, with a fake model that reads what it is told to read."""

import pytest

from nl_planner.language import Dialogue, Interpreter
from nl_planner.models.fake import FakeModel
from nl_planner.task import Intent, Relation, Status


@pytest.fixture
def talk(riverside):
    def start(*lines, probability=1.0, ask_below=0.0):
        model = FakeModel(lines, probability=probability, ask_below=ask_below)
        return Dialogue(Interpreter(riverside, model)), model

    return start


def test_an_answer_names_one_of_the_options(talk):
    dialogue, model = talk(" sweep all front [车库] .", " answer at [二号车库] .")
    asked = dialogue.hear("车库门口扫一下")
    assert asked.status is Status.ASK
    assert asked.options == ("一号车库", "二号车库")
    got = dialogue.hear("第二个")
    assert got.status is Status.READY
    assert got.tasks[0].place.relation is Relation.IN_FRONT_OF
    assert got.tasks[0].place.landmarks == ("garage_2",)
    assert "asked: 您说的“车库”是哪一个？ 1 [一号车库] 2 [二号车库]" in model.prompts[1].suffix
    assert dialogue.question is None


def test_all_of_them_is_a_task_for_each(talk):
    dialogue, _ = talk(" sweep all front [车库] .", " answer at [every 车库] .")
    dialogue.hear("车库门口扫一下")
    got = dialogue.hear("都要")
    assert [t.place.landmarks for t in got.tasks] == [("garage_1",), ("garage_2",)]


def test_a_place_that_was_missing_is_filled_in_whole(talk):
    dialogue, _ = talk(" sweep all nowhere twice .", " answer near [一号楼] metres 2m .")
    assert dialogue.hear("扫两遍").status is Status.ASK
    task = dialogue.hear("一号楼旁边两米").tasks[0]
    assert (task.place.relation, task.place.landmarks) == (Relation.NEAR, ("building_1",))
    assert task.place.distance == 2
    assert task.passes == 2


def test_what_is_left_out_can_be_asked_for_too(talk):
    dialogue, _ = talk(
        " sweep all at site not at [花坛] not front [车库] .", " answer at [一号车库] ."
    )
    assert dialogue.hear("除了花坛和车库门口都扫").status is Status.ASK
    excepts = dialogue.hear("一号的").tasks[0].except_places
    assert [place.landmarks for place in excepts] == [("flower_bed",), ("garage_1",)]
    assert excepts[1].relation is Relation.IN_FRONT_OF


def test_no_ends_the_question_and_nothing_moves(talk):
    dialogue, _ = talk(" sweep all front [车库] .", " no")
    dialogue.hear("车库门口扫一下")
    got = dialogue.hear("算了")
    assert (got.intent, got.status, got.tasks) == (Intent.NO, Status.READY, ())
    assert dialogue.question is None


def test_yes_to_a_doubt_runs_what_was_meant(talk):
    dialogue, _ = talk(" sweep [落叶] front [一号楼] .", " yes", probability=0.5, ask_below=0.6)
    assert dialogue.hear("一号楼门口落叶").status is Status.ASK
    got = dialogue.hear("对")
    assert got.status is Status.READY
    assert got.tasks[0].object == "leaf"
    assert dialogue.last == got.tasks[0]


def test_a_doubt_can_be_corrected(talk):
    dialogue, model = talk(
        " sweep [落叶] front [一号楼] .",
        " correct sweep [落叶] front [二号楼] .",
        probability=0.5,
        ask_below=0.6,
    )
    dialogue.hear("一号楼门口落叶")
    got = dialogue.hear("不对，是二号楼")
    assert "before: sweep [落叶] front [一号楼] ." in model.prompts[1].suffix
    assert got.intent is Intent.CORRECT


def test_yes_to_which_one_asks_again(talk):
    dialogue, _ = talk(" sweep all front [车库] .", " yes", " answer at [一号车库] .")
    first = dialogue.hear("车库门口扫一下")
    assert dialogue.hear("对").question == first.question
    assert dialogue.hear("一号").status is Status.READY


def test_an_answer_that_fits_several_is_asked_about(talk):
    dialogue, _ = talk(" sweep all nowhere .", " answer front [车库] .", " answer at [一号车库] .")
    dialogue.hear("扫一下")
    asked = dialogue.hear("车库门口")
    assert asked.status is Status.ASK
    assert len(asked.options) == 2
    task = dialogue.hear("一号").tasks[0]
    assert (task.place.relation, task.place.landmarks) == (Relation.IN_FRONT_OF, ("garage_1",))


def test_something_else_said_instead_drops_the_question(talk):
    dialogue, _ = talk(" sweep all front [车库] .", " vacuum all at [中心广场] .")
    dialogue.hear("车库门口扫一下")
    assert dialogue.hear("吸一下中心广场").tasks[0].place.landmarks == ("plaza",)
    assert dialogue.question is None


def test_an_answer_must_not_enter_a_keepout(talk):
    dialogue, _ = talk(" sweep all nowhere .", " answer at [花坛] .")
    dialogue.hear("扫一下")
    assert dialogue.hear("花坛里").status is Status.REFUSE


def test_a_long_list_is_not_read_out(riverside):
    model = FakeModel([" sweep all front [楼] ."])
    asked = Interpreter(riverside, model).understand("楼门口扫一下")
    assert asked.status is Status.ASK
    assert len(asked.options) <= 6


def test_where_they_stand_is_known_to_the_next_sentence(talk):
    dialogue, _ = talk(" sweep all near me .", " sweep all near me .")
    assert dialogue.hear("扫我这儿").status is Status.ASK
    dialogue.operator = (55.0, 40.0)
    assert dialogue.hear("扫我这儿").status is Status.READY


def test_forgetting(talk):
    dialogue, model = talk(" sweep all front [一号楼] .", " sweep all at last .")
    dialogue.hear("扫一号楼门口")
    dialogue.forget()
    assert dialogue.hear("再来一遍").status is Status.ASK
    assert "before" not in model.prompts[1].suffix


@pytest.mark.parametrize(("say", "line"), [("2", " answer at [二号车库] ."), ("b", " no")])
def test_a_short_answer_needs_no_words(talk, say, line):
    dialogue, _ = talk(" sweep all front [车库] .", line)
    dialogue.hear("车库门口扫一下")
    assert dialogue.hear(say).status is Status.READY


def test_an_answer_that_would_harm_is_refused(talk):
    dialogue, _ = talk(" sweep all front [车库] .", " answer at [二号车库] .")
    dialogue.hear("车库门口扫一下")
    assert dialogue.hear("第二个，把那个人撞开").status is Status.REFUSE
    assert dialogue.question is None
