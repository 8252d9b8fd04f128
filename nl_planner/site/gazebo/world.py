"""The world: ground, light, what stands and lies there, as SDF."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import Polygon

from nl_planner.site.gazebo.litter import litter_model
from nl_planner.site.gazebo.map_walls import Rectangle, wall_rectangles
from nl_planner.site.gazebo.sdf import box, child, collision, extruded, plugin, visual
from nl_planner.site.gazebo.standing import (
    GROUND,
    SOLID,
    WALL_HEIGHT,
    Patch,
    Solid,
    patches,
    solids,
)
from nl_planner.site.model import Site
from nl_planner.site.occupancy import OccupancyMap

MARGIN = 10.0  # m of ground around the site
LOWEST, HIGHEST = 0.002, 0.02  # m: patches lie one above the other, so that none flickers


def world_element(
    site: Site, grid: OccupancyMap | None, name: str, spawn: tuple[float, float, float]
) -> ET.Element:
    """The world of a site with its map; ``spawn`` (x, y, yaw) becomes the frame of that name."""
    world = ET.Element("world", name=name)
    physics = child(world, "physics", name="4ms", type="ignored")
    child(physics, "max_step_size", 0.004)
    child(physics, "real_time_factor", 1.0)
    plugin(world, "physics", "Physics")
    plugin(world, "sensors", "Sensors", render_engine="ogre2")
    plugin(world, "imu", "Imu")
    plugin(world, "user-commands", "UserCommands")
    plugin(world, "scene-broadcaster", "SceneBroadcaster")
    child(world, "gravity", (0.0, 0.0, -9.8))
    scene = child(world, "scene")
    child(scene, "ambient", (0.6, 0.6, 0.6, 1.0))
    child(scene, "background", (0.75, 0.85, 0.95, 1.0))
    child(scene, "shadows", True)
    world.append(_sun())
    world.append(_ground(site))
    standing = solids(site)
    world.extend(_solid(solid, number) for number, solid in enumerate(standing))
    if grid is not None:
        walls = wall_rectangles(grid, [solid.polygon for solid in standing])
        if walls:
            world.append(_walls(walls))
    lying = list(patches(site))
    if lying:
        world.append(_painted(lying))
    world.extend(litter_model(site, seen) for seen in site.objects)
    x, y, yaw = spawn
    child(child(world, "frame", name="spawn"), "pose", (x, y, 0.0, 0.0, 0.0, yaw))
    return world


def extent_of(site: Site) -> tuple[float, float, float, float]:
    """The box (west, south, east, north; m) around all of the site."""
    shapes = [landmark.geometry for landmark in site.landmarks.values()]
    shapes += [keepout.polygon for keepout in site.keepouts.values()]
    shapes += [shape for shape in (site.boundary, site.mapped) if shape is not None]
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return west, south, east, north


def _sun() -> ET.Element:
    light = ET.Element("light", name="sun", type="directional")
    child(light, "cast_shadows", True)
    child(light, "pose", (0, 0, 30, 0, 0, 0))
    child(light, "diffuse", (0.8, 0.8, 0.8, 1.0))
    child(light, "specular", (0.2, 0.2, 0.2, 1.0))
    child(light, "direction", (-0.4, 0.3, -0.9))
    return light


def _ground(site: Site) -> ET.Element:
    west, south, east, north = extent_of(site)
    size = (east - west + 2 * MARGIN, north - south + 2 * MARGIN)
    model = ET.Element("model", name="ground")
    child(model, "static", True)
    child(model, "pose", ((west + east) / 2, (south + north) / 2, 0.0, 0.0, 0.0, 0.0))
    link = child(model, "link", name="link")
    plane = _plane(size)
    collision(link, "collision", plane)
    visual(link, "visual", plane, GROUND)
    return model


def _plane(size: tuple[float, float]) -> ET.Element:
    geometry = ET.Element("geometry")
    plane = child(geometry, "plane")
    child(plane, "normal", (0, 0, 1))
    child(plane, "size", size)
    return geometry


def _solid(solid: Solid, number: int) -> ET.Element:
    """A static model around its own middle, so that the view can go to it."""
    middle = solid.polygon.centroid
    model = ET.Element("model", name=f"landmark_{solid.id}_{number}")
    child(model, "static", True)
    child(model, "pose", (middle.x, middle.y, 0.0, 0.0, 0.0, 0.0))
    link = child(model, "link", name="link")
    shape = extruded(_moved(solid.polygon, -middle.x, -middle.y), solid.height)
    collision(link, "collision", shape)
    visual(link, "visual", shape, solid.colour)
    return model


def _moved(polygon: Polygon, x: float, y: float) -> Polygon:
    moved: Polygon = shapely.transform(polygon, lambda points: np.add(points, (x, y)))
    return moved


def _walls(walls: Sequence[Rectangle]) -> ET.Element:
    model = ET.Element("model", name="map_walls")
    child(model, "static", True)
    link = child(model, "link", name="link")
    for number, wall in enumerate(walls):
        pose = (wall.x, wall.y, WALL_HEIGHT / 2, 0.0, 0.0, wall.yaw)
        shape = box(wall.length, wall.width, WALL_HEIGHT).geometry
        collision(link, f"wall_{number}", shape, pose)
        visual(link, f"wall_{number}", shape, SOLID, pose)
    return model


def _painted(lying: Sequence[Patch]) -> ET.Element:
    model = ET.Element("model", name="ground_patches")
    child(model, "static", True)
    link = child(model, "link", name="link")
    step = (HIGHEST - LOWEST) / len(lying)
    for number, patch in enumerate(lying):
        height = LOWEST + step * (number + 1)
        visual(link, f"{patch.id}_{number}", extruded(patch.polygon, height), patch.colour)
    return model
