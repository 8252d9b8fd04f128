"""How well, and how fast, places become regions.

    python benchmarks/grounding.py CASES.jsonl SITE.yaml

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
from nl_planner.site import Site, read_site
from nl_planner.task import Place, Task


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("site", type=Path)
    parser.add_argument("--every", action="store_true", help="every accepted relation, not one")
    args = parser.parse_args()
    points(args.cases, read_site(args.site), every=args.every)


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


if __name__ == "__main__":
    main()
