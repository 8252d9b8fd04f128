import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nl_planner.site.gazebo.map_walls import cell_rectangles


@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_rectangles_tile_the_cells(cells):
    count = np.zeros(cells.shape, dtype=int)
    for row, column, row_end, column_end in cell_rectangles(cells).tolist():
        count[row:row_end, column:column_end] += 1
    assert (count == cells).all()  # each once, and no other


def test_a_wall_is_one_rectangle_along_its_length():
    cells = np.zeros((20, 30), dtype=bool)
    cells[3:5, 2:28] = True  # west to east
    cells[3:18, 10:12] = True  # north to south, across it
    assert len(cell_rectangles(cells)) == 2
