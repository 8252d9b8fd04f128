import pytest

from nl_planner.language.evaluate import compare

TASK = {
    "action": "sweep",
    "object": None,
    "place": {"relation": "in", "landmarks": ["plaza"], "distance": None},
    "except": [],
    "passes": 1,
}
GOT = {"intent": "clean", "status": "ready", "tasks": [TASK]}


def right(expect, got=GOT):
    return all(compare(expect, got).values())


def task(**changes):
    return {**TASK, **changes}


def place(*landmarks, relation="in", **more):
    return {"relation": relation, "landmarks": list(landmarks), **more}


def test_what_is_asked_for_is_right():
    assert right({"intent": "clean", "status": "ready", "tasks": [TASK]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"intent": "go"},
        {"status": "ask"},
        {"tasks": []},
        {"tasks": [TASK, TASK]},
        {"tasks": [task(action="mop")]},
        {"tasks": [task(passes=2)]},
        {"tasks": [task(place=place("lobby"))]},
        {"tasks": [task(place=place("plaza", relation="near"))]},
        {"tasks": [task(place=place("plaza", distance=3))]},
        {"tasks": [task(**{"except": [place("pond")]})]},
    ],
)
def test_what_differs_is_wrong(wrong):
    assert not right({"intent": "clean", "status": "ready", "tasks": [TASK], **wrong})


def test_a_list_in_a_slot_accepts_any_of_it():
    assert right({"intent": ["none", "clean"], "status": ["ready", "ask"]})
    accepted = task(action=["vacuum", "sweep"], place=place("plaza", relation=["in", "along"]))
    assert right({"tasks": [accepted]})
    assert right({"tasks": [task(place={"relation": "in", "landmarks": [["last"], ["plaza"]]})]})


def test_an_absent_key_is_not_compared():
    assert right({"intent": "clean"})
    assert right({"tasks": [{"action": "sweep"}]})


def test_the_order_of_exceptions_and_of_two_landmarks_means_nothing():
    got = task(place=place("a", "b", relation="between"), **{"except": [place("x"), place("y")]})
    want = task(place=place("b", "a", relation="between"), **{"except": [place("y"), place("x")]})
    assert right({"tasks": [want]}, {**GOT, "tasks": [got]})


def test_the_order_of_tasks_matters():
    one, two = task(), task(action="mop")
    assert not right({"tasks": [two, one]}, {**GOT, "tasks": [one, two]})


def test_tasks_are_not_compared_where_another_status_is_accepted_too():
    got = {"intent": "clean", "status": "ask", "tasks": []}
    assert right({"status": ["ready", "ask"], "tasks": [TASK]}, got)
