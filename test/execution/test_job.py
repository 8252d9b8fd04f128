"""The job as a state machine, driven by a robot that is a fake."""

import math
from itertools import pairwise

import numpy as np
import pytest
from shapely.geometry import LineString, Point, box
from west import START, west_job

from nl_planner.execution import End, Outcome, Stage
from nl_planner.execution.fake_driver import FakeDriver
from nl_planner.execution.stretches import continued, section, stretches


def tool_line(driver):
    """Where the tool was on, as one line per drive."""
    return [LineString(track[:, :2]) for track in driver.tool_track if len(track) > 1]


def metres(driver):
    return sum(line.length for line in tool_line(driver))


def test_a_job_is_driven_to_its_end_and_all_is_clean(hall, job):
    stages = []
    job.changed = lambda job: stages.append(job.stage)
    driver = FakeDriver(START)
    report = job.run(driver, hall)
    assert report.outcome is Outcome.DONE
    assert report.covered >= 0.98
    assert report.left_out == ()
    assert job.progress == 1.0
    assert stages[-1] is Stage.DONE
    assert metres(driver) == pytest.approx(job.works[0].path.length, rel=0.02)
    swept = [line.buffer(0.25) for line in tool_line(driver)]
    west = box(0, 0, 4, 7)
    reach = hall.drivable.buffer(0.25).intersection(west)
    share = LineString(np.vstack([np.array(s.coords) for s in tool_line(driver)]))
    assert share.buffer(0.25).intersection(reach).area >= 0.98 * reach.area
    assert swept


def test_the_stretches_are_the_path_and_none_turns_back_on_itself(job):
    path = job.works[0].path
    parts = stretches(path)
    assert parts[0].start == 0
    assert parts[-1].stop == pytest.approx(path.length)
    for one, two in pairwise(parts):
        assert one.stop == two.start
    for part in parts:
        xy = section(path, part.start, part.stop)[:, :2]
        if part.tool_on and part.stop - part.start > 1.5:
            assert math.dist(xy[0], xy[-1]) > 0.5


def test_a_paused_job_goes_on_where_it_was(hall, job):
    driver = FakeDriver(START)
    driver.on_step = lambda driven: job.pause() if 20 < driven < 20.2 else None
    assert job.run(driver, hall) is None
    assert job.stage is Stage.PAUSED
    stood = driver.at
    driver.on_step = lambda driven: None
    job.enter(Stage.WAITING)
    report = job.run(driver, hall)
    assert report.outcome is Outcome.DONE
    assert report.covered >= 0.98
    assert metres(driver) < 1.02 * job.works[0].path.length
    assert math.dist(stood[:2], driver.tool_track[-1][0][:2]) >= 0


def test_cancelled_in_mid_path_it_stops_at_once(hall, job):
    driver = FakeDriver(START)
    driver.on_step = lambda driven: job.cancel() if driven > 10 else None
    report = job.run(driver, hall)
    assert report.outcome is Outcome.CANCELLED
    assert driver.driven < 10.2
    assert 0 < report.covered < 0.9


def test_a_swath_in_whose_way_something_stands_is_done_from_both_sides_and_reported(hall, job):
    thing = box(1.7, 3.0, 2.3, 3.6)
    driver = FakeDriver(START, [thing.buffer(0.3)])
    report = job.run(driver, hall)
    assert report.outcome is Outcome.BLOCKED
    assert report.left_out
    swept = LineString(np.vstack(driver.tool_track)[:, :2]).buffer(0.25)
    reach = hall.drivable.difference(thing.buffer(0.32)).buffer(0.24).intersection(box(0, 0, 4, 7))
    assert swept.intersection(reach).area >= 0.97 * reach.area
    for left in report.left_out:
        assert Point(left.at).distance(thing) < 3
    assert "挡" in report.reply


