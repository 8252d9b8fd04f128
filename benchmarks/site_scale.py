"""How large a site may be: landmarks, map, objects, and an OpenStreetMap extract.

    python benchmarks/site_scale.py [--landmarks 10000] [--objects 10000] [--cells 4000]
                                    [--elements 10000]

The site is a grid of buildings with a door, lamp posts and lawns, 20 m apart; the map a made floor
of halls with clutter; the extract a made town of buildings with entrances, shops, streets, fences
and ponds (multipolygons), written as OSM XML. Times are CPU seconds, so that other work on the
machine does not count, with real time beside them where one run is meant; medians where there are
many. The first call of a relation, which fills the index, is left out.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from nl_planner.errors import NoSpaceError
from nl_planner.grounding import ground
from nl_planner.site import Detection, ObjectMemory, Site, read_site
from nl_planner.site.check import check_site
from nl_planner.site.export import site_geojson
from nl_planner.site.imports import read_draft
from nl_planner.site.imports.write import write_site
from nl_planner.site.occupancy import read_map
from nl_planner.task import Action, Place, Relation, Task

APART = 20  # m
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KINDS = ("building", "fixture", "area")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--landmarks", type=int, default=10_000)
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--cells", type=int, default=4000, help="of a side of the map")
    parser.add_argument("--elements", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "grid.site.yaml"
        path.write_text(grid(args.landmarks), encoding="utf-8")
        print(f"{args.landmarks} landmarks, {path.stat().st_size / 1e6:.1f} MB; target 3 s")
        site = once("site read", lambda: read_site(path))
        once("free space and its inset", lambda: site.drivable)
        findings = once("site check", lambda: check_site(site))
        print(f"  {len(findings)} findings")
        regions(site, args.landmarks)
        memory(site, args.objects, Path(folder) / "objects.db")
        occupancy(args.cells, Path(folder))
        extract(args.elements, Path(folder))


T = TypeVar("T")


def once(what: str, work: Callable[[], T]) -> T:
    """Do the work and print its seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"  {what:28} {cpu:6.2f} s CPU, {wall:6.2f} s wall")
    return result


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


