"""The types that are typed again are, on the wire, those of the real packages."""

import json
from pathlib import Path

import pytest
from ros_environment import PREFIX

HASHES = {  # of builds of nav2_msgs, tf2_msgs and vision_msgs for Jazzy
    "nav2_msgs/action/FollowPath": (
        "9d95513552fb578cfb933d7e0160273911269cbdf4b348f1acb87d8a903b13cf"
    ),
    "nav2_msgs/action/NavigateToPose": (
        "a56dba8a3234a1215e610180dc703ae25bbf406dded8b54887891c9732857eab"
    ),
    "tf2_msgs/msg/TFMessage": "e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087",
    "vision_msgs/msg/Detection3D": (
        "ddd703be132ab0b69d33121f1bb034132bfbb3b0ac5f9fb1516005ba1c8a265b"
    ),
}


@pytest.mark.parametrize("name", HASHES)
def test_type_hash_is_that_of_the_real_package(name):
    described = json.loads(Path(PREFIX, "share", f"{name}.json").read_text())
    hashes = {entry["type_name"]: entry["hash_string"] for entry in described["type_hashes"]}
    assert hashes[name] == f"RIHS01_{HASHES[name]}"
