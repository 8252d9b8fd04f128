import pytest
from hypothesis import given
from hypothesis import strategies as st

from nl_planner.errors import ModelError
from nl_planner.language.grammar import (
    AT,
    NOWHERE,
    OUTSIDE,
    THING,
    UNKNOWN,
    Reading,
    ReadPlace,
    ReadTask,
    grammar,
    read_line,
    write_line,
)
from nl_planner.models import END, Filled, Slot
from nl_planner.models.fake import cut
from nl_planner.task import BUILTIN_LANDMARKS, Action, Intent, Part, Relation

PLACES, THINGS = ("一号楼", "lobby", "every gate"), ("可乐瓶", "leaf")
DISTANCES = (0.5, 2.0, 12.0)
GRAMMAR = grammar(PLACES, THINGS, DISTANCES, asked=True)

distances = st.none() | st.sampled_from(DISTANCES)
names = st.sampled_from((*PLACES, *BUILTIN_LANDMARKS, UNKNOWN))
places = st.one_of(
    st.builds(
        ReadPlace,
        st.sampled_from([AT, *(str(r) for r in Relation if r is not Relation.BETWEEN)]),
        st.tuples(names),
        distances,
    ),
    st.builds(
        ReadPlace,
        st.just(str(Relation.BETWEEN)),
        st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES)),
    ),
)
work_places = places | st.sampled_from([ReadPlace(NOWHERE), ReadPlace(OUTSIDE)])
work = st.builds(
    ReadTask,
    st.sampled_from([a for a in Action if a is not Action.GO_TO]),
    st.none() | st.sampled_from((*THINGS, THING)),
    places,
    st.lists(st.sampled_from(THINGS), max_size=2).map(tuple),
    st.lists(places, max_size=2).map(tuple),
    st.integers(1, 5),
)


def read(line):
    return read_line(Filled(tuple(Slot(s, t, 1.0) for s, t in cut(line, GRAMMAR))))


@given(st.lists(work, min_size=1, max_size=3).map(tuple))
def test_what_is_written_is_read_back(tasks):
    reading = Reading(Intent.CLEAN, tasks)
    assert read(write_line(reading)) == reading


@given(places)
def test_an_answer_is_read_back(place):
    reading = Reading(None, answer=place)
    assert read(write_line(reading)) == reading


def test_a_distance_must_have_been_said():
    with pytest.raises(ModelError):
        list(cut(" sweep all near [lobby] metres 3m .", GRAMMAR))
    assert " metres" not in grammar(PLACES, THINGS).states["after_place"]


@pytest.mark.parametrize("intent", [i for i in Intent if i not in (Intent.CLEAN, Intent.GO)])
def test_intents_without_work_are_read_back(intent):
    assert read(write_line(Reading(intent))) == Reading(intent)


def test_harm_is_read_back():
    assert read(write_line(Reading(None))) == Reading(None)


def test_driving_alone_is_go_and_with_work_it_is_clean():
    go = ReadTask(Action.GO_TO, None, ReadPlace(AT, ("lobby",)))
    sweep = ReadTask(Action.SWEEP, None, ReadPlace(AT, ("lobby",), part=Part.NORTH))
    assert read(write_line(Reading(Intent.GO, (go,)))).intent is Intent.GO
    assert read(write_line(Reading(Intent.CLEAN, (go, sweep)))) == Reading(
        Intent.CLEAN, (go, sweep)
    )


def test_a_correction_holds_the_right_task():
    task = ReadTask(Action.MOP, None, ReadPlace(AT, ("lobby",)))
    assert read(write_line(Reading(Intent.CORRECT, (task,)))) == Reading(Intent.CORRECT, (task,))


@pytest.mark.parametrize("names", [((), ()), (("a",), ()), (("a", "ab"), ("a",)), (PLACES, THINGS)])
def test_every_slot_leads_on_and_its_choices_can_be_told_apart(names):
    allowed = grammar(*names)
    reached, todo = {END}, [allowed.start]
    while todo:
        state = todo.pop()
        if state in reached:
            continue
        reached.add(state)
        choices = list(allowed.states[state])
        assert choices, f"slot {state!r} is a dead end"
        for one in choices:
            assert one.startswith(" ")
            for other in choices:
                assert one == other or not f"{other} ".startswith(f"{one} ")
        todo.extend(allowed.states[state].values())


def test_a_line_is_as_probable_as_all_its_choices():
    slots = (Slot("start", " sweep", 0.9), Slot("object", " all", 0.4, " thing", 0.3))
    slots += (Slot("relation_or_but", " nowhere", 0.8), Slot("after_nowhere", " .", 1.0))
    reading = read_line(Filled(slots))
    assert reading.probability == pytest.approx(0.9 * 0.4 * 0.8)
    assert reading.slots == slots
