"""Writes the world of a site into a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from nl_planner.errors import ExportError
from nl_planner.site.gazebo.bridge import bridge_yaml
from nl_planner.site.gazebo.nav2_map import keepout_mask, world_map, write_map
from nl_planner.site.gazebo.sdf import document
from nl_planner.site.gazebo.standing import open_spot
from nl_planner.site.gazebo.sweeper import build_of, sweeper_model
from nl_planner.site.gazebo.world import extent_of, world_element
from nl_planner.site.model import Site
from nl_planner.site.occupancy import read_map


@dataclass(frozen=True)
class GazeboWorld:
    """The files of a world, and where its robot starts.

    ``name`` is the world's own; ``spawn`` is (x, y, yaw) in the map frame (m, rad).
    ``lidar_height`` and ``imu_height`` (m) are over the ground: both are right above base_link.
    """

    name: str
    world: Path
    robot: Path
    bridge: Path
    map: Path
    keepout_mask: Path
    spawn: tuple[float, float, float]
    lidar_height: float
    imu_height: float


def export_gazebo(site: Site, folder: Path) -> GazeboWorld:
    """Write world.sdf, sweeper.sdf, bridge.yaml, map.yaml and keepout_mask.yaml into ``folder``.

    Raises:
        NoSpaceError: the robot fits nowhere.
        ExportError: the folder cannot be written.
    """
    grid = None if site.occupancy is None else read_map(site.occupancy)
    name = re.sub(r"\W+", "_", site.source.name.split(".")[0] if site.source else "site")
    x, y = open_spot(site)
    spawn = (round(x, 3), round(y, 3), 0.0)
    made_of = site.source.name if site.source else site.name[0]
    note = f"Made of {made_of} by nl-planner site export-gazebo; changes here are lost."
    plan = world_map(site, grid, extent_of(site))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        world, robot = folder / "world.sdf", folder / "sweeper.sdf"
        world.write_text(document([world_element(site, grid, name, spawn)], note), encoding="utf-8")
        robot.write_text(document([sweeper_model(site.robot)], note), encoding="utf-8")
        bridge = folder / "bridge.yaml"
        bridge.write_text(bridge_yaml(), encoding="utf-8")
        _, map_file = write_map(plan, folder, "map")
        _, mask = write_map(keepout_mask(site, plan), folder, "keepout_mask")
    except OSError as error:
        raise ExportError(f"{folder}: cannot be written: {error.strerror}") from error
    build = build_of(site.robot)
    return GazeboWorld(
        name, world, robot, bridge, map_file, mask, spawn, build.scanner, build.clearance
    )
