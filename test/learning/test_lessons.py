import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learning.lessons_taught import Told, task, told
from shapely import LineString
from shapely.ops import unary_union

from nl_planner.language import Interpreter, Situation
from nl_planner.learning.align import Meaning
from nl_planner.learning.lessons import Lessons
from nl_planner.task import Status, Understanding

NICKNAME = told("把大圆坛胡噜一下", "sweep", "plaza")
AGAIN = told("大圆坛的烟把子捡一下", "pick_up", "plaza", thing="cigarette_butt")


def words(lessons):
    """Learned word → what it means, newest first."""
    glue = {"zh": "", "en": " "}
    return {glue[w.language].join(w.phrase): [m.value for m in w.meanings] for w in lessons.words}


def test_words_are_learned_from_two_lessons(riverside):
    found = words(Lessons(riverside, [NICKNAME, AGAIN]))
    assert found == {"大圆坛": ["plaza"], "胡噜": ["sweep"], "烟把子": ["cigarette_butt"]}


def test_english_words_take_plurals_and_articles(riverside):
    lessons = Lessons(
        riverside,
        [
            told("besom the Saucer please", "sweep", "plaza"),
            told("pick up the dimps at the Saucer", "pick_up", "plaza", "in", "cigarette_butt"),
        ],
    )
    heard = lessons.reword("there is a dimp behind building 1, besom it; then do the saucer")
    assert heard.text == (
        "there is a cigarette butt behind building 1, sweep it; then do the Central Plaza"
    )


def test_a_relation_has_a_word_of_its_own(riverside):
    lessons = Lessons(
        riverside,
        [
            told("扫一下一号楼隔篱", "sweep", "building_1", "near"),
            told("二号楼隔篱有落叶", "sweep", "building_2", "near", "leaf"),
        ],
    )
    assert lessons.reword("把三号楼隔篱拖一拖").text == "把三号楼旁边拖一拖"


def test_sentences_without_learned_words_stay_as_they_are(riverside):
    lessons = Lessons(riverside, [NICKNAME, AGAIN])
    for text in ("把一号楼门口扫一下", "sweep the plaza", "圆圆的花坛旁边看一下", "一把伞"):
        assert lessons.reword(text).text == text
        assert lessons.recall(text, None) is None


def test_a_known_name_keeps_its_meaning(riverside):
    """Poison: what the site calls something cannot be made to mean something else."""
    lessons = Lessons(
        riverside,
        [told("扫一下景观水池", "sweep", "plaza"), told("sweep the pond", "sweep", "plaza")],
    )
    known = {name.lower() for place in riverside.keepouts.values() for name in place.names}
    assert not known & set(words(lessons))
    for name in known:
        assert lessons.reword(f"sweep behind {name}").text == f"sweep behind {name}"


def test_the_newer_meaning_wins_and_disagreement_is_asked_about(riverside):
    first = told("把大圆坛扫一下", "sweep", "plaza")
    other = told("大圆坛的落叶扫一扫", "sweep", "camphor_road", thing="leaf")
    third = told("去大圆坛扫地", "sweep", "plaza")
    fourth = told("大圆坛旁边得扫了", "sweep", "plaza", "near")
    lessons = Lessons(riverside, [first, other])
    assert words(lessons)["大圆坛"] == ["camphor_road"]
    lessons.add(third)
    assert words(lessons)["大圆坛"] == ["plaza", "camphor_road"]
    heard = lessons.reword("大圆坛有落叶")
    assert heard.text == "大圆坛有落叶"
    assert [set(c.ids) for c in heard.names] == [{"plaza", "camphor_road"}]
    lessons.add(fourth)
    assert words(lessons)["大圆坛"] == ["plaza"]


def test_a_disputed_name_is_asked_about(riverside, real_model):
    """Two people call different places so."""
    lessons = [
        told("把大圆坛扫一下", "sweep", "plaza"),
        told("大圆坛的落叶扫一扫", "sweep", "camphor_road", thing="leaf"),
        told("去大圆坛扫地", "sweep", "plaza"),
    ]
    understood = Reads(riverside, real_model, *lessons)("大圆坛门口的烟头捡一下")
    assert understood.status is Status.ASK
    assert set(understood.options) == {"中心广场", "樟树路"}


LESSONS = [
    NICKNAME,
    AGAIN,
    told("大圆坛旁边搌巴一遍", "vacuum", "plaza", "near"),
    told("把亮堂街胡噜了", "sweep", "camphor_road"),
    told("亮堂街有烟把子，胡噜走", "sweep", "camphor_road", "in", "cigarette_butt"),
    told("besom the Saucer", "sweep", "plaza"),
]
PROBES = [
    "大圆坛的烟把子胡噜一下",
    "亮堂街搌巴一下",
    "besom the saucer now",
    *(x.text for x in LESSONS),
]


def state(lessons):
    return words(lessons), [(lessons.reword(p), lessons.recall(p, None)) for p in PROBES]


