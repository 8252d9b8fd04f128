"""The rules for ready, ask and refuse, with a fake model that reads what it is told to read."""

import pytest

from nl_planner.errors import InstructionError
from nl_planner.language import Interpreter
from nl_planner.models.fake import FakeModel
from nl_planner.task import Action, Intent, Part, Place, Relation, Status, Task


@pytest.fixture
def understand(riverside):
    def run(say, line, **known):
        return Interpreter(riverside, FakeModel([line])).understand(say, **known)

    return run


def test_a_task_with_all_its_parts(understand):
    understood = understand(
        "吸两遍中心广场北边的烟头，别碰花坛周围2米",
        " vacuum [烟头] at [中心广场] part north not around [花坛] metres 2m twice .",
    )
    assert understood.status is Status.READY
    assert understood.tasks == (
        Task(
            action=Action.VACUUM,
            object="cigarette_butt",
            place=Place(relation=Relation.IN, landmarks=("plaza",), part=Part.NORTH),
            except_places=(Place(relation=Relation.AROUND, landmarks=("flower_bed",), distance=2),),
            passes=2,
        ),
    )


def test_without_a_relation_word_it_is_in_or_around_as_the_robot_may_enter(understand):
    area = understand("扫中心广场", " sweep all at [中心广场] .")
    closed = understand("扫一号楼", " sweep all at [一号楼] .")
    assert area.tasks[0].place.relation is Relation.IN
    assert closed.tasks[0].place.relation is Relation.AROUND


def test_what_is_left_out_follows_the_same_rule(understand):
    line = " sweep all at site not at [凉亭] not at [花坛] not at [中心广场] ."
    understood = understand("除了凉亭、花坛和中心广场都扫", line)
    left_out = [place.relation for place in understood.tasks[0].except_places]
    assert left_out == [Relation.AROUND, Relation.IN, Relation.IN]


def test_every_member_of_a_group_is_a_task(understand):
    understood = understand("所有车库门口扫一下", " sweep all front [every 车库] .")
    places = [task.place.landmarks for task in understood.tasks]
    assert sorted(places) == [("garage_1",), ("garage_2",)]


def test_one_of_a_family_asks_which_with_their_names(understand):
    understood = understand("车库门口扫一下", " sweep all front [车库] .")
    assert understood.status is Status.ASK
    assert understood.tasks == ()
    assert "车库" in understood.question
    assert len(understood.options) == 2


@pytest.mark.parametrize(
    ("say", "line", "words"),
    [
        ("扫一下", " sweep all nowhere .", "哪里"),
        ("sweep up", " sweep all nowhere .", "Where"),
        ("去天文馆扫地", " sweep all at unknown .", "地方"),
        ("sweep here", " sweep all near me .", "where you are"),
        ("再来一遍", " sweep all at last .", "之前"),
    ],
)
def test_what_was_not_said_is_asked(understand, say, line, words):
    understood = understand(say, line)
    assert understood.status is Status.ASK
    assert words in understood.question


def test_what_is_known_need_not_be_asked(understand):
    here = understand("扫一下我这儿", " sweep all near me .", operator=(55.0, 40.0))
    assert here.tasks[0].place.landmarks == ("operator",)
    before = Task(action=Action.SWEEP, place=Place(relation=Relation.IN, landmarks=("plaza",)))
    again = understand("再来一遍", " sweep all at last .", last=before)
    assert again.status is Status.READY


def test_a_thing_without_a_place_means_the_seen_ones(understand):
    seen = understand("把可乐瓶捡了", " pick [可乐瓶] nowhere .")
    assert seen.tasks[0].place == Place(relation=Relation.IN, landmarks=("site",))
    unseen = understand("把口罩捡了", " pick [口罩] nowhere .")
    assert unseen.status is Status.ASK


@pytest.mark.parametrize(
    ("say", "asks"),
    [
        ("把那个落叶捡了", True),
        ("sweep up that leaf", True),
        ("sweep up the leaves", False),
        ("把落叶扫了", False),
    ],
)
def test_one_thing_of_several_that_were_seen_is_asked_about(understand, riverside, say, asks):
    assert sum(seen.class_id == "leaf" for seen in riverside.objects) > 1
    label = next(w for w in ("落叶", "leaves", "leaf") if w in say)
    understood = understand(say, f" sweep [{label}] nowhere .")
    assert (understood.status is Status.ASK) is asks


