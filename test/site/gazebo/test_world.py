import subprocess

import numpy as np
import pytest
import shapely
import yaml
from PIL import Image
from shapely.geometry import Point

from nl_planner.cli import main
from nl_planner.errors import ExportError, NoSpaceError
from nl_planner.site import read_site
from nl_planner.site.free_space import footprint
from nl_planner.site.gazebo import export_gazebo
from nl_planner.site.gazebo.standing import solids
from nl_planner.site.occupancy import read_map

HEAD = """\
nl_planner_site: 1
name: [yard]
robot: {radius: 0.3, tool_width: 0.5, actions: [sweep], max_speed: 0.7}
"""
ROOMS = (
    HEAD
    + """\
boundary: [[0, 0], [12, 0], [12, 8], [0, 8]]
landmarks:
  shop:
    names: [shop]
    kind: building
    enter: true
    polygon: [[1, 1], [6, 1], [6, 6], [1, 6]]
    entrances: {door: {at: [6, 3]}}
  store:
    names: [store]
    kind: room
    polygon: [[6, 1], [10, 1], [10, 6], [6, 6]]
  ring_wall:
    names: [ring wall]
    kind: wall
    line: [[10.5, 1], [11.5, 1], [11.5, 2], [10.5, 2], [10.5, 1]]
    width: 0.2
objects:
  - {id: bottle_7, class: cola_bottle, at: [9, 3], radius: 0.04}
  - {id: pool_1, class: puddle, at: [8, 5], radius: 0.3}
"""
)


def apart(one, other):
    """The area (m²) by which two shapes differ."""
    return shapely.symmetric_difference(one, other).area


def test_what_is_closed_stands_where_the_site_says(riverside, world_of):
    _, world, _ = world_of(riverside)
    closed = shapely.union_all([footprint(one) for one in riverside.landmarks.values()])
    for kind in ("collision", "visual"):
        assert apart(world.ground(kind, "landmark_"), closed) < 0.01 * closed.area
    patches = {s.name.rsplit("_", 1)[0]: s for s in world.shapes if s.model == "ground_patches"}
    assert patches.keys() >= {"plaza", "fire_lane", "main_gate", *riverside.keepouts}
    for keepout in riverside.keepouts.values():
        assert apart(patches[keepout.id].ground, keepout.polygon) < 0.1
    assert not [s for s in world.shapes if s.model == "ground_patches" and s.kind == "collision"]
    ground = next(s for s in world.shapes if s.model == "ground")
    assert ground.at[:2] == (55, 40)


def test_what_was_seen_lies_where_it_was_seen(riverside, world_of):
    _, world, _ = world_of(riverside)
    seen = {s.model: s for s in world.shapes if s.model.startswith("object_")}
    assert len(seen) == len(riverside.objects)
    for thing in riverside.objects:
        shape = seen[f"object_{thing.id}"]
        assert shape.at[:2] == pytest.approx(thing.at)
        assert shape.ground.within(Point(thing.at).buffer(thing.radius + 1e-6))
    assert seen["object_cola_bottle_1"].geometry == "cylinder"
    assert seen["object_plastic_bag_1"].geometry == "box"
    assert ("object_cola_bottle_1", "link") in world.links
    assert ("object_puddle_1", "link") not in world.links  # seen only, nothing to bump into


def test_walls_of_the_map_stand_on_its_occupied_cells(world_of):
    indoor = read_site("maps/indoor.site.yaml")
    made, world, _ = world_of(indoor)
    grid = read_map(indoor.occupancy)
    rows, columns = np.nonzero(grid.cells == 100)
    centres = np.stack([columns + 0.5, rows + 0.5], axis=1) * grid.resolution + grid.origin[:2]
    standing = shapely.union_all([world.ground("collision", name) for name in ("map", "land")])
    shapely.prepare(standing)
    assert shapely.contains_xy(standing, centres).all()
    walls = world.ground("collision", "map_walls")
    assert walls.area <= len(rows) * grid.resolution**2 + 1e-6
    boxes = sum(s.model == "map_walls" and s.kind == "collision" for s in world.shapes)
    assert boxes < len(rows) / 10  # rectangles, not cells
    spawn = world.frames["spawn"]
    assert spawn[:2] == pytest.approx(made.spawn[:2])
    assert indoor.is_free(*spawn[:2])
    assert standing.distance(Point(spawn[:2])) > indoor.robot.radius


