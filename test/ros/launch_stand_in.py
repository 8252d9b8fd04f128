"""A stand-in for ROS's packages launch and launch_ros, which pip does not have.

It runs a launch file far enough to tell what would be started: it takes the arguments, evaluates
conditions and functions, follows includes, and prints each node as a JSON line. It starts nothing
and knows only what our launch files use. run_launch.py does the same with the real packages.

    python launch_stand_in.py FILE [NAME:=VALUE ...]
"""

import json
import runpy
import sys
import types
from pathlib import Path

MISSING = object()
ABSENT = ("ros_gz_sim",)  # packages whose launch files are not here: their include is only noted


class LaunchConfiguration:
    def __init__(self, name):
        self.name = name

    def perform(self, context):
        return context[self.name]


class LaunchDescription:
    def __init__(self, entities):
        self.entities = list(entities)


class DeclareLaunchArgument:
    def __init__(self, name, *, default_value=MISSING, description):
        self.name, self.default_value, self.description = name, default_value, description

    def visit(self, context):
        assert self.description
        if self.name not in context:
            if self.default_value is MISSING:
                raise RuntimeError(f"{self.name}:= is needed")
            context[self.name] = said(self.default_value, context)
        yield {"argument": self.name, "description": self.description}


class OpaqueFunction:
    def __init__(self, *, function):
        self.function = function

    def visit(self, context):
        for entity in self.function(context) or []:
            yield from entity.visit(context)


class PythonLaunchDescriptionSource:
    def __init__(self, path):
        self.path = path


class IncludeLaunchDescription:
    def __init__(self, source, *, launch_arguments=()):
        self.source, self.launch_arguments = source, launch_arguments

    def visit(self, context):
        # As in launch: what is given to an included file is known to all that come after it.
        given = {name: said(value, context) for name, value in self.launch_arguments}
        context.update(given)
        if Path(self.source.path).parts[-3] in ABSENT:
            yield {"include": self.source.path, "arguments": given}
        else:
            yield from started(self.source.path, context)


class IfCondition:
    def __init__(self, predicate):
        self.predicate = predicate

    def evaluate(self, context):
        return {"true": True, "1": True, "false": False, "0": False}[
            said(self.predicate, context).lower()
        ]


class Node:
    def __init__(
        self,
        *,
        package,
        executable,
        name=None,
        namespace=None,
        parameters=(),
        arguments=(),
        ros_arguments=(),
        remappings=(),
        condition=None,
        output=None,
        emulate_tty=False,
        respawn=False,
        respawn_delay=0.0,
        sigterm_timeout="5",
    ):
        assert isinstance(respawn, bool)
        assert output in (None, "screen", "log", "both")
        self.condition = condition
        self.written = {
            "package": package,
            "executable": executable,
            "name": name,
            "namespace": namespace,
            "parameters": parameters,
            "arguments": arguments,
            "ros_arguments": ros_arguments,
            "remappings": remappings,
            "respawn": respawn,
        }

    def visit(self, context):
        if self.condition is None or self.condition.evaluate(context):
            yield said(self.written, context)


def said(value, context):
    """The value with each LaunchConfiguration in it replaced by what it stands for."""
    if isinstance(value, LaunchConfiguration):
        return value.perform(context)
    if isinstance(value, dict):
        return {key: said(one, context) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [said(one, context) for one in value]
    return value


def started(path, context):
    """What a launch file declares and starts, in order."""
    for entity in runpy.run_path(str(path))["generate_launch_description"]().entities:
        yield from entity.visit(context)


MODULES = {
    "launch": [LaunchDescription],
    "launch.actions": [DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction],
    "launch.conditions": [IfCondition],
    "launch.launch_description_sources": [PythonLaunchDescriptionSource],
    "launch.substitutions": [LaunchConfiguration],
    "launch_ros": [],
    "launch_ros.actions": [Node],
}

if __name__ == "__main__":
    for module_name, members in MODULES.items():
        module = types.ModuleType(module_name)
        for member in members:
            setattr(module, member.__name__, member)
        sys.modules[module_name] = module
    for entry in started(sys.argv[1], dict(word.split(":=", 1) for word in sys.argv[2:])):
        print(json.dumps(entry))
