#!/usr/bin/env python3
"""Stands for an executable that a launch file starts: writes its command line down, and ends."""

import json
import os
import sys
import time
from pathlib import Path

import yaml

words = sys.argv[1:]
ours, ros = words, []
if "--ros-args" in words:
    ours, ros = words[: words.index("--ros-args")], words[words.index("--ros-args") + 1 :]
report = {
    "package": Path(sys.argv[0]).parent.name,
    "executable": Path(sys.argv[0]).name,
    "name": None,
    "namespace": None,
    "parameters": [],
    "arguments": ours,
    "ros_arguments": [],
    "remappings": [],
}
following = iter(ros)
for word in following:
    if word == "--ros-args":
        continue
    value = next(following)
    if word == "--params-file":
        # launch_ros writes the parameters that a launch file gives into a file of its own
        own = Path(value).name.startswith("launch_params_")
        read = yaml.full_load(Path(value).read_text("utf-8")) if own else value  # has tuples
        report["parameters"].append(next(iter(read.values()))["ros__parameters"] if own else value)
    elif word == "-r" and value.startswith("__node:="):
        report["name"] = value.removeprefix("__node:=")
    elif word == "-r" and value.startswith("__ns:="):
        report["namespace"] = value.removeprefix("__ns:=").lstrip("/")
    elif word == "-r":
        report["remappings"].append(value.split(":=", 1))
    else:
        report["ros_arguments"] += [word, value]
target = Path(os.environ["REPORT_STARTS"]) / f"{time.time_ns()}_{os.getpid()}.json"
target.write_text(json.dumps(report), encoding="utf-8")
