"""What is one thing and what two, what is forgotten, and what a killed program leaves behind."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from nl_planner.errors import BadInputError, MemoryFileError, UnknownNameError
from nl_planner.grounding import ground
from nl_planner.site import Detection, ObjectMemory, SeenObject, Taxonomy
from nl_planner.site.sighting import Rules
from nl_planner.task import Place, Task

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
CLASSES = Taxonomy.builtin()


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def found(class_id="bottle", x=0.0, y=0.0, confidence=0.9, **more):
    return Detection(class_id, (x, y), confidence, **more)


@pytest.fixture
def memory():
    with ObjectMemory(":memory:", CLASSES) as made:
        yield made


def classes(memory, seconds=0.0):
    return [seen.class_id for seen in memory.seen(after(seconds))]


# ---- one thing or two


def test_what_was_found_is_seen_as_a_site_has_it(memory):
    assert memory.observe([found("leaf", 1, 2, 0.8, radius=0.5)], START) == ("leaf_1",)
    assert memory.seen(START) == (SeenObject("leaf_1", "leaf", (1, 2), 0.5, 0.8, START),)


@pytest.mark.parametrize(
    ("apart", "things"), [(0.0, 1), (0.42, 1), (0.43, 2)], ids=["same", "close", "far"]
)
def test_how_far_apart_one_thing_may_be_seen(memory, apart, things):
    """3 standard deviations of 0.1 m, of two positions: 0.424 m."""
    memory.observe([found()], START)
    memory.observe([found(x=apart)], after(1))
    assert len(memory.seen(after(1))) == things


def test_a_large_thing_is_one_within_its_radius(memory):
    memory.observe([found("leaf", radius=2.0)], START)
    memory.observe([found("leaf", x=1.5)], after(1))
    assert len(memory.seen(after(1))) == 1


def test_the_position_is_the_mean_weighted_by_certainty(memory):
    memory.observe([found(uncertainty=0.3)], START)
    memory.observe([found(x=0.5, uncertainty=0.1)], after(1))
    (seen,) = memory.seen(after(1))
    assert seen.at == pytest.approx((0.45, 0))  # 9 to 1


def test_many_looks_bring_the_position_no_closer_than_the_least_uncertainty(memory):
    for second in range(50):
        memory.observe([found()], after(second))
    memory.observe([found(x=0.33)], after(60))  # 3 · √(0.05² + 0.1²) = 0.335
    assert len(memory.seen(after(60))) == 1


def test_a_bottle_turns_out_to_be_a_cola_bottle(memory):
    (first,) = memory.observe([found("bottle")], START)
    memory.observe([found("cola_bottle", confidence=0.5)], after(1))
    assert classes(memory, 1) == ["bottle"]
    assert memory.observe([found("cola_bottle", confidence=0.6)], after(2)) == (first,)
    assert classes(memory, 2) == ["cola_bottle"]
    memory.observe([found("bottle", confidence=1.0)], after(3))
    assert classes(memory, 3) == ["cola_bottle"]


@pytest.mark.parametrize("other", ["can", "water_bottle"])
def test_classes_that_are_not_on_one_line_are_two_things(memory, other):
    memory.observe([found("cola_bottle")], START)
    memory.observe([found(other)], after(1))
    assert classes(memory, 1) == ["cola_bottle", other]


def test_one_look_tells_things_apart_however_close(memory):
    pair = [found(x=0.0), found(x=0.1)]
    assert memory.observe(pair, START) == ("bottle_1", "bottle_2")
    assert memory.observe(pair[::-1], after(1)) == ("bottle_2", "bottle_1")


def test_the_confidence_is_the_greater_and_the_same_report_changes_nothing(memory):
    memory.observe([found(confidence=0.5)], START)
    memory.observe([found(confidence=0.7)], START)
    once = memory.seen(START)
    memory.observe([found(confidence=0.7)], START)
    (twice,) = memory.seen(START)
    assert (twice.confidence, twice.at, twice.class_id) == (0.7, once[0].at, once[0].class_id)


# ---- what goes


def test_confidence_halves_and_the_thing_is_forgotten_below_the_floor():
    with ObjectMemory(":memory:", CLASSES, Rules(half_life=60, floor=0.1)) as memory:
        memory.observe([found(confidence=0.8)], START)
        (seen,) = memory.seen(after(60))
        assert seen.confidence == pytest.approx(0.4)
        assert seen.seen == START
        assert len(memory.seen(after(179))) == 1
        assert memory.seen(after(181)) == ()
        assert memory.observe([found()], after(200)) == ("bottle_2",)


def test_a_look_again_renews_it():
    with ObjectMemory(":memory:", CLASSES, Rules(half_life=60)) as memory:
        memory.observe([found(confidence=0.8)], START)
        memory.observe([found(confidence=0.3)], after(120))
        (seen,) = memory.seen(after(120))
        assert seen.confidence == pytest.approx(0.3)


def test_a_late_report_makes_nothing_older(memory):
    memory.observe([found(confidence=0.6)], after(100))
    memory.observe([found(confidence=0.6)], START)
    assert memory.seen(after(100))[0].seen == after(100)


def test_what_is_too_unsure_is_not_remembered(memory):
    assert memory.observe([found(confidence=0.1), found(x=5)], START) == (None, "bottle_1")


def test_what_was_cleaned_is_forgotten_by_place_and_class(memory):
    litter = [found("cola_bottle", 1, 1), found("can", 2, 2), found("leaf", 3, 3), found("can", 9)]
    memory.observe(litter, START)
    place = box(0, 0, 5, 5)
    assert memory.cleaned(place, "bottle") == ("cola_bottle_1",)
    assert memory.cleaned(place, except_classes=["leaf"]) == ("can_2",)
    assert memory.cleaned(place, "bottle") == ()
    assert classes(memory) == ["leaf", "can"]
    assert memory.cleaned(Polygon()) == ()
    assert memory.cleaned(box(-1, -1, 10, 10)) == ("leaf_3", "can_4")
    assert memory.observe([found("leaf", 3, 3)], after(1)) == ("leaf_5",)  # no id comes back


def test_what_touches_the_cleaned_area_counts(memory):
    memory.observe([found(x=1.04), found(x=1.06)], START)
    assert memory.cleaned(box(0, -1, 1, 1)) == ("bottle_1",)


def test_several_looks_without_it_and_it_is_gone(memory):
    memory.observe([found(), found(x=9)], START)
    view = Point(0, 0).buffer(3)
    for second in (1, 2):
        memory.observe([], after(second), view)
    assert len(memory.seen(after(2))) == 2
    memory.observe([], after(3), view)
    assert [seen.id for seen in memory.seen(after(3))] == ["bottle_2"]


def test_looks_in_quick_succession_are_one(memory):
    memory.observe([found()], START)
    for step in range(1, 10):
        memory.observe([], after(step / 20), Point(0, 0).buffer(3))
    assert len(memory.seen(after(1))) == 1


def test_a_sight_between_the_misses_starts_them_again(memory):
    memory.observe([found()], START)
    view = Point(0, 0).buffer(3)
    for second in range(1, 12):
        memory.observe([] if second % 3 else [found()], after(second), view)
    assert len(memory.seen(after(12))) == 1


def test_what_lies_at_the_edge_of_the_view_is_not_missed(memory):
    memory.observe([found(x=2.95)], START)
    for second in range(1, 9):
        memory.observe([], after(second), Point(0, 0).buffer(3))
    assert len(memory.seen(after(9))) == 1


# ---- what cannot be


@pytest.mark.parametrize(
    "wrong",
    [
        {"x": float("nan")},
        {"confidence": 1.2},
        {"confidence": float("nan")},
        {"uncertainty": 0.0},
        {"uncertainty": float("inf")},
        {"radius": -1.0},
    ],
)
def test_a_wrong_number_leaves_all_as_it_was(memory, wrong):
    with pytest.raises(BadInputError, match="should be"):
        memory.observe([found(), found(**wrong)], START)
    assert memory.seen(START) == ()


def test_unknown_classes_and_times_without_zone(memory):
    with pytest.raises(UnknownNameError, match="did you mean bottle"):
        memory.observe([found("botle")], START)
    with pytest.raises(UnknownNameError):
        memory.cleaned(box(0, 0, 1, 1), "unicorn")
    with pytest.raises(BadInputError, match="time zone"):
        memory.observe([], START.replace(tzinfo=None))


# ---- the file


def test_it_outlives_the_program_and_knows_new_rules(tmp_path):
    path = tmp_path / "objects.db"
    with ObjectMemory(path, CLASSES) as memory:
        memory.observe([found(), found("can", 5)], START)
        before = memory.seen(after(10))
        memory.cleaned(Point(5, 0).buffer(1))
    with ObjectMemory(path, CLASSES) as memory:
        assert memory.seen(after(10)) == before[:1]
        assert memory.observe([found("can", 5)], after(10)) == ("can_3",)
    with ObjectMemory(path, CLASSES, Rules(half_life=1)) as memory:
        assert memory.seen(after(60)) == ()


def test_a_class_that_the_site_no_longer_has_is_kept_but_not_handed_out(tmp_path):
    path = tmp_path / "objects.db"
    with ObjectMemory(path, CLASSES) as memory:
        memory.observe([found("cola_bottle")], START)
    few = Taxonomy({"can": CLASSES.classes["litter"]})
    with ObjectMemory(path, few) as memory:
        assert memory.seen(START) == ()
        memory.observe([found("can")], START)
        assert classes(memory) == ["can"]
    with ObjectMemory(path, CLASSES) as memory:
        assert classes(memory) == ["cola_bottle", "can"]


def test_a_file_that_is_none(tmp_path):
    path = tmp_path / "objects.db"
    path.write_text("nl_planner_site: 1\n" * 100)
    with pytest.raises(MemoryFileError, match=r"objects\.db.*move it away"):
        ObjectMemory(path, CLASSES)
    with pytest.raises(MemoryFileError, match="cannot be used"):
        ObjectMemory(tmp_path / "no" / "objects.db", CLASSES)


REPORTER = """
import sys
from datetime import UTC, datetime
from nl_planner.site import Detection, ObjectMemory, Taxonomy
memory = ObjectMemory(sys.argv[1], Taxonomy.builtin())
for i in range(100_000):
    look = [Detection("can", (3.0 * i, y), 0.9) for y in (0.0, 3.0)]
    print(*memory.observe(look, datetime(2026, 11, 23, tzinfo=UTC)), flush=True)
