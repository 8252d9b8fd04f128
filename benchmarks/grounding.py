"""How well, and how fast, places become regions.

    python benchmarks/grounding.py CASES.jsonl SITE.yaml      the points of the cases
    python benchmarks/grounding.py --speed                    a made site of 10,000 landmarks

A case is a line of ``nl-planner eval``; its gold task is grounded (of a slot that accepts several
values the first), and the points that must lie inside and outside of the region are counted.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import Point

from nl_planner.errors import NlPlannerError
from nl_planner.grounding import ground
from nl_planner.site import Landmark, Robot, Site, Taxonomy, read_site
from nl_planner.task import Action, Place, Relation, Task


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path, nargs="?")
    parser.add_argument("site", type=Path, nargs="?")
    parser.add_argument("--every", action="store_true", help="every accepted relation, not one")
    parser.add_argument("--speed", action="store_true")
    args = parser.parse_args()
    if args.cases:
        points(args.cases, read_site(args.site), every=args.every)
    if args.speed:
        speed()


def first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def gold_place(place: dict[str, Any], choice: int = 0) -> Place:
    relation = place["relation"]
    relation = relation[choice % len(relation)] if isinstance(relation, list) else relation
    landmarks = place["landmarks"]
    if isinstance(landmarks[0], list):  # several are accepted; the first may be "last"
        landmarks = landmarks[-1]
    return Place(
        relation=relation,
        landmarks=tuple(landmarks),
        distance=first(place.get("distance")),
        part=first(place.get("part")),
    )


def gold_task(task: dict[str, Any], choice: int = 0) -> Task:
    place = first(task.get("place"))
    return Task(
        action=first(task["action"]),
        object=first(task.get("object")),
        place=gold_place(place, choice) if place else None,
        except_places=tuple(gold_place(left_out, choice) for left_out in task.get("except", ())),
        except_objects=tuple(task.get("except_objects", ())),
    )


def points(path: Path, site: Site, *, every: bool) -> None:
    right = total = grounded = tasks = 0
    seconds = []
    for line in path.read_text("utf-8").splitlines():
        case = json.loads(line)
        for task in case["expect"].get("tasks", ()):
            for choice in range(3 if every else 1):
                tasks += 1
                asked = gold_task(task, choice)
                began = time.perf_counter()
                try:
                    region = ground(
                        asked,
                        site,
                        robot=case.get("robot"),
                        operator=case.get("operator"),
                        language=case["lang"],
                    )
                    grounded += 1
                except NlPlannerError as error:
                    print(f"{case['id']}: {type(error).__name__}: {error}")
                    continue
                finally:
                    seconds.append(time.perf_counter() - began)
                for key in ("inside", "outside"):
                    for point in case.get(key, ()):
                        total += 1
                        if shapely.intersects(region.geometry, Point(point)) == (key == "inside"):
                            right += 1
                        else:
                            print(f"{case['id']}: {point} is not {key}: {region.frame}")
    print(f"points right: {right} of {total} ({100 * right / max(total, 1):.1f} %)")
    print(f"tasks grounded: {grounded} of {tasks}")
    print(
        f"median {1000 * statistics.median(seconds):.1f} ms, slowest {1000 * max(seconds):.0f} ms"
    )


def speed(side: int = 100) -> None:
    """A grid of side x side landmarks: buildings, posts and areas, 20 m apart."""
    landmarks = {}
    for i in range(side * side):
        x, y = 20.0 * (i % side), 20.0 * (i // side)
        kind = ("building", "fixture", "area")[i % 3]
        size = {"building": 12, "fixture": 1, "area": 9}[kind]
        landmarks[f"thing_{i}"] = Landmark(
            id=f"thing_{i}",
            names=(f"Thing {i}",),
            kind=kind,
            geometry=shapely.box(x, y, x + size, y + 0.7 * size),
            front=0.0,
            enter=kind == "area",
        )
    edge = 20.0 * side
    began = time.perf_counter()
    site = Site(
        name=("Grid",),
        robot=Robot(0.4, 0.6, (Action.SWEEP,)),
        landmarks=landmarks,
        keepouts={},
        objects=(),
        taxonomy=Taxonomy.builtin(),
        boundary=shapely.box(-10, -10, edge, edge),
    )
    assert site.free_space.area > site.drivable.area
    print(
        f"{len(landmarks)} landmarks: free space and inset in {time.perf_counter() - began:.2f} s"
    )
    for relation in Relation:
        seconds = []
        for i in range(3, side * side, side * side // 20):
            names = (f"thing_{i}", f"thing_{i + 1}")
            chosen = names if relation is Relation.BETWEEN else names[:1]
            if relation is Relation.IN:
                chosen = (f"thing_{i - i % 3 + 2}",)
            task = Task(action=Action.SWEEP, place=Place(relation=relation, landmarks=chosen))
            began = time.perf_counter()
            ground(task, site)
            seconds.append(time.perf_counter() - began)
        warm = statistics.median(seconds[1:])
        print(f"  {relation.value:12} median {1000 * warm:6.1f} ms, first {seconds[0]:.3f} s")


if __name__ == "__main__":
    main()
