"""The site as the robot's map shows it now."""

from dataclasses import replace

import numpy as np
from shapely.geometry import box

from nl_planner.site.live_map import with_map
from nl_planner.site.occupancy import OccupancyMap


def grid_of(site, cell=0.1):
    """What a map of this site looks like."""
    import shapely

    x0, y0, x1, y1 = site.boundary.bounds
    shape = (round((y1 - y0) / cell), round((x1 - x0) / cell))
    grid = OccupancyMap(np.zeros(shape, np.int8), cell, (x0, y0, 0.0))
    rows, columns = np.indices(shape)
    free = shapely.contains_xy(site.free_space, *grid.middle(rows, columns))
    return replace(grid, cells=np.where(free, 0, 100).astype(np.int8))


def test_a_map_that_agrees_changes_nothing(riverside):
    assert with_map(riverside, grid_of(riverside)) is riverside


def test_what_is_new_on_the_map_is_not_free_and_comes_free_again(riverside):
    grid = grid_of(riverside)
    grid.cells[400:410, 550:560] = 0  # within the flower bed: that stays closed
    grid.cells[200:210, 540:560] = 100
    thing = box(54, 20, 56, 21)
    changed = with_map(riverside, grid)
    assert changed.free_space.intersection(thing).area < 1e-6
    assert abs(riverside.free_space.area - changed.free_space.area - thing.area) < 1e-6
    assert changed.mapped.within(riverside.boundary.buffer(1e-6))


def test_unknown_cells_change_nothing(riverside):
    grid = grid_of(riverside)
    grid.cells[300:420, :] = -1
    assert with_map(riverside, grid) is riverside


def test_of_a_site_on_a_map_a_wall_that_is_gone_is_ground(riverside):
    ground = riverside.boundary.difference(box(10, 1, 12, 3))
    walled = replace(riverside, mapped=ground)
    opened = with_map(walled, grid_of(riverside))
    assert opened.free_space.intersection(box(10.2, 1.2, 11.8, 2.8)).area > 2.5
