"""Nav2's parameters for a site's robot in its world, from the package's own file of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely
import yaml
from shapely.geometry import Polygon

from nl_planner.errors import ExportError
from nl_planner.site.gazebo.export import GazeboWorld
from nl_planner.site.model import Robot

INFLATION = 0.3  # m beyond the robot's radius


def write_nav2_parameters(template: Path, robot: Robot, world: GazeboWorld) -> Path:
    """Fill size, speed, start and map into ``template``; writes and returns nav2.yaml of the world.

    Raises:
        ExportError: the template is not a file of Nav2's parameters, or nothing can be written.
    """
    path = world.world.with_name("nav2.yaml")
    try:
        parameters = yaml.safe_load(template.read_text("utf-8"))
        _fill_in(parameters, robot, world)
        path.write_text(yaml.safe_dump(parameters, sort_keys=False), encoding="utf-8")
    except OSError as error:
        raise ExportError(f"{error.filename}: {error.strerror}") from error
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ExportError(
            f"{template}: not a file of Nav2's parameters as config/nav2.yaml is one: {error!r}"
        ) from error
    return path


def _fill_in(parameters: dict[str, Any], robot: Robot, world: GazeboWorld) -> None:
    def of(*names: str) -> dict[str, Any]:
        found: Any = parameters
        for name in names:
            found = found[name]
        values: dict[str, Any] = found["ros__parameters"]
        return values

    of("map_server")["yaml_filename"] = str(world.map)
    of("keepout_mask_server")["yaml_filename"] = str(world.keepout_mask)
    x, y, yaw = world.spawn
    of("amcl")["initial_pose"] = {"x": x, "y": y, "z": 0.0, "yaw": yaw}
    follow = of("controller_server")["FollowPath"]
    follow["desired_linear_vel"] = follow["max_linear_vel"] = robot.max_speed
    smoother = of("velocity_smoother")
    smoother["max_velocity"][0], smoother["min_velocity"][0] = robot.max_speed, -robot.max_speed
    for costmap in ("local_costmap", "global_costmap"):
        values = of(costmap, costmap)
        cell = values["resolution"]
        if robot.footprint is None:
            values["robot_radius"] = round(robot.radius - cell, 3)
        else:
            values.pop("robot_radius", None)
            values["footprint"] = _written(robot.footprint, cell)
        values["inflation_layer"]["inflation_radius"] = round(robot.radius + INFLATION, 3)


def _written(footprint: tuple[tuple[float, float], ...], margin: float) -> str:
    """The footprint, smaller by ``margin`` (m) all round, as Nav2 reads it from a string."""
    smaller = shapely.buffer(Polygon(footprint), -margin, join_style="mitre")
    corners = shapely.get_coordinates(smaller)[:-1].round(3).tolist()
    return "[" + ", ".join(f"[{x}, {y}]" for x, y in corners) + "]"
