"""The threshold under which to ask, from made outcomes."""

import pytest

from nl_planner.learning.calibrate import Outcome, threshold, upper_bound


def made(right, wrong):
    """Outcomes of these probabilities that move the robot."""
    return [Outcome(p, True, True) for p in right] + [Outcome(p, True, False) for p in wrong]


def test_nothing_wrong_needs_no_question():
    assert threshold(made([0.2, 0.9] * 200, []), 0.05) == 0


def test_it_lies_above_the_wrong_ones_that_must_not_move():
    found = made([0.9] * 300, [0.5] * 40)
    assert threshold(found, 0.05) == 0.9
    assert threshold(found, 0.2) == 0


def test_what_never_moves_is_never_asked_about():
    found = [*made([0.9] * 300, []), *(Outcome(0.1, False, False) for _ in range(100))]
    assert threshold(found, 0.01) == 0


def test_a_bound_that_cannot_be_kept_asks_always():
    assert threshold(made([0.9] * 5, [0.9] * 5), 0.01) == 1


@pytest.mark.parametrize(("wrong", "count"), [(0, 100), (3, 100), (10, 1000)])
def test_the_bound_lies_above_the_share_and_shrinks_with_more(wrong, count):
    assert wrong / count < upper_bound(wrong, count) <= 1
    assert upper_bound(10 * wrong, 10 * count) - 10 * wrong / (10 * count) < (
        upper_bound(wrong, count) - wrong / count
    )