def occupancy(side: int, folder: Path) -> None:
    """Halls of 20 m with walls of 0.2 m, doors of 1.5 m, columns, and crumbs of the scanner."""
    rng = np.random.default_rng(7)
    shade = np.full((side, side), 254, dtype=np.uint8)
    for at in range(0, side, 400):
        shade[at : at + 4] = shade[:, at : at + 4] = 0
    for at in range(200, side, 400):
        shade[at - 15 : at + 15] = shade[:, at - 15 : at + 15] = 254
    for row, column in rng.integers(0, side - 60, (side * side // 8000, 2)):
        tall, wide = rng.integers(4, 60, 2)
        shade[row : row + tall, column : column + wide] = 0
    shade[rng.random(shade.shape) < 0.0005] = 0
    Image.fromarray(shade).save(folder / "floor.pgm")
    path = folder / "floor.yaml"
    path.write_text(
        "image: floor.pgm\nresolution: 0.05\norigin: [0, 0, 0]\nnegate: 0\n"
        "occupied_thresh: 0.65\nfree_thresh: 0.25\n"
    )
    site_file = folder / "floor.site.yaml"
    site_file.write_text(
        "nl_planner_site: 1\nname: [Floor]\n"
        "robot: {radius: 0.3, tool_width: 0.5, actions: [sweep]}\n"
        "occupancy: floor.yaml\nlandmarks: {}\n"
    )
    print(f"a map of {side} x {side} cells; target 4 s to free space")
    free = once("map to free space", lambda: read_map(path).free_space)
    holes = sum(len(part.interiors) for part in free.geoms)
    print(f"  {free.area:.0f} m², {len(free.geoms)} pieces, {holes} obstacles")
    site = once("site on it read", lambda: read_site(site_file))
    once("free space and its inset", lambda: site.drivable)
    near = Task(action=Action.SWEEP, place=Place(relation=Relation.NEAR, landmarks=("operator",)))
    ground(near, site, operator=(11, 11))
    spots = [(11.0 + i % 170, 11.0 + 7 * i % 170) for i in range(60)]

    def region(i: int) -> None:
        with suppress(NoSpaceError):
            ground(near, site, operator=spots[i])

    print(f"  near a person in {median_ms(region, list(range(60))):.1f} ms")


def extract(count: int, folder: Path) -> None:
    path = folder / "town.osm"
    path.write_text(town(count), encoding="utf-8")
    print(f"an OSM extract of {count} elements with tags, {path.stat().st_size / 1e6:.1f} MB, made")
    draft = once("read and drafted", lambda: read_draft(path))
    out = folder / "town.site.yaml"
    site = once("site written and read", lambda: write_site(draft, out))
    findings = once("site check", lambda: check_site(site))
    counts = f"{len(site.landmarks)} landmarks, {len(site.keepouts)} keepouts"
    print(f"  {counts}, {len(findings)} findings")
    document = once("to GeoJSON", lambda: site_geojson(site, folder))
    (folder / "town.geojson").write_text(json.dumps(document, ensure_ascii=False))
    once("and read again", lambda: read_draft(folder / "town.geojson"))


def town(count: int) -> str:
    """Lots of 40 m x 40 m, of ten elements each: a building with two entrances and a shop, a street
    with a name, a footway without, a fence with a gate, a pond with an island, a garden.
    """
    nodes: list[str] = []
    things: list[str] = []
    side = math.ceil(math.sqrt(count / 10))

    def node(x: float, y: float, **tags: str) -> int:
        body = "".join(f'<tag k="{key.replace("__", ":")}" v="{v}"/>' for key, v in tags.items())
        number = len(nodes) + 1
        lat, lon = 31 + y / 110_861, 121 + x / 95_506
        nodes.append(f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}">{body}</node>')
        return number

    def way(at: Sequence[int], **tags: str) -> int:
        refs = "".join(f'<nd ref="{one}"/>' for one in at)
        body = "".join(f'<tag k="{key.replace("__", ":")}" v="{v}"/>' for key, v in tags.items())
        things.append(f'<way id="{len(things) + 1}">{refs}{body}</way>')
        return len(things)

    def ring(x0: float, y0: float, x1: float, y1: float) -> list[int]:
        at = [node(x0, y0), node(x1, y0), node(x1, y1), node(x0, y1)]
        return [*at, at[0]]

    for lot in range(count // 10):
        x, y = 40.0 * (lot % side), 40.0 * (lot // side)
        outline = ring(x + 8, y + 10, x + 24, y + 20)
        outline.insert(1, node(x + 12, y + 10, entrance="main"))
        outline.insert(4, node(x + 16, y + 20, entrance="yes", ref="2"))
        name = {"name": f"{lot}号楼", "name__en": f"House {lot}"} if lot % 3 else {}
        way(outline, building="apartments", addr__street=f"{lot // side}路", **name)
        node(x + 20, y + 15, shop="bakery", name=f"面包房{lot}", name__en=f"Bakery {lot}")
        way([node(x, y + 2), node(x + 40, y + 2)], highway="residential", name=f"{lot // side}路")
        way([node(x + 12, y + 2), node(x + 12, y + 10)], highway="footway")
        gate = node(x + 30, y + 5, barrier="gate")
        way([node(x + 26, y + 5), gate, node(x + 38, y + 5)], barrier="fence")
        pond, island = (
            way(ring(x + 26, y + 24, x + 38, y + 36)),
            way(ring(x + 30, y + 28, x + 32, y + 30)),
        )
        members = f'<member type="way" ref="{pond}" role="outer"/>'
        members += f'<member type="way" ref="{island}" role="inner"/>'
        tags = '<tag k="type" v="multipolygon"/><tag k="natural" v="water"/>'
        things.append(f'<relation id="{len(things) + 1}">{members}{tags}</relation>')
        way(ring(x + 4, y + 24, x + 20, y + 36), leisure="garden", name=f"花园{lot}")
    return "\n".join(['<osm version="0.6">', *nodes, *things, "</osm>"])


if __name__ == "__main__":
    main()
