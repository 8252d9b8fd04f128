"""What lies on the site, and what is gone once it was cleaned."""

from datetime import UTC, datetime

import numpy as np
import pytest
from west import west_job

from nl_planner.errors import JobFileError
from nl_planner.execution import JobStore
from nl_planner.execution.fake_driver import FakeDriver
from nl_planner.execution.leg_work import LegWork
from nl_planner.execution.things import Things
from nl_planner.planner import Leg
from nl_planner.site import Detection, ObjectMemory, SeenObject

NOW = datetime.now(UTC)


@pytest.fixture
def things(hall):
    site = hall.with_objects(
        [SeenObject("leaf_1", "leaf", (1.0, 2.0)), SeenObject("can_1", "can", (8.0, 2.0))]
    )
    with ObjectMemory(":memory:", site.taxonomy) as memory:
        yield Things(site, memory)


def places(things):
    return sorted((thing.class_id, round(thing.at[0], 1)) for thing in things.seen())


def test_what_perception_reports_is_there_beside_what_the_file_says(things):
    things.observe([Detection("paper_cup", (3.0, 3.0), 0.9)], NOW)
    assert places(things) == [("can", 8.0), ("leaf", 1.0), ("paper_cup", 3.0)]


def test_what_both_know_is_one_thing_where_it_was_seen_last(things):
    things.observe([Detection("leaf", (1.4, 2.0), 0.9)], NOW)
    assert places(things) == [("can", 8.0), ("leaf", 1.4)]


def test_what_was_swept_is_gone_and_the_rest_stays(things, hall):
    things.observe([Detection("paper_cup", (3.0, 3.0), 0.9)], NOW)
    job = west_job(hall)
    job.run(FakeDriver(), hall)
    things.cleaned(job.works[0])
    assert places(things) == [("can", 8.0)]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"action": "inspect"}, [("can", 8.0), ("leaf", 1.0), ("paper_cup", 3.0)]),
        ({"object": "leaf"}, [("can", 8.0), ("paper_cup", 3.0)]),
        ({"except_objects": ("leaf",)}, [("can", 8.0), ("leaf", 1.0)]),
    ],
)
def test_only_what_the_task_takes_is_gone(things, hall, change, left):
    things.observe([Detection("paper_cup", (3.0, 3.0), 0.9)], NOW)
    leg = west_job(hall).works[0].leg
    task = leg.task.model_validate({**leg.task.model_dump(), **change})
    work = LegWork(Leg(task, leg.region, leg.path), 0.5, done=leg.path.length)
    things.cleaned(work)
    assert places(things) == left


def test_ground_that_was_passed_over_is_not_taken_for_clean(hall):
    work = west_job(hall).works[0]
    work.done = work.path.length
    whole = work.clean_ground().area
    work.skipped = [(5.0, 15.0)]
    assert work.clean_ground().area < whole - 2
    assert np.isfinite(whole)


def test_a_file_that_is_no_store_of_jobs_is_said_by_name(tmp_path):
    file = tmp_path / "jobs.db"
    file.write_text("no database at all, but long enough to be looked at" * 40)
    with pytest.raises(JobFileError, match=r"jobs\.db.*move it away"):
        JobStore(file)