def test_what_has_gone_when_the_robot_comes_back_is_cleaned(hall, job):
    driver = FakeDriver(START, [box(1.7, 3.0, 2.3, 3.6).buffer(0.3)])
    driver.on_step = lambda driven: driver.obstacles.clear() if driven > 35 else None
    report = job.run(driver, hall)
    assert report.outcome is Outcome.DONE
    assert report.covered >= 0.98


def test_when_everything_is_blocked_it_gives_up(hall, job):
    driver = FakeDriver(START, [box(-1, 2, 11, 8)])
    report = job.run(driver, hall)
    assert report.outcome is Outcome.BLOCKED
    assert report.covered < 0.5
    assert report.left_out


@pytest.mark.parametrize("end", [End.ABSENT, End.REJECTED, End.TIMED_OUT, End.LOST])
def test_a_trouble_of_navigation_is_an_outcome_with_a_sentence(hall, job, end):
    report = job.run(FakeDriver(START, ends=[end]), hall)
    assert report.outcome is Outcome.FAILED
    assert job.stage is Stage.FAILED
    assert len(report.reply) > 8
    again = job.again()
    again.enter(Stage.WAITING)
    assert again.run(FakeDriver(START), hall).outcome is Outcome.DONE


def test_a_new_obstacle_on_the_map_is_led_around(hall, job):
    from dataclasses import replace

    thing = box(1.5, 3, 2.3, 3.8)
    changed = replace(hall, mapped=hall.boundary.difference(thing))
    driver = FakeDriver(START, [thing.buffer(0.28)])
    told = []
    driver.on_step = lambda driven: (
        job.look_again(changed) if driven > 5 and not told and not told.append(1) else None
    )
    report = job.run(driver, hall)
    assert report.outcome is Outcome.DONE
    assert report.covered >= 0.97
    assert metres(driver) < 1.15 * job.works[0].path.length


def test_a_path_that_goes_on_otherwise_keeps_what_was_driven(job):
    path = job.works[0].path
    joined = continued(path, 10.0, path)
    assert np.allclose(section(joined, 0, 10), section(path, 0, 10), atol=1e-6)
    assert joined.pieces[-1].stop == len(joined.poses) - 1
    steps = np.hypot(*np.diff(joined.poses[:, :2], axis=0).T).sum()
    assert steps == pytest.approx(joined.length, abs=0.02)


def test_progress_never_jumps_to_the_lane_beside(hall, job):
    """The robot's position wavers by more than half a lane; progress only ever grows by what it
    can have driven.
    """
    work = job.works[0]
    first = next(part for part in stretches(work.path) if part.tool_on)
    work.start_drive(START)
    rng = np.random.default_rng(7)
    line = LineString(section(work.path, first.start, work.path.length)[:, :2])
    for metre in np.arange(0.1, 20, 0.1):
        x, y = line.interpolate(metre).coords[0]
        dx, dy = rng.uniform(-0.02, 0.02, 2)
        work.moved((x + dx, y + dy + 0.2, 0.0), work.path.length)
        assert work.done <= metre * 1.5 + 0.5
    assert work.done == pytest.approx(20, abs=3)


def test_a_killed_job_is_read_back_and_little_is_driven_twice(hall, store, tmp_path):
    class KilledError(Exception):
        pass

    def kill(driven):
        if driven > 20:
            raise KilledError

    job = west_job(hall, store)
    driver = FakeDriver(START)
    driver.on_step = kill
    with pytest.raises(KilledError):
        job.run(driver, hall)
    driver.tool_track.append(np.array(driver.track))
    (again,) = store.unfinished(0.5)
    assert again.stage is Stage.PAUSED
    assert again.order == job.order
    assert again.works[0].done == pytest.approx(job.works[0].done, abs=1.2)
    driver.on_step = lambda driven: None
    driver.tool_track.clear()
    again.enter(Stage.WAITING)
    report = again.run(driver, hall)
    assert report.outcome is Outcome.DONE
    assert report.covered >= 0.98
    second = sum(line.length for line in tool_line(driver))
    assert 20 + second < 1.05 * again.works[0].path.length
