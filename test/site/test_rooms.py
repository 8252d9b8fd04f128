from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import Point

from nl_planner.grounding import ground
from nl_planner.site.check import check_site
from nl_planner.site.imports import read_draft
from nl_planner.site.imports.write import write_site
from nl_planner.site.occupancy import OccupancyMap, read_map
from nl_planner.site.rooms import find_rooms
from nl_planner.task import Place, Task

MAPS = Path(__file__).parents[2] / "maps"
CENTRES = [(2.0, 6.0), (6.0, 6.0), (10.0, 6.0), (2.0, 1.5), (6.0, 1.5), (10.0, 1.5), (6.0, 3.5)]


def floor_plan(noise=0.0, furniture=False):
    """Six rooms on both sides of a corridor, each with a door of 1 m to it; 5 cm cells."""
    free = np.zeros((160, 260), dtype=bool)
    free[60:80, 10:250] = True  # the corridor, y 3 to 4
    for left in (10, 91, 172):
        free[5:57, left : left + 78] = True
        free[83:155, left : left + 78] = True
        free[56:61, left + 30 : left + 50] = True
        free[79:84, left + 30 : left + 50] = True
        if furniture:
            free[100:130, left : left + 20] = False
            free[20:26, left + 50 : left + 70] = False
            free[40:43, left + 20 : left + 23] = False
    if noise:
        free &= np.random.default_rng(7).random(free.shape) > noise
    return OccupancyMap(np.where(free, 0, 100).astype(np.int8), 0.05)


@pytest.mark.parametrize("quarter_turns", range(4))
@pytest.mark.parametrize(("noise", "furniture"), [(0, False), (0, True), (0.005, True)])
def test_a_floor_of_six_rooms_and_a_corridor(noise, furniture, quarter_turns):
    grid = floor_plan(noise, furniture)
    turned = OccupancyMap(np.ascontiguousarray(np.rot90(grid.cells, quarter_turns)), 0.05)
    rooms = find_rooms(turned)
    assert [room.kind for room in rooms].count("room") == 6
    assert [room.kind for room in rooms].count("corridor") == 1
    assert all(len(room.doors) == 1 for room in rooms if room.kind == "room")
    if quarter_turns == 0:
        homes = [
            [n for n, room in enumerate(rooms) if room.polygon.covers(Point(x + 0.4, y))]
            for x, y in CENTRES
        ]
        assert sorted(homes) == [[n] for n in range(7)]


@pytest.mark.parametrize(
    ("name", "count"), [("nav2_depot", 1), ("aws_small_house", 4), ("nobleo_basement", 7)]
)
def test_rooms_of_real_maps_tile_the_floor(name, count):
    draft = read_draft(MAPS / f"{name}.yaml")
    rooms = [landmark.geometry for landmark in draft.landmarks]
    assert len(rooms) == count
    assert all(room.is_valid and not room.interiors for room in rooms)
    union = shapely.union_all(rooms)
    assert sum(room.area for room in rooms) == pytest.approx(union.area)
    free = read_map(MAPS / f"{name}.yaml", alpha=False).free_space
    floor = max(free.geoms, key=lambda part: part.area)
    assert union.intersection(floor).area >= 0.97 * floor.area
    assert read_draft(MAPS / f"{name}.yaml") == draft


def doors(site):
    return {room.id: len(room.entrances) for room in site.landmarks.values()}


def test_doors_lead_in_from_the_largest_room_where_there_is_no_corridor(tmp_path):
    house = write_site(read_draft(MAPS / "aws_small_house.yaml"), tmp_path / "house.site.yaml")
    # Room 4 opens to the large room over 6 m: that is no door.
    assert doors(house) == {"room_1": 1, "room_2": 1, "room_3": 0, "room_4": 0}
    before = ground(
        Task(action="sweep", place=Place(relation="in_front_of", landmarks=("room_1",))), house
    )
    assert before.frame == "in front of the entrance of Room 1, which faces east"
    assert house.landmarks["room_3"].geometry.contains(before.geometry.centroid)
    basement = read_draft(MAPS / "nobleo_basement.yaml")
    assert [len(room.entrances) for room in basement.landmarks] == [1, 1, 1, 0, 1, 0, 2]


def test_a_room_full_of_furniture_is_no_corridor():
    grid = floor_plan()
    cells = grid.cells.copy()
    cells[86:98, 12:60] = cells[104:118, 12:60] = cells[124:140, 12:60] = 100
    kinds = [room.kind for room in find_rooms(OccupancyMap(cells, 0.05))]
    assert (kinds.count("room"), kinds.count("corridor")) == (6, 1)


def test_an_alpha_channel_that_frees_unknown_ground_is_worth_mending(tmp_path):
    site = write_site(read_draft(MAPS / "nobleo_basement.yaml"), tmp_path / "b.site.yaml")
    (finding,) = [one for one in check_site(site) if one.key == "occupancy"]
    assert "makes 576 m² of unknown ground free" in finding.message