"""


def test_a_killed_program_loses_nothing_that_was_acknowledged(tmp_path):
    path = tmp_path / "objects.db"
    chance = random.Random(7)
    told: list[str] = []
    for _ in range(2):
        child = subprocess.Popen(
            [sys.executable, "-c", REPORTER, str(path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(chance.randint(20, 120)):
            told += re.findall(r"can_\d+", child.stdout.readline())
        child.send_signal(signal.SIGKILL)  # in the midst of the next ones
        told += re.findall(r"can_\d+\b(?=.*\n)", child.stdout.read())
        child.stdout.close()
        child.wait()
        with ObjectMemory(path, CLASSES) as memory:
            kept = [seen.id for seen in memory.seen(START)]
            assert set(told) <= set(kept)
            assert len(kept) % 2 == 0  # a look is remembered as a whole or not at all


def test_threads_and_a_second_program_share_it(tmp_path):
    path = tmp_path / "objects.db"
    with ObjectMemory(path, CLASSES) as memory, ObjectMemory(path, CLASSES) as other:

        def report(which, row):
            for i in range(15):
                which.observe([found("can", 3.0 * i, 3.0 * row)], START)
                which.seen(START)

        threads = [
            threading.Thread(target=report, args=(which, row))
            for row, which in enumerate([memory, memory, memory, other])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(memory.seen(START)) == 60
        assert memory.seen(START) == other.seen(START)


looks = st.lists(
    st.lists(
        st.builds(
            found,
            st.sampled_from(["bottle", "cola_bottle", "can", "litter"]),
            st.floats(0, 2),
            st.floats(0, 2),
            st.floats(0, 1),
            radius=st.floats(0, 0.5),
            uncertainty=st.floats(0.01, 0.5),
        ),
        max_size=4,
    ),
    max_size=8,
)


@settings(max_examples=20, derandomize=True)
@given(looks)
def test_the_same_reports_make_the_same_memory(reports):
    def told(memory):
        ids = [memory.observe(look, after(i), box(0, 0, 2, 2)) for i, look in enumerate(reports)]
        for given_ in ids:
            named = [name for name in given_ if name]
            assert len(named) == len(set(named))
        return ids, memory.seen(after(len(reports)))

    with (
        ObjectMemory(":memory:", CLASSES) as one,
        ObjectMemory(":memory:", CLASSES) as two,
    ):
        assert told(one) == told(two)


# ---- on a site


def test_a_site_with_what_is_seen_now(riverside, memory):
    riverside.drivable  # noqa: B018  worked out once
    at = riverside.drivable.representative_point()
    memory.observe([found("branch", at.x, at.y, radius=0.3)], START)
    now = riverside.with_objects(memory.seen(START))
    assert now.free_space is riverside.free_space
    assert now.drivable is riverside.drivable
    assert now.index is riverside.index
    task = Task(action="sweep", object="branch", place=Place(relation="in", landmarks=("site",)))
    region = ground(task, now)
    assert [seen.id for seen in region.objects] == ["branch_1"]
    assert memory.cleaned(region.geometry, task.object) == ("branch_1",)
    again = ground(task, now.with_objects(memory.seen(START)))
    assert again.objects == ()
    assert any("has been seen there" in note for note in again.notes)
