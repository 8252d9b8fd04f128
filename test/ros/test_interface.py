"""What the running node shows on the graph is what docs/ros.md and the SROS 2 policy say."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from processes import until

from nl_planner.ros.recorder import TOPICS

ROOT = Path(__file__).parents[2]
POLICY = ET.parse(ROOT / "config" / "sros2_policy.xml").getroot()
SERVED_BY_ROS = re.compile(r"/_action/|/(describe|list|get|set)_|/change_state|/transition_event")
OF_ROS = {"/rosout", "/parameter_events", "/clock", "/diagnostics", "/tf", "/tf_static"}


def granted(enclave, tag, way):
    """The names, absolute, that an enclave may use in a way (publish, reply, call, ...)."""
    profile = POLICY.find(f"enclaves/enclave[@path='{enclave}']/profiles/profile")
    ours = f"{profile.get('ns')}{profile.get('node')}"
    names = [
        one.text for group in profile.findall(tag) if group.get(way) == "ALLOW" for one in group
    ]
    return {absolute(name, ours) for name in names}


def absolute(name, ours):
    """A name of the node called ``ours`` in full."""
    return {"~": f"{ours}{name[1:]}", "/": name}.get(name[0], f"/{name}")


@pytest.fixture(scope="module")
def graph(both, client):
    """What the active node publishes, subscribes to, serves and calls: names to types."""
    until(lambda: names(client.get_publisher_names_and_types_by_node), what="the graph")
    return {
        "publish": names(client.get_publisher_names_and_types_by_node),
        "subscribe": names(client.get_subscriber_names_and_types_by_node),
        "reply": names(client.get_service_names_and_types_by_node),
        "request": names(client.get_client_names_and_types_by_node),
    }


def names(ask):
    return {name: types[0] for name, types in ask("nl_planner", "/")}


def plain(found):
    """Without the topics and services that actions are made of."""
    return {name for name in found if "/_action/" not in name}


def actions(found):
    return {name.split("/_action/")[0] for name in found if "/_action/" in name}


def test_the_policy_allows_what_the_node_does_and_no_more(graph):
    own = "/nl_planner"
    assert plain(graph["publish"]) <= granted(own, "topics", "publish")
    assert plain(graph["subscribe"]) <= granted(own, "topics", "subscribe")
    assert plain(graph["reply"]) <= granted(own, "services", "reply")
    assert plain(graph["request"]) <= granted(own, "services", "request")
    assert actions(graph["reply"]) == granted(own, "actions", "execute")
    assert actions(graph["request"]) == granted(own, "actions", "call")
    assert granted(own, "topics", "publish") == plain(graph["publish"])
    assert granted(own, "services", "reply") - plain(graph["reply"]) == set()
    recorded = {absolute(name, "/nl_planner") for name in TOPICS}
    assert recorded <= granted(own, "topics", "subscribe")
    # simulated time is heard when it is used
    beside = {"/clock", "/parameter_events"} | recorded
    assert granted(own, "topics", "subscribe") - plain(graph["subscribe"]) <= beside


def test_an_operator_may_use_what_is_for_people(graph):
    own, operator = "/nl_planner", "/nl_planner_operator"
    assert granted(operator, "actions", "call") == granted(own, "actions", "execute")
    assert granted(operator, "services", "request") <= granted(own, "services", "reply")
    heard = granted(operator, "topics", "subscribe") - OF_ROS
    assert heard == {name for name in granted(own, "topics", "publish") if own in name} - {
        "/nl_planner/transition_event"
    }


def test_the_interface_table_is_the_interface(graph):
    text = (ROOT / "docs" / "ros.md").read_text("utf-8")
    table = text[text.index("| name | type | what |") :].split("\n\n")[0].splitlines()[2:]
    written = {}
    for line in table:
        left, kind, _ = (cell.strip() for cell in line.split("|")[1:4])
        for name in re.findall(r"`([^`]+)`", left):
            path = name.replace("~", "/nl_planner") if name[0] in "~/" else f"/{name}"
            written[path] = re.sub(r", latched$", "", kind)
    shown = {}
    for word, way in (("pub", "publish"), ("sub", "subscribe"), ("srv", "reply")):
        for name, of_type in graph[way].items():
            if not SERVED_BY_ROS.search(name):
                shown.setdefault(name, set()).add(f"{word} {re.sub('/(msg|srv)/', '/', of_type)}")
    for name in actions(graph["reply"]):
        shown[name] = {"action nl_planner_msgs/ExecuteInstruction"}
    for name in actions(graph["request"]):
        action_type = graph["request"][f"{name}/_action/send_goal"].removesuffix("_SendGoal")
        shown[name] = {f"action client {action_type.replace('/action/', '/')}"}
    left_out = {"/rosout", "/parameter_events", "/clock"}
    assert shown.keys() - left_out == written.keys()
    assert {name: kind for name, kind in written.items() if kind not in shown[name]} == {}
