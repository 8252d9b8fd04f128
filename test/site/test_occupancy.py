import math
import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from shapely.geometry import MultiPolygon, box

from nl_planner.errors import SiteFileError
from nl_planner.site.occupancy import OccupancyMap, cell_outlines, read_map

YAML = """\
image: map.png
resolution: 0.5
origin: [0, 0, 0]
negate: 0
occupied_thresh: 0.65
free_thresh: 0.25
"""


@pytest.fixture
def write_map(tmp_path):
    def write(pixels, yaml=YAML, **image):
        Image.fromarray(np.array(pixels, dtype=image.get("dtype", np.uint8))).save(
            tmp_path / image.get("name", "map.png")
        )
        path = tmp_path / "map.yaml"
        path.write_text(yaml)
        return path

    return write


# Shades of grey and what map_server makes of them with the thresholds above: 254 is 0.4 % occupied,
# 205 is 19.6 %, 128 is 49.8 %, 89 is 65.1 %, 0 is 100 %.
GREYS = [[254, 205, 128, 89, 0]]


@pytest.mark.parametrize(
    ("keys", "cells"),
    [
        ("", [0, 0, -1, 100, 100]),
        ("mode: trinary\n", [0, 0, -1, 100, 100]),
        ("mode: Scale\n", [0, 0, 62, 100, 100]),
        ("mode: raw\n", [-1, -1, -1, 89, 0]),
        ("negate: 1\n", [100, 100, -1, -1, 0]),
        ("free_thresh: 0.196\n", [0, -1, -1, 100, 100]),
    ],
)
def test_shades_become_cells_as_map_server_does(write_map, keys, cells):
    key = keys.split(":")[0]
    kept = "".join(line + "\n" for line in YAML.splitlines() if not key or not line.startswith(key))
    assert read_map(write_map(GREYS, kept + keys)).cells.tolist() == [cells]


def test_what_is_free_in_each_mode(write_map):
    assert read_map(write_map(GREYS)).free_space.equals(box(0, 0, 1, 0.5))
    assert read_map(write_map(GREYS, YAML + "mode: scale\n")).free_space.equals(box(0, 0, 1, 0.5))
    raw = read_map(write_map([[24, 25, 101, 0, 200]], YAML + "mode: raw\n"))
    assert raw.free_space.equals(MultiPolygon([box(0, 0, 0.5, 0.5), box(1.5, 0, 2, 0.5)]))


def test_the_first_row_of_the_image_is_the_northern_one(write_map):
    grid = read_map(write_map([[254, 0, 0], [0, 0, 0], [0, 0, 254]]))
    assert grid.free_space.equals(MultiPolygon([box(0, 1, 0.5, 1.5), box(1, 0, 1.5, 0.5)]))


def test_alpha_counts_as_a_colour_in_trinary_and_as_unknown_in_scale(write_map):
    pixels = [[[255, 255, 255, 255], [255, 255, 255, 0], [0, 0, 0, 255], [255, 255, 255, 254]]]
    # shades 1, 3/4, 1/4, 0.999: occupied by 0, 25 %, 75 %, 0.1 %
    assert read_map(write_map(pixels)).cells.tolist() == [[0, -1, 100, 0]]
    scale = read_map(write_map(pixels, YAML + "mode: scale\n"))
    assert scale.cells.tolist() == [[0, -1, 100, -1]]


def test_colours_are_averaged(write_map):
    grid = read_map(write_map([[[255, 255, 120], [255, 0, 0], [30, 0, 30]]]))
    assert grid.cells.tolist() == [[0, 100, 100]]  # 17.6 %, 66.7 %, 92 % occupied


def test_maps_of_sixteen_bits_are_read(write_map):
    pgm = YAML.replace("png", "pgm")
    path = write_map([[65535, 32768, 0]], pgm, dtype=np.uint16, name="map.pgm")
    assert read_map(path).cells.tolist() == [[0, -1, 100]]


def test_the_origin_moves_and_turns_the_cells(write_map):
    path = write_map([[0, 254]], YAML.replace("[0, 0, 0]", f"[10, 20, {math.pi / 2}]"))
    # The free cell has x 0.5 to 1 and y 0 to 0.5 in the image, turned by 90 degrees about (0, 0).
    assert read_map(path).free_space.symmetric_difference(box(9.5, 20.5, 10, 21)).area < 1e-9


def test_the_image_may_have_an_absolute_path(write_map, tmp_path):
    path = write_map([[254]], YAML.replace("map.png", str(tmp_path / "map.png")))
    assert read_map(path).free_space.area == pytest.approx(0.25)


def test_other_keys_are_left_alone_as_map_server_does(write_map):
    assert read_map(write_map([[254]], YAML + "cost_translation: 3\n")).cells.tolist() == [[0]]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("image: map.png", "image: gone.png", r"map\.yaml:1: image: there is no file .*gone"),
        ("image: map.png", "", r"map\.yaml:1: image: is missing"),
        ("image: map.png", "image: map.yaml", r":1: image: .* is not an image"),
        ("image: map.png", "image: .", r":1: image: .* cannot be read"),
        ("image: map.png", "image: cut.png", r":1: image: .* cannot be read"),
        ("0.5", "0", r":2: resolution: should be metres per cell, over 0, not 0"),
        ("0.5", ".nan", r":2: resolution: should be metres per cell"),
        ("[0, 0, 0]", "[0, 0]", r":3: origin: should be \[x, y, yaw\]"),
        ("negate: 0", "negate: 2", r":4: negate: should be 0 or 1, not 2"),
        (
            "negate: 0",
            "negate: 0\nmode: trinari",
            r":5: mode: unknown mode 'trinari'; did you mean",
        ),
        ("0.65", "65", r":5: occupied_thresh: should be a share from 0 to 1, not 65"),
        ("0.25", "0.25\nfree_thresh: 0.2", r":7: free_thresh: is here twice"),
    ],
)
def test_a_wrong_map_is_told_with_its_line(write_map, tmp_path, old, new, message):
    path = write_map([[254] * 99] * 99, YAML.replace(old, new))
    (tmp_path / "cut.png").write_bytes((tmp_path / "map.png").read_bytes()[:-40])
    with pytest.raises(SiteFileError, match=message):
        read_map(path)


def test_a_map_without_a_free_cell_is_empty():
    assert OccupancyMap(np.full((3, 4), 100, np.int8), 0.1).free_space.is_empty


@settings(max_examples=200, deadline=None)
@given(arrays.arrays(bool, st.tuples(st.integers(1, 8), st.integers(1, 8))))
def test_outlines_are_the_union_of_the_cells(free):
    outlines = cell_outlines(free)
    cells = [box(x, y, x + 1, y + 1) for y, x in np.argwhere(free).tolist()]
    assert outlines.is_valid
    assert outlines.equals(shapely.union_all(cells))
    assert outlines.area == free.sum()


def test_a_map_of_four_thousand_cells_a_side_is_outlined_in_seconds():
    rng = np.random.default_rng(7)
    cells = np.zeros((4000, 4000), np.int8)
    cells[rng.random(cells.shape) < 0.001] = 100
    for row, column in rng.integers(0, 3900, (2000, 2)):
        cells[row : row + 60, column : column + 30] = 100
    begin = time.process_time()
    free = OccupancyMap(cells, 0.05).free_space
    assert time.process_time() - begin < 6  # 1 s on an idle machine
    assert free.area == pytest.approx((cells == 0).sum() * 0.05**2)