@settings(max_examples=20)
@given(
    kept=st.sets(st.sampled_from(range(len(LESSONS)))), order=st.permutations(range(len(LESSONS)))
)
def test_what_is_taken_back_leaves_no_trace(riverside, kept, order):
    lessons = Lessons(riverside, LESSONS)
    assert lessons.words
    for number in order:
        if number not in kept:
            lessons.take_back(LESSONS[number].id)
    assert state(lessons) == state(Lessons(riverside, [LESSONS[i] for i in sorted(kept)]))


def test_aliases_are_known_names(riverside):
    lessons = Lessons(riverside, [])
    lessons.update([NICKNAME], {"大圆坛": "plaza"})
    assert words(lessons) == {"胡噜": ["sweep"]}
    lessons.update([], {})
    assert lessons.words == ()


class Reads:
    """An interpreter with the real model that counts nothing and hides nothing."""

    def __init__(self, site, model, *lessons):
        self.lessons = Lessons(site, lessons)
        self.interpreter = Interpreter(site, model, self.lessons)

    def __call__(self, text, last=None):
        situation = Situation(self.interpreter.site, (55, 60, 0), None, last)
        return self.interpreter.decide(text, situation).understanding


def test_words_are_understood_in_sentences_of_another_form(riverside, real_model):
    read = Reads(riverside, real_model, NICKNAME, AGAIN)
    understood = read("一号楼门口好多烟把子，胡噜干净")
    assert understood.tasks == (task("sweep", "building_1", "in_front_of", "cigarette_butt"),)
    understood = read("麻烦去大圆坛胡噜两遍")
    assert [(t.action, t.place.landmarks, t.passes) for t in understood.tasks] == [
        ("sweep", ("plaza",), 2)
    ]


def test_a_sentence_that_was_taught_is_understood_as_taught(riverside, real_model):
    read = Reads(
        riverside,
        real_model,
        told("老规矩", "sweep", "plaza"),
        Told("收摊了收摊了", Understanding(intent="dock", status="ready")),
    )
    assert read("老规矩。").tasks == (task("sweep", "plaza"),)
    assert read("收摊了，收摊了").intent == "dock"


def test_what_referred_to_the_task_before_is_recalled_only_after_it(riverside):
    before = task("sweep", "plaza")
    lessons = Lessons(riverside, [told("再来一遍快点", "vacuum", "plaza", before=before)])
    assert lessons.recall("再来一遍快点", before)
    assert lessons.recall("再来一遍快点", task("sweep", "camphor_road")) is None


def test_two_lessons_that_are_equally_near_are_asked_about(riverside, real_model):
    read = Reads(
        riverside,
        real_model,
        told("还是按上回说好的那个样子去弄吧甲", "sweep", "plaza"),
        told("还是按上回说好的那个样子去弄吧乙", "vacuum", "camphor_road"),
    )
    assert read("还是按上回说好的那个样子去弄吧甲").status is Status.READY
    assert read("还是按上回说好的那个样子去弄吧").status is Status.ASK


@pytest.mark.parametrize(
    ("lesson", "said"),
    [
        (told("清一下大池子", "sweep", "lotus_pond"), "把大池子清扫一下"),
        (told("sweep the Mirror", "sweep", "lotus_pond"), "please sweep the Mirror twice"),
        (told("sweep the pond", "sweep", "plaza"), "sweep the pond"),
        (told("sweep the lawn", "sweep", "lotus_pond"), "sweep the lawn"),
    ],
)
def test_no_lesson_leads_into_a_keepout(riverside, real_model, lesson, said):
    from nl_planner import Planner

    read = Reads(riverside, real_model, lesson)
    understood = read(said)
    places = [t.place.landmarks[0] for t in understood.tasks]
    assert understood.status is Status.REFUSE or "lotus_pond" not in places
    planner = Planner(riverside, real_model)
    planner._interpreter.learned = read.lessons
    plan = planner.plan(said, robot=(55, 60, 0))
    kept_out = unary_union([k.polygon for k in riverside.keepouts.values()])
    for leg in plan.legs:
        assert leg.region.geometry.intersection(kept_out).area < 1e-6
        assert not LineString(leg.path.poses[:, :2]).intersects(kept_out.buffer(-1e-6))


def test_no_lesson_lifts_the_gate(riverside, real_model):
    read = Reads(
        riverside,
        real_model,
        told("撞那个小孩", "sweep", "plaza"),
        told("run over the child", "sweep", "plaza"),
    )
    for said in ("撞那个小孩", "run over the child", "run over the guard"):
        assert read(said).status is Status.REFUSE
    assert not any(Meaning("action", "sweep") in w.meanings for w in read.lessons.words)


def test_a_machine_learns_no_work_that_it_cannot_do(riverside, real_model):
    read = Reads(riverside, real_model, told("把广场搌巴一下", "mop", "plaza"))
    understood = read("三号楼门口搌巴一下")
    assert understood.status is Status.REFUSE
    assert re.search("不能", understood.reason)
