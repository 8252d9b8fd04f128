"""Text in, path driven: client, planner and robot are three processes over real DDS."""

import pytest
import shapely
from shapely.geometry import box

from nl_planner_msgs.action import ExecuteInstruction

Result, Feedback = ExecuteInstruction.Result, ExecuteInstruction.Feedback
WEST = box(0, 0, 4, 5).intersection(box(0.05, 0.05, 9.95, 5.95))


def covered(client, region, since=0):
    """The share of what the tool can reach of a region that it went over."""
    reach = box(0.3, 0.3, 9.7, 5.7).buffer(0.25).intersection(region)
    swept = shapely.union_all([line.buffer(0.25) for line in client.tool_lines(since)])
    return swept.intersection(reach).area / reach.area


def test_words_are_driven_until_the_place_is_clean(start, client):
    start.robot()
    start.planner()
    said = client.say("扫西区")
    result = said.result()
    assert result.outcome == Result.DONE
    assert covered(client, WEST) >= 0.98
    assert result.covered >= 0.98
    assert result.covered_area == pytest.approx(20, abs=1)
    assert len(result.path.poses) > 10
    assert {Feedback.APPROACHING, Feedback.WORKING} & {f.stage for f in said.feedback}
    assert said.feedback[-1].progress > 0.9
    assert client.replies[-1] == result.reply
