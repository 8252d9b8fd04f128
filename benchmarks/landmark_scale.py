"""How fast a site of 10,000 landmarks loads, becomes regions, and remembers 10,000 objects.

    python benchmarks/landmark_scale.py [--landmarks 10000] [--objects 10000]

A grid of buildings with a door, lamp posts and lawns, 20 m apart, written as a site file and read
again. Medians of CPU seconds, so that other work on the machine does not count, but of real time
where the disk is waited for; the first call of a relation, which fills the index, is left out.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from nl_planner.grounding import ground
from nl_planner.site import Detection, ObjectMemory, Site, read_site
from nl_planner.site.check import check_site
from nl_planner.task import Action, Place, Relation, Task

APART = 20  # m
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KINDS = ("building", "fixture", "area")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--landmarks", type=int, default=10_000)
    parser.add_argument("--objects", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "grid.site.yaml"
        path.write_text(grid(args.landmarks), encoding="utf-8")
        print(f"{args.landmarks} landmarks, {path.stat().st_size / 1e6:.1f} MB; target 3 s")
        site, read = timed(lambda: read_site(path))
        _, free = timed(lambda: site.drivable)
        print(f"  site loads in {read + free:.2f} s ({read:.2f} read, {free:.2f} free space)")
        findings, seconds = timed(lambda: check_site(site))
        print(f"  site check in {seconds:.2f} s, {len(findings)} findings")
        regions(site, args.landmarks)
        memory(site, args.objects, Path(folder) / "objects.db")


def timed(
    work: Callable[[], object], clock: Callable[[], float] = time.process_time
) -> tuple[object, float]:
    began = clock()
    result = work()
    return result, clock() - began


def median_ms(
    work: Callable[[int], object],
    runs: list[int],
    clock: Callable[[], float] = time.process_time,
) -> float:
    return 1000 * statistics.median(timed(lambda run=run: work(run), clock)[1] for run in runs)


def grid(count: int) -> str:
    side = math.ceil(math.sqrt(count))
    edge = APART * side
    rows = [
        "nl_planner_site: 1",
        "name: [大园区, Grid]",
        "robot: {radius: 0.4, tool_width: 0.6, actions: [sweep]}",
        f"boundary: [[-10, -10], [{edge}, -10], [{edge}, {edge}], [-10, {edge}]]",
        "landmarks:",
    ]
    for i in range(count):
        x, y = APART * (i % side), APART * (i // side)
        kind = KINDS[i % 3]
        width, depth = (12, 8) if kind == "building" else (9, 6)
        shape = f"polygon: [[{x}, {y}], [{x + width}, {y}], [{x + width}, {y + depth}], "
        shape += f"[{x}, {y + depth}]]"
        if kind == "building":
            shape += f", entrances: {{main: {{at: [{x + 6}, {y}], names: [正门, main door]}}}}"
        if kind == "fixture":
            shape = f"point: [{x}, {y}], width: 0.4, front: 270"
        if kind == "area":
            shape += ", front: 270"
        rows.append(f"  thing_{i}: {{names: [{i}号, Thing {i}], kind: {kind}, {shape}}}")
    return "\n".join(rows)


def regions(site: Site, count: int) -> None:
    runs = list(range(0, count - 4, max(3, count // 60 // 3 * 3)))
    worst = 0.0
    for relation in Relation:

        def region(i: int, relation: Relation = relation) -> None:
            first = i + 2 if relation is Relation.IN else i + i // 3 % 3
            names = (f"thing_{first}", f"thing_{first + 1}")
            marks = names if relation is Relation.BETWEEN else names[:1]
            ground(Task(action=Action.SWEEP, place=Place(relation=relation, landmarks=marks)), site)

        region(0)
        milliseconds = median_ms(region, runs)
        worst = max(worst, milliseconds)
        print(f"  {relation.value:12} {milliseconds:6.1f} ms")
    print(f"  a region in at most {worst:.1f} ms (the slowest median); target 50 ms")


def memory(site: Site, count: int, path: Path) -> None:
    spots = [(0.9 + 3.0 * (i % 600), 14.0 + 20.0 * (i // 600)) for i in range(count)]
    with ObjectMemory(path, site.taxonomy) as seen:
        for first in range(0, count, 500):
            seen.observe([Detection("can", at, 0.9) for at in spots[first : first + 500]], NOW)
        print(f"{len(seen.seen(NOW))} objects remembered")

        def look(i: int) -> None:
            seen.observe([Detection("can", at, 0.9) for at in spots[i : i + 20]], NOW)

        print(
            f"  a look of 20 is on the disk in {median_ms(look, list(range(0, 1000, 50))):.1f} ms"
        )
        now = median_ms(lambda _: seen.seen(NOW), list(range(9)))
        print(f"  what is seen now in {now:.0f} ms")
        task = Task(
            action=Action.SWEEP,
            object="can",
            place=Place(relation=Relation.NEAR, landmarks=("thing_0",)),
        )
        moment = median_ms(
            lambda _: ground(task, site.with_objects(seen.seen(NOW))), list(range(9))
        )
        print(f"  seen, put on the site, and a region of them in {moment:.0f} ms")
    _, opened = timed(lambda: ObjectMemory(path, site.taxonomy).close())
    print(f"  opened again in {1000 * opened:.0f} ms")


if __name__ == "__main__":
    main()
