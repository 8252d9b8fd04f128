"""Words of Reeds and Shepp: they end where they should, and the shortest are as published."""

import math

import numpy as np
import pytest

from nl_planner.coverage.reeds_shepp import trace, words


def poses(rng, count):
    return np.column_stack((rng.uniform(-3, 3, (count, 2)), rng.uniform(-4, 4, count)))


def test_every_word_ends_at_the_goal_and_keeps_the_radius():
    rng = np.random.default_rng(0)
    starts, goals = poses(rng, 40), poses(rng, 40)
    lengths, kinds = words(starts, goals, 0.7)
    assert lengths.shape == (40, 44, 5)
    valid = np.flatnonzero(~np.isnan(lengths).any(axis=2).ravel())
    assert len(valid) > 200
    for n, word in zip(*np.unravel_index(valid, lengths.shape[:2]), strict=True):
        xy, gear, end = trace(starts[n], kinds[word], lengths[n, word], 0.7)
        assert np.allclose(end[:2], goals[n, :2], atol=1e-9)
        assert math.cos(end[2] - goals[n, 2]) == pytest.approx(1)
        assert len(xy) == len(gear)


def test_no_way_is_shorter_back_than_there_or_mirrored():
    rng = np.random.default_rng(1)
    a, b = poses(rng, 200), poses(rng, 200)
    there, back, mirrored = (
        np.nanmin(np.abs(words(*pair, 1.0)[0]).sum(axis=2), axis=1)
        for pair in ((a, b), (b, a), (a * [1, -1, -1], b * [1, -1, -1]))
    )
    assert np.allclose(there, back)
    assert np.allclose(there, mirrored)
    assert (there >= np.hypot(*(a - b)[:, :2].T) - 1e-9).all()


@pytest.mark.parametrize(
    ("goal", "length"),
    [
        ((5, 0, 0), 5),  # straight
        ((-3, 0, 0), 3),  # straight back
        ((1, 1, math.pi / 2), math.pi / 2),  # a quarter circle
        ((0, 2, math.pi), math.pi),  # a half circle
        ((0, 0, math.pi), math.pi),  # on the spot: three arcs of 60°
    ],
)
def test_known_lengths(goal, length):
    lengths, _ = words(np.zeros((1, 3)), np.array([goal], float), 1.0)
    assert np.nanmin(np.abs(lengths).sum(axis=2)) == pytest.approx(length)
