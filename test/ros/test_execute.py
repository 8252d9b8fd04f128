"""Text in, path driven: client, planner and robot are three processes over real DDS."""

import json
import math
from itertools import pairwise

import pytest
import shapely
from action_msgs.msg import GoalStatus
from geometry_msgs.msg import PointStamped
from processes import until
from shapely.geometry import box
from std_msgs.msg import String

from nl_planner.ros.conversions import heard_to_ros
from nl_planner.speech import Heard
from nl_planner_msgs.action import ExecuteInstruction
from nl_planner_msgs.srv import Understand

Result, Feedback = ExecuteInstruction.Result, ExecuteInstruction.Feedback
WEST = box(0, 0, 3, 4)
STEP = 0.12  # m, in which the scripted robot moves: so far before a wall it stands


def covered(client, region, without=None):
    """The share of what the tool can reach of a region that it went over."""
    room = box(0.3, 0.3, 7.7, 4.7)
    if without is not None:
        room = room.difference(without)
    reach = room.buffer(0.24).intersection(region)
    swept = shapely.union_all([line.buffer(0.25) for line in client.tool_lines()])
    return swept.intersection(reach).area / reach.area


def working(client, said, metres=3.0):
    """Wait until it has worked that far."""
    until(lambda: said.stage == Feedback.WORKING and client.metres() > metres, what="work")


def test_words_are_driven_until_the_place_is_clean(hall):
    said = hall.say("扫西区")
    result = said.result()
    assert result.outcome == Result.DONE
    assert said.status == GoalStatus.STATUS_SUCCEEDED
    assert covered(hall, WEST) >= 0.98
    assert result.covered >= 0.98
    assert result.covered_area == pytest.approx(12, abs=1)
    assert len(result.path.poses) > 10
    assert json.loads(result.task)["tasks"][0]["place"]["landmarks"] == ["west"]
    assert Feedback.WORKING in {feedback.stage for feedback in said.feedback}
    assert said.feedback[-1].progress > 0.9
    assert said.feedback[-1].task_count == 1
    until(lambda: hall.replies[-1:] == [result.reply], what="the reply")


def test_a_question_is_answered_and_then_it_drives(hall):
    asked = hall.say("扫一下西区旁边的那个").result()
    assert asked.outcome == Result.ASKED
    assert asked.reply.endswith("？")
    assert hall.metres() == 0
    said = hall.say("就是西区")
    working(hall, said)
    assert json.loads(said.feedback[-1].task)["place"]["landmarks"] == ["west"]


def test_speech_that_may_mean_something_else_is_asked_first(hall):
    heard = Heard("扫西区", "扫西区", "zh", 0.9, 0.0, 1.0, rivals=(("扫东区", 0.4),))
    hall.heard.publish(heard_to_ros(heard))
    until(lambda: "扫西区" in "".join(hall.replies), what="the question")
    assert hall.metres() == 0
    said = hall.say("好的")
    working(hall, said)
    assert json.loads(said.feedback[-1].task)["place"]["landmarks"] == ["west"]


def test_what_the_machine_cannot_do_is_refused_and_nothing_moves(hall):
    said = hall.say("拖西区")
    assert said.result().outcome == Result.REFUSED
    assert "拖地" in said.result().reply
    assert hall.metres() == 0


def test_cancel_in_mid_path_stops_the_robot(hall):
    hall.script(speed=0.8)
    said = hall.say("扫西区")
    working(hall, said, 0.5)
    before = hall.metres()
    said.cancel()
    result = said.result(10)
    assert result.outcome == Result.CANCELLED
    assert said.status == GoalStatus.STATUS_CANCELED
    assert result.covered > 0
    until(lambda: hall.stands(0.5), what="standing still")
    assert hall.metres() - before < 0.8 * 0.5  # half a second at 0.8 m/s


def test_cancel_answers_while_the_model_reads(hall):
    said = hall.say("慢慢地看东区")
    until(lambda: said.feedback, what="reading")
    said.cancel()
    assert said.result().outcome == Result.CANCELLED
    assert not hall.understood  # the stand-in still reads
    until(lambda: hall.understood, what="the end of reading")
    assert hall.metres() == 0


