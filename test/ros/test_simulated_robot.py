"""The planner drives the simulated robot, whose wheels have a real following error."""

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from nav_msgs.msg import OccupancyGrid
from processes import until
from ros_client import LATCHED
from shapely.geometry import Point, box

from nl_planner.ros.conversions import duration_from_ros, map_from_ros, path_from_ros
from nl_planner_msgs.action import ExecuteInstruction

RIVERSIDE = Path(__file__).parents[2] / "maps" / "riverside.site.yaml"
LATE = 60.0  # s of the robot's time, which runs twenty times as fast
Result = ExecuteInstruction.Result


@pytest.fixture
def cleaned(client):
    """The share of an area that the simulated robot's tool went over, as that robot has it."""
    grids = []
    subscription = client.create_subscription(OccupancyGrid, "/cleaned", grids.append, LATCHED)

    def share(area):
        seen = len(grids)
        until(lambda: len(grids) > seen + 1, what="the cleaned ground")
        grid = map_from_ros(grids[-1])
        rows, columns = np.indices(grid.cells.shape)
        inside = shapely.contains_xy(area, *grid.middle(rows, columns))
        return float((grid.cells[inside] == 100).mean())

    yield share
    client.destroy_subscription(subscription)


def test_a_place_is_clean_in_the_end(start, client, cleaned):
    start.simulated_robot([1.0, 1.0, 0.0])
    start.planner(use_sim_time=True, position_timeout=LATE)
    result = client.say("扫西区").result(120)
    assert result.outcome == Result.DONE
    reach = box(0.3, 0.3, 7.7, 4.7).buffer(0.25).intersection(box(0, 0, 3, 4))
    assert cleaned(reach) >= 0.98
    assert result.covered >= 0.98
    assert result.covered == pytest.approx(cleaned(reach), abs=0.005)  # it counts what is so
    driven = sum(math.dist(a[:2], b[:2]) for a, b in pairwise(path_from_ros(result.path)))
    assert duration_from_ros(result.duration) > driven / 0.8  # the robot's time, at its top speed


@pytest.mark.model
def test_the_first_sentence_with_the_real_model(start, client, cleaned):
    start.site = RIVERSIDE
    start.simulated_robot([25.0, 55.0, 0.0])
    start.planner(real_model=True, use_sim_time=True, position_timeout=LATE)
    said = client.say("一号楼门前有个可乐瓶，你来扫一扫")
    result = said.result(200)
    assert result.outcome == Result.DONE, result.reply
    (task,) = json.loads(result.task)["tasks"]
    assert (task["action"], task["object"]) == ("sweep", "cola_bottle")
    assert task["place"]["landmarks"] == ["building_1"]
    assert cleaned(Point(17.6, 56.4).buffer(0.6)) >= 0.98
