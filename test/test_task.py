import json

import pytest
from pydantic import ValidationError

from nl_planner.task import Action, Intent, Place, Relation, Status, Task, Understanding

CONTRACT = {
    "intent": "clean",
    "status": "ready",
    "tasks": [
        {
            "action": "sweep",
            "object": "cola_bottle",
            "place": {"relation": "in_front_of", "landmarks": ["building_1"], "distance": None},
            "except": [{"relation": "in", "landmarks": ["flower_bed"], "distance": None}],
            "passes": 1,
        }
    ],
    "question": None,
    "options": [],
    "reason": None,
    "confidence": 0.97,
}


def test_the_example_of_the_contract_is_read_and_written_unchanged():
    assert Understanding.model_validate(CONTRACT).to_json() == CONTRACT


def test_it_is_json_with_chinese_in_it():
    asked = Understanding(
        intent="clean", status="ask", question="哪一个？", options=("东门", "西门")
    )
    assert json.loads(json.dumps(asked.to_json()))["options"] == ["东门", "西门"]


def test_between_takes_two_landmarks_and_all_others_one():
    Place(relation=Relation.BETWEEN, landmarks=("a", "b"))
    for relation, landmarks in ((Relation.BETWEEN, ("a",)), (Relation.IN, ("a", "b"))):
        with pytest.raises(ValidationError, match="landmark"):
            Place(relation=relation, landmarks=landmarks)


@pytest.mark.parametrize("status", [Status.ASK, Status.REFUSE])
def test_nothing_moves_unless_it_is_ready(status):
    task = Task(action=Action.SWEEP, place=Place(relation=Relation.IN, landmarks=("site",)))
    with pytest.raises(ValidationError, match="carries no tasks"):
        Understanding(intent="clean", status=status, tasks=(task,), question="?", reason="!")


def test_a_question_and_a_refusal_need_their_words():
    with pytest.raises(ValidationError, match="needs a question"):
        Understanding(intent=Intent.CLEAN, status=Status.ASK)
    with pytest.raises(ValidationError, match="needs a reason"):
        Understanding(intent=Intent.CLEAN, status=Status.REFUSE)


@pytest.mark.parametrize("wrong", [{"distance": -1}, {"part": "top"}, {"relation": "over"}])
def test_wrong_values_of_a_place_are_refused(wrong):
    with pytest.raises(ValidationError):
        Place.model_validate({"relation": "near", "landmarks": ["a"], **wrong})
