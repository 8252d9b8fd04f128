"""Messages to values and back."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from std_msgs.msg import String

from nl_planner.errors import BadInputError
from nl_planner.execution import LeftOut, Outcome, Report
from nl_planner.execution.ticket import Instruction, Ticket
from nl_planner.ros import conversions as c
from nl_planner.ros.markers import markers_to_ros
from nl_planner.site import Detection
from nl_planner.site.occupancy import OccupancyMap
from nl_planner.speech import Heard
from nl_planner.task import Intent, Place, Relation, Status, Task, Understanding

metres = st.floats(-1e4, 1e4)
angles = st.floats(-math.pi + 1e-6, math.pi - 1e-6)
poses = st.tuples(metres, metres, angles)
UNDERSTOOD = Understanding(
    intent=Intent.CLEAN,
    status=Status.READY,
    tasks=(
        Task(
            action="sweep",
            object="leaf",
            place=Place(relation=Relation.NEAR, landmarks=("plaza",), distance=2.0),
            except_places=(Place(relation=Relation.IN, landmarks=("pond",)),),
            passes=2,
        ),
    ),
    confidence=0.75,
)


@given(poses)
def test_pose(pose):
    assert c.pose_from_ros(c.pose_to_ros(pose, "map")) == pytest.approx(pose, abs=1e-9)


@given(angles)
def test_yaw(yaw):
    assert c.yaw_from_ros(c.yaw_to_ros(yaw)) == pytest.approx(yaw, abs=1e-9)


@given(st.tuples(metres, metres))
def test_point(point):
    message = c.point_to_ros(point, "odom")
    assert message.header.frame_id == "odom"
    assert c.point_from_ros(message) == point


def test_what_was_heard():
    heard = Heard("扫西区", "扫洗区", "zh", 0.7, 1.0, 2.5, rivals=(("扫东区", 0.4),))
    assert c.heard_from_ros(c.heard_to_ros(heard)) == heard


@pytest.mark.parametrize(
    ("text", "told"),
    [("扫西区", "what was heard"), ("[]", "what was heard"), ('{"text": 3}', "text")],
)
def test_what_is_no_hearing_says_where(text, told):
    with pytest.raises(BadInputError, match=told):
        c.heard_from_ros(String(data=text))


@given(st.lists(poses, max_size=20))
def test_path(rows):
    path = np.array(rows, float).reshape(-1, 3)
    assert np.allclose(c.path_from_ros(c.path_to_ros(path, "map")), path)


@given(
    st.integers(1, 9), st.integers(1, 9), st.integers(0, 10**6), st.sampled_from([0.02, 0.05, 0.1])
)
def test_map(rows, columns, seed, resolution):
    cells = np.random.default_rng(seed).integers(-1, 101, (rows, columns)).astype(np.int8)
    grid = OccupancyMap(cells, resolution, (1.5, -2.0, 0.25))
    back = c.map_from_ros(c.map_to_ros(grid, "map"))
    assert np.array_equal(back.cells, cells)
    assert back.resolution == resolution
    assert back.origin == pytest.approx(grid.origin)


@given(st.floats(0, 1e6))
def test_duration_and_stamp(seconds):
    assert c.duration_from_ros(c.duration_to_ros(seconds)) == pytest.approx(seconds, abs=1e-6)
    assert c.seconds_from_ros(c.seconds_to_ros(seconds)) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize("understood", [UNDERSTOOD, None])
def test_understanding(understood):
    assert c.understanding_from_ros(c.understanding_to_ros(understood)) == understood


@pytest.mark.parametrize("operator", [None, (3.0, 4.5)])
def test_instruction(operator):
    said = Instruction("扫广场", "zh", "doubt", True, operator)
    assert c.instruction_from_ros(c.instruction_to_ros(said, "map")) == said


def test_report():
    path = np.array([[0, 0, 0], [1, 0, 0.5]], float)
    left = LeftOut((1.0, 2.0), 0.4, "挡住了")
    report = Report(Outcome.BLOCKED, "好", UNDERSTOOD, 0.5, 12.0, 61.5, path, (left,))
    back = c.report_from_ros(c.report_to_ros(report, "map"))
    assert (back.outcome, back.reply, back.understanding) == (Outcome.BLOCKED, "好", UNDERSTOOD)
    assert (back.covered, back.covered_area, back.duration) == (0.5, 12.0, 61.5)
    assert np.allclose(back.path, path)
    assert [each.why for each in back.left_out] == ["挡住了"]


def test_every_outcome_is_numbered_as_in_the_action():
    for outcome in Outcome:
        assert getattr(c.ExecuteInstruction.Result, outcome.name) == outcome


def test_feedback_of_a_ticket_that_is_read():
    told = []
    ticket = Ticket(Instruction("扫广场"), changed=told.append)
    ticket.tell("好", "开始吗？", ("对", "不对"))
    feedback = c.feedback_to_ros(told[0])
    assert feedback.stage == feedback.UNDERSTANDING
    assert (feedback.reply, feedback.question) == ("好", "开始吗？")
    assert list(feedback.options) == ["对", "不对"]


@given(
    st.lists(
        st.builds(
            Detection,
            st.sampled_from(["leaf", "cola_bottle"]),
            st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)),
            st.floats(0.01, 1),
            st.floats(0.01, 2),
            st.floats(0.01, 2),
        ),
        max_size=5,
    )
)
def test_detections(found):
    back = c.detections_from_ros(c.detections_to_ros(found, "map", c.seconds_to_ros(1.5)))
    for one, other in zip(found, back, strict=True):
        assert (one.class_id, one.at) == (other.class_id, other.at)
        assert other.confidence == pytest.approx(one.confidence)
        assert other.radius == pytest.approx(one.radius)
        assert other.uncertainty == pytest.approx(one.uncertainty)


def test_markers_show_every_landmark_keepout_and_thing(riverside):
    path = np.array([[0, 0, 0], [5, 5, 0]], float)
    region = riverside.landmarks["plaza"].geometry
    shown = markers_to_ros(riverside, [region], path).markers
    texts = {marker.text for marker in shown if marker.text}
    assert {landmark.name() for landmark in riverside.landmarks.values()} <= texts
    assert {keepout.name() for keepout in riverside.keepouts.values()} <= texts
    assert sum(marker.ns == "objects" for marker in shown) == len(riverside.objects)
    (line,) = [marker for marker in shown if marker.ns == "path"]
    assert [(p.x, p.y) for p in line.points] == [(0, 0), (5, 5)]
    assert len({(marker.ns, marker.id) for marker in shown}) == len(shown)