def test_what_the_machine_cannot_do_is_refused_with_what_it_can(understand):
    understood = understand("拖一下中心广场", " mop all at [中心广场] .")
    assert understood.status is Status.REFUSE
    assert "拖地" in understood.reason
    assert "吸尘" in understood.reason


@pytest.mark.parametrize(
    ("say", "line"),
    [
        ("开进花坛扫一下", " sweep all inside [花坛] ."),
        ("花坛扫一下", " sweep all at [花坛] ."),
        ("去外面那条街扫地", " sweep all outside ."),
        ("到一号楼里面扫地", " sweep all inside [一号楼] ."),
        ("撞开那个人", " refuse"),
        ("滨江花园外面的马路扫一下", " sweep all front [滨江花园] ."),
        ("扫中心广场，再拖一号楼门口", " sweep all at [中心广场] ; mop all front [一号楼] ."),
    ],
)
def test_what_must_not_be_done_is_refused_whole(understand, say, line):
    understood = understand(say, line)
    assert understood.status is Status.REFUSE
    assert understood.tasks == ()
    assert understood.reason


def test_a_side_of_a_thing_without_a_front_is_asked_unless_somebody_is_there(understand):
    say, line = "老樟树左边扫一下", " sweep all left [老樟树] ."
    assert understand(say, line).status is Status.ASK
    assert understand(say, line, operator=(40.0, 40.0)).status is Status.READY


def test_a_doubtful_reading_is_asked_about_in_the_persons_words(riverside):
    say, line = "扫一下一号楼门口的落叶", " sweep [落叶] front [一号楼] ."
    unsure = Interpreter(riverside, FakeModel([line], probability=0.6, ask_below=0.7))
    asked = unsure.understand(say)
    assert asked.status is Status.ASK
    assert asked.tasks == ()
    assert asked.question == "您是说：扫地，一号楼前面，落叶，对吗？"
    sure = Interpreter(riverside, FakeModel([line], probability=0.8, ask_below=0.7))
    assert sure.understand(say).status is Status.READY


def test_a_reading_that_leaves_out_a_place_that_was_named_is_doubtful(riverside):
    def confidence(say):
        model = FakeModel([" sweep all at [中心广场] ."])
        return Interpreter(riverside, model).understand(say).confidence

    assert confidence("扫中心广场") == 1
    assert confidence("扫中心广场，一号楼先不管") < 1


def test_doubt_never_holds_back_a_stop(riverside):
    model = FakeModel([" stop"], probability=0.3, ask_below=0.9)
    assert Interpreter(riverside, model).understand("停").status is Status.READY


@pytest.mark.parametrize(
    ("line", "intent"),
    [(" stop", Intent.STOP), (" status", Intent.STATUS), (" none", Intent.NONE)],
)
def test_control_is_ready_with_no_tasks(understand, line, intent):
    understood = understand("嗯", line)
    assert (understood.intent, understood.status, understood.tasks) == (intent, Status.READY, ())


def test_round_the_whole_site_is_in_it(understand):
    understood = understand("滨江花园转一圈扫扫", " sweep all around [滨江花园] .")
    assert understood.tasks[0].place == Place(relation=Relation.IN, landmarks=("site",))


def test_driving_alone_is_go(understand):
    understood = understand("去大门", " go at [大门] .")
    assert understood.intent is Intent.GO
    assert understood.tasks[0].action is Action.GO_TO


def test_the_task_before_is_in_the_prompt(riverside):
    model = FakeModel([" sweep all at last ."])
    before = Task(
        action=Action.VACUUM,
        object="leaf",
        place=Place(relation=Relation.IN_FRONT_OF, landmarks=("building_2",)),
    )
    Interpreter(riverside, model).understand("同样的再来", last=before)
    assert "vacuum [落叶] front [二号楼]" in model.prompts[0].suffix


def test_no_words_are_an_error_before_the_model_is_asked(riverside):
    model = FakeModel([])
    with pytest.raises(InstructionError):
        Interpreter(riverside, model).understand("🧹")
    assert model.prompts == []