def test_pause_and_resume(hall):
    said = hall.say("扫西区")
    working(hall, said, 4)
    assert hall.trigger("pause").success
    until(lambda: said.stage == Feedback.PAUSED, what="the pause")
    until(lambda: hall.stands(0.5), what="standing still")
    assert not said.over
    assert hall.trigger("resume").success
    result = said.result()
    assert result.outcome == Result.DONE
    assert covered(hall, WEST) >= 0.98
    tool = sum(line.length for line in hall.tool_lines())
    assert tool < 1.05 * sum(map(length, [result.path]))


def length(path):
    at = [(pose.pose.position.x, pose.pose.position.y) for pose in path.poses]
    return sum(math.dist(a, b) for a, b in pairwise(at))


def test_a_blocked_swath_is_passed_over_and_reported(hall):
    wall = [1.0, 1.5, 2.0, 2.5]
    hall.script(wall=wall, speed=4.0)
    result = hall.say("扫西区").result()
    assert result.outcome == Result.BLOCKED
    assert result.left_out
    assert "挡" in result.left_out[0]
    assert covered(hall, WEST, without=box(*wall).buffer(STEP)) >= 0.97


def test_a_blocked_swath_that_comes_free_is_done_in_the_end(hall):
    hall.script(wall=[1.2, 1.7, 1.8, 2.2], speed=4.0)  # time to take the wall away before its end
    said = hall.say("扫西区")
    until(lambda: hall.metres() > 18, what="most of the way")
    hall.script(wall=None)
    assert said.result().outcome == Result.DONE
    assert covered(hall, WEST) >= 0.98


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ({"next": ["reject"]}, "不接受"),
        ({"next": ["", "abort:102"]}, "不知道自己在哪"),
        ({"next": ["freeze"]}, "没有动静"),
        ({"tf": False}, "不知道自己在哪"),
        ({"at": [30.0, 30.0, 0.0]}, "不在地图"),
    ],
    ids=["rejects", "aborts", "stands still", "position stale", "off the map"],
)
def test_each_trouble_of_navigation_has_an_outcome_and_a_sentence(hall, script, words):
    hall.script(**script)
    if "tf" in script or "at" in script:
        until(lambda: hall.position_is_stale() if "tf" in script else (hall.at or [0])[0] == 30.0)
    said = hall.say("扫西区")
    result = said.result()
    assert result.outcome == Result.FAILED
    assert said.status == GoalStatus.STATUS_ABORTED
    assert words in result.reply


def test_after_a_trouble_go_on_takes_it_up_again(hall):
    hall.script(next=["reject"])
    assert hall.say("扫西区").result().outcome == Result.FAILED
    working(hall, hall.say("继续"))


def test_work_said_meanwhile_waits_its_turn(hall):
    first = hall.say("扫西区")
    working(hall, first, 1)
    second = hall.say("去东区")
    assert first.result().outcome == Result.DONE
    assert second.result().outcome == Result.DONE
    until(lambda: hall.at[0] > 5, what="the robot in the east")


def test_stop_said_by_another_ends_the_job(hall):
    said = hall.say("扫西区")
    working(hall, said, 2)
    hall.instruction.publish(String(data="停"))
    assert said.result(20).outcome == Result.CANCELLED
    assert said.status == GoalStatus.STATUS_ABORTED


@pytest.mark.parametrize("way", ["service", "words"])
def test_with_confirm_it_drives_only_after_a_yes(hall, way):
    said = hall.say("扫西区", confirm="always")
    until(lambda: said.stage == Feedback.CONFIRMING, what="the question")
    assert said.feedback[-1].question.endswith("？")
    assert hall.metres() == 0
    if way == "service":
        assert hall.trigger("confirm").success
    else:
        hall.say("好的").result()
    working(hall, said)


def test_a_dry_run_gives_the_path_and_moves_nothing(hall):
    result = hall.say("扫西区", dry_run=True).result()
    assert result.outcome == Result.DONE
    assert len(result.path.poses) > 10
    assert hall.metres() == 0


def test_understand_moves_nothing_and_remembers_nothing(hall):
    request = Understand.Request(text="扫西区", operator_position=[PointStamped()])
    response = hall.call(hall.understand_client, request)
    assert json.loads(response.understanding)["status"] == "ready"
    assert "西区" in response.reply
    assert hall.metres() == 0


def test_nothing_to_pause_is_said(hall):
    answer = hall.trigger("pause")
    assert not answer.success
    assert answer.message