def test_a_turned_map_has_turned_walls(site_of, world_of, tmp_path):
    pixels = np.full((40, 60), 254, dtype=np.uint8)
    pixels[10:12, 5:50] = 0
    Image.fromarray(pixels).save(tmp_path / "m.png")
    (tmp_path / "m.yaml").write_text(
        "image: m.png\nresolution: 0.1\norigin: [2, -3, 0.5]\nnegate: 0\n"
        "occupied_thresh: 0.65\nfree_thresh: 0.25\n"
    )
    made, world, _ = world_of(site_of(HEAD + "occupancy: m.yaml\n"))
    (wall,) = [s for s in world.shapes if s.model == "map_walls" and s.kind == "collision"]
    assert wall.at[3] == pytest.approx(0.5)
    assert [float(n) for n in wall.numbers] == pytest.approx([4.5, 0.2, 2.5])
    grid = read_map(tmp_path / "m.yaml")
    assert apart(shapely.union_all([wall.ground, grid.free_space]).convex_hull, hull(grid)) < 1e-6
    assert not wall.ground.buffer(-1e-6).intersects(grid.free_space)
    assert read_map(made.map).cells.tolist() == grid.cells.tolist()


def hull(grid):
    return shapely.union(grid.free_space, grid.free_space.convex_hull)


def test_one_can_drive_in_by_the_door_only(site_of, world_of):
    site = site_of(ROOMS)
    _, world, _ = world_of(site)
    walls = world.ground("collision", "landmark_shop")
    assert walls.difference(shapely.box(1, 1, 6, 6)).area < 1e-6
    driven = shapely.LineString([(3, 3), (9, 3)]).buffer(site.robot.radius)
    assert not driven.intersects(world.ground("collision", "landmark_"))
    for out in ((3, 7), (0.3, 3), (3, 0.3)):
        assert shapely.LineString([(3, 3), out]).intersects(walls)
    assert not [s for s in world.shapes if s.model.startswith("landmark_store")]  # it has no door


def test_a_closed_ring_keeps_its_hole(site_of, world_of):
    _, world, _ = world_of(site_of(ROOMS))
    ring = world.ground("collision", "landmark_ring_wall")
    assert len(ring.interiors) == 1
    assert not ring.contains(Point(11, 1.5))


def test_the_map_of_nav2_has_what_stands_and_the_mask_what_is_forbidden(riverside, tmp_path):
    made = export_gazebo(riverside, tmp_path)
    plan, mask = read_map(made.map), read_map(made.keepout_mask)
    standing = shapely.union_all([solid.polygon for solid in solids(riverside)])
    inside = shapely.box(0, 0, 110, 80)
    free = shapely.intersection(plan.free_space, inside)
    assert apart(free, inside.difference(standing)) < 0.005 * inside.area
    allowed = inside.difference(
        shapely.union_all([keepout.polygon for keepout in riverside.keepouts.values()])
    )
    assert apart(mask.free_space, allowed) < 0.005 * inside.area
    assert plan.free_space.contains(Point(made.spawn[:2]).buffer(riverside.robot.radius))


def test_an_unknown_element_is_an_error(riverside, checker, tmp_path):
    made = export_gazebo(riverside, tmp_path)
    text = made.robot.read_text("utf-8")
    made.robot.write_text(
        text.replace("<update_rate>", "<update_rat>", 1).replace(
            "</update_rate>", "</update_rat>", 1
        )
    )
    done = subprocess.run([checker, made.robot], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "update_rat" in done.stderr


def test_the_bridge_carries_what_nav2_needs(riverside, tmp_path):
    entries = yaml.safe_load(export_gazebo(riverside, tmp_path).bridge.read_text("utf-8"))
    ways = {entry["ros_topic_name"]: entry["direction"] for entry in entries}
    assert ways.pop("cmd_vel") == "ROS_TO_GZ"
    assert ways.keys() >= {"clock", "odom", "tf", "scan"}
    assert set(ways.values()) == {"GZ_TO_ROS"}


def test_no_room_for_the_robot(site_of, tmp_path):
    tight = site_of(HEAD + "boundary: [[0, 0], [0.5, 0], [0.5, 9], [0, 9]]\n")
    with pytest.raises(NoSpaceError, match="fits nowhere"):
        export_gazebo(tight, tmp_path)


def test_a_folder_that_cannot_be_written(riverside, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ExportError, match="taken"):
        export_gazebo(riverside, tmp_path / "taken")


def test_the_command(tmp_path, capsys):
    out = tmp_path / "w"
    assert (
        main(["site", "export-gazebo", "maps/indoor.site.yaml", "--out", str(out), "--json"]) == 0
    )
    printed = capsys.readouterr()
    assert '"name": "indoor"' in printed.out
    assert str(out / "world.sdf") in printed.err
    assert {p.name for p in out.iterdir()} == {
        "world.sdf",
        "sweeper.sdf",
        "bridge.yaml",
        "map.pgm",
        "map.yaml",
        "keepout_mask.pgm",
        "keepout_mask.yaml",
    }
