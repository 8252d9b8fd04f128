"""What a robot has to live through: killed processes, navigation that comes late, a life cycle."""

from pathlib import Path

import numpy as np
import yaml
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from nav_msgs.msg import OccupancyGrid
from processes import until
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import DescribeParameters, SetParameters
from ros_client import LATCHED
from shapely.geometry import LineString, box
from test_execute import WEST, covered, length
from visualization_msgs.msg import MarkerArray

from nl_planner.ros.conversions import map_to_ros, path_from_ros
from nl_planner.ros.parameters import PARAMETERS
from nl_planner.site.occupancy import OccupancyMap
from nl_planner_msgs.action import ExecuteInstruction

CONFIG = Path(__file__).parents[2] / "config" / "nl_planner.yaml"
Result = ExecuteInstruction.Result


def test_killed_in_mid_job_it_offers_to_go_on_and_drives_little_twice(start, client):
    start.robot(speed=4.0)
    planner = start.planner()
    said = client.say("扫西区")
    until(lambda: client.metres() > 12, what="half of the way")
    planner.kill()
    at_kill = len(client.driven)
    client.replies.clear()
    start.planner()
    until(lambda: client.replies, what="the offer")
    assert "要接着做吗" in client.replies[0]
    until(lambda: client.stands(0.5), what="standing still")
    result = client.say("好的").result()
    assert result.outcome == Result.DONE
    assert result.covered >= 0.98
    assert covered(client, WEST) >= 0.98
    tool = sum(line.length for line in client.tool_lines())
    assert tool < 1.1 * length(result.path)
    assert len(client.driven) > at_kill
    assert not said.over


def test_navigation_that_comes_late_is_waited_for(start, client):
    start.robot(1.0, 1.0, 10.0, "absent")
    start.planner(server_timeout=30.0)
    said = client.say("扫西区")
    until(lambda: any("我等着" in f.reply for f in said.feedback), what="saying that it waits")
    assert client.metres() == 0
    client.script(serve=True)
    assert said.result().outcome == Result.DONE
    assert covered(client, WEST) >= 0.98


def test_life_cycle(start, client):
    """Wrong parameters are told from right ones; deactivated, the robot stands; cleaned up, it can
    be configured again.
    """
    start.robot()
    start.planner(active=False, server_timeout=2.0)
    change = client.create_client(ChangeState, "/nl_planner/change_state")
    state = client.create_client(GetState, "/nl_planner/get_state")
    set_ = client.create_client(SetParameters, "/nl_planner/set_parameters")

    def go(transition):
        request = ChangeState.Request(transition=Transition(id=transition))
        return client.call(change, request, 60).success

    def set_to(name, **value):
        parameter = Parameter(name=name, value=ParameterValue(**value))
        return client.call(set_, SetParameters.Request(parameters=[parameter])).results[0]

    text, number = ParameterType.PARAMETER_STRING, ParameterType.PARAMETER_DOUBLE
    numbers = ParameterType.PARAMETER_DOUBLE_ARRAY
    for answer in (
        set_to("confirm", type=text, string_value="sometimes"),
        set_to("confirm_below", type=number, double_value=1.5),
        set_to("stall_timeout", type=number, double_value=-1.0),
        set_to("dock_pose", type=numbers, double_array_value=[1.0, 2.0]),
        set_to("dock_pose", type=text, string_value="there"),
        set_to("autostart", type=ParameterType.PARAMETER_BOOL, bool_value=True),
    ):
        assert not answer.successful
        assert answer.reason
    assert set_to("dock_pose", type=numbers, double_array_value=[7.0, 4.0, 0.0]).successful
    assert set_to("confirm", type=text, string_value="doubt").successful

    site = str(start.running[-1].log)  # a file, but none of a site
    right = str(start.site)
    assert set_to("site", type=text, string_value=site).successful
    assert not go(Transition.TRANSITION_CONFIGURE)
    errors = [s for array in client.diagnostics for s in array.status if s.level == b"\x02"]
    assert site in errors[-1].message
    assert set_to("site", type=text, string_value=right).successful
    assert go(Transition.TRANSITION_CONFIGURE)
    loading = [s for array in client.diagnostics for s in array.status if "loading" in s.message]
    assert {"0.00", "0.30"} <= {value.value for s in loading for value in s.values}
    fixed = set_to("site", type=text, string_value=right)
    assert "clean up first" in fixed.reason
    assert not client.trigger("cancel").success

    assert go(Transition.TRANSITION_ACTIVATE)
    markers = []
    client.create_subscription(MarkerArray, "/nl_planner/markers", markers.append, LATCHED)
    until(lambda: markers, what="the markers")
    assert {"landmarks", "landmarks_names"} <= {marker.ns for marker in markers[0].markers}
    until(lambda: client.planner_is_there(), what="the planner")
    said = client.say("扫西区")
    until(lambda: client.metres() > 3, what="work")
    assert go(Transition.TRANSITION_DEACTIVATE)
    assert said.result().outcome == Result.CANCELLED
    until(lambda: client.stands(0.5), what="standing still")
    assert go(Transition.TRANSITION_CLEANUP)
    now = client.call(state, GetState.Request()).current_state.id
    assert now == State.PRIMARY_STATE_UNCONFIGURED
    client.replies.clear()
    assert go(Transition.TRANSITION_CONFIGURE)
    assert go(Transition.TRANSITION_ACTIVATE)
    until(lambda: client.replies, what="the offer")
    assert client.trigger("resume").success
    until(lambda: any("做完了" in reply for reply in client.replies), 60, "the end of the job")


def test_every_parameter_is_described_and_in_the_file(start, client):
    start.planner(active=False)
    names = [declared.name for declared in PARAMETERS]
    describe = client.create_client(DescribeParameters, "/nl_planner/describe_parameters")
    request = DescribeParameters.Request(names=names)
    for described in client.call(describe, request).descriptors:
        assert described.description
    file = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    given = file["/**"]["ros__parameters"]
    assert given == {declared.name: declared.default for declared in PARAMETERS}


def test_the_map_is_planned_with_also_when_it_changes(start, client):
    publisher = client.create_publisher(OccupancyGrid, "/map", LATCHED)
    cells = np.zeros((50, 80), np.int8)
    cells[8:16, 56:64] = 100  # there before the planner is: 5.6..6.4, 0.8..1.6 m
    publisher.publish(map_to_ros(OccupancyMap(cells, 0.1), "map"))
    start.robot(speed=4.0)
    start.planner()
    path = LineString(path_from_ros(client.say("扫东区", dry_run=True).result().path)[:, :2])
    assert path.distance(box(5.6, 0.8, 6.4, 1.6)) > 0.28
    said = client.say("扫西区")
    until(lambda: client.metres() > 3, what="work")
    cells[16:22, 10:16] = 100
    publisher.publish(map_to_ros(OccupancyMap(cells, 0.1), "map"))
    client.script(wall=[1.0, 1.6, 1.6, 2.2])
    assert said.result().outcome == Result.DONE
    client.destroy_publisher(publisher)
