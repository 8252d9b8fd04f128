"""Coverage on seven real maps, beside the best peers that can be imported; how time grows.

    python benchmarks/coverage.py [--maps NAME,NAME] [--peers] [--pictures docs/coverage]
    python benchmarks/coverage.py --growth          # how time grows with area and holes
    python benchmarks/coverage.py --floors 3        # seeded floors, 3 of each kind
    python benchmarks/coverage.py --footprint       # what the circle around a long body loses
    python benchmarks/coverage.py --turning-radius 0.5 --maps nav2_depot

The maps and what measures them: ``coverage_maps/`` and ``coverage_measure.py``. A row is one map:
area and holes, then for each planner the share of what the tool can reach that is covered, length
over its lower bound, metres outside the inset free space, turns, driving time, and seconds to plan:
of the processor, then by the clock (which also counts what else the machine does).
``beat`` is the ratio to stay below at 99.5 % and nothing outside. Planners run turn by turn in this
process; each is given the same inset free space.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from coverage_measure import measure
from shapely.geometry import Point, Polygon, box, shape

from nl_planner.coverage import cover

HERE = Path(__file__).parent
BEAT = {
    "nav2_tb3_sandbox": 1.37,
    "aws_small_house": 1.24,
    "nav2_depot": 1.28,
    "home_z10": 1.56,
    "nobleo_basement": 1.42,
    "mit_building_31": 1.41,
    "rmf_airport_L1": 1.19,
}
Planner = Callable[[Polygon, float, float], np.ndarray]


def maps() -> dict[str, tuple[Polygon, float, float]]:
    """Name to region, robot radius and tool width, the smallest first."""
    data = json.loads((HERE / "coverage_maps" / "regions.geojson").read_text())
    found = {}
    for feature in data["features"]:
        about = feature["properties"]
        found[about["name"]] = (
            shape(feature["geometry"]),
            about["robot_radius"],
            about["tool_width"],
        )
    return {name: found[name] for name in BEAT}


def ours(region: Polygon, radius: float, width: float, turning_radius: float = 0.0) -> np.ndarray:
    path = cover(region, radius=radius, tool_width=width, turning_radius=turning_radius)
    return path.poses[:, :2]


def coverage_path_planner(region: Polygon, radius: float, width: float) -> np.ndarray:
    """The wheel coverage-path-planner (CaSSAndRA): lines with one lap around everything."""
    import coverage_path_planner as cpp

    def ring(line: shapely.LinearRing) -> object:
        return cpp.Polygon([cpp.Point(x, y) for x, y in shapely.get_coordinates(line)[:-1]])

    inset = region.buffer(-radius - 1e-3).simplify(5e-4)
    inset = max(getattr(inset, "geoms", [inset]), key=lambda part: part.area)
    environment = cpp.Environment(ring(inset.exterior))
    for hole in inset.interiors:
        environment.addObstacle(ring(hole))
    settings = cpp.PathSettings()
    settings.pattern, settings.offset, settings.angle = "lines", width, 0
    settings.distanceToBorder, settings.mowArea = 0, True
    settings.mowBorder, settings.borderLaps = True, 1
    settings.mowExclusionsBorder, settings.exclusionsBorderLaps = True, 1
    start = inset.representative_point()
    result = cpp.PathService().computeFullTask(environment, settings, cpp.Point(start.x, start.y))
    return np.array([(p.x, p.y) for p in result.path.getPoints()])


def fields2cover(region: Polygon, radius: float, width: float) -> np.ndarray:
    """Fields2Cover: boustrophedon cells, snake order, route over them."""
    import fields2cover as f2c

    def ring(line: shapely.LinearRing) -> object:
        points = f2c.VectorPoint()
        for x, y in shapely.get_coordinates(line):
            points.append(f2c.Point(x, y))
        return f2c.LinearRing(points)

    inset = region.buffer(-radius).simplify(5e-4)
    inset = max(getattr(inset, "geoms", [inset]), key=lambda part: part.area)
    cell = f2c.Cell(ring(inset.exterior))
    for hole in inset.interiors:
        cell.addRing(ring(hole))
    cells = f2c.DECOMP_Boustrophedon().decompose(f2c.Cells(cell))
    swaths = f2c.SG_BruteForce().generateBestSwaths(f2c.OBJ_SwathLength(), width, cells)
    route = f2c.RP_RoutePlannerBase().genRoute(f2c.Cells(cell), swaths)
    return np.array([(p.getX(), p.getY()) for p in route.asLineString()])


PEERS: dict[str, Planner] = {
    "coverage_path_planner": coverage_path_planner,
    "fields2cover": fields2cover,
}


HEAD = (
    f"{'map':24s}{'m²/holes':>12s}{'beat':>6s}  planner{'':17s}cover%  ratio  out m"
    "  turns  drive s   cpu s  wall s"
)


def row(
    name: str, area: tuple[Polygon, float, float], beat: float, label: str, planner: Planner
) -> bool:
    """Plan, measure and print one line; whether the targets are met."""
    region, radius, width = area
    clock, processor = time.perf_counter(), time.process_time()
    xy = planner(region, radius, width)
    processor, clock = time.process_time() - processor, time.perf_counter() - clock
    m = measure(region, xy, width, radius, overlap=False, body=False)
    size = f"{region.area:.0f}/{len(region.interiors)}"
    print(
        f"{name:24s}{size:>12s}{'' if math.isnan(beat) else f'{beat:.2f}':>6s}  {label:23s}"
        f"{100 * m['coverage_brush_main']:7.2f}{m['ratio_lb']:7.3f}{m['outside_m']:7.2f}"
        f"{m['turns']:7d}{m['time_s']:9.0f}{processor:8.2f}{clock:8.2f}",
        flush=True,
    )
    good = m["coverage_brush_main"] >= 0.995 and m["outside_m"] == 0
    return good and not m["ratio_lb"] > beat


def table(names: list[str], planners: dict[str, Planner]) -> bool:
    """The seven maps, one after the other, by each planner."""
    print(HEAD)
    good = True
    for name in names:
        for label, planner in planners.items():
            met = row(name, maps()[name], BEAT[name], label, planner)
            good &= met or label != "nl_planner"
    return good


def floors(count: int) -> bool:
    """Seeded floors that planning has not been tuned on, drawn and as a grid map."""
    from coverage_worlds import floor

    print(HEAD)
    good = True
    kinds = (("home", 90), ("home", 200), ("home", 375), ("office", 249), ("basement", 150))
    for kind, obstacles in (*kinds, ("warehouse", 60), ("warehouse", 250)):
        for seed in range(count):
            for mapped in (False, True):
                name = f"{kind} {obstacles} #{seed}{' mapped' if mapped else ''}"
                robot = (0.17, 0.25) if kind == "home" else (0.3, 0.5)
                area = (floor(kind, seed, obstacles, mapped), *robot)
                good &= row(name, area, math.nan, "nl_planner", ours)
    return good


def growth() -> None:
    """Processor seconds over area and holes, and the slopes of their logarithms."""
    print("     m²  holes   length   cpu s")
    rows = []
    areas = [(area, area // 10) for area in (10, 30, 100, 300, 1000)]
    holes = [(1000, count) for count in (0, 30, 300)]
    for area, count in [*areas, *holes, (10, 0), (300, 0), (300, 150)]:
        side = math.sqrt(area)
        at = np.random.default_rng(area + count).uniform(0, side, (count, 2))
        posts = shapely.union_all([Point(p).buffer(0.15, quad_segs=2) for p in at])
        region = box(0, 0, side, side).difference(posts)
        begin = time.process_time()
        path = cover(region, radius=0.3, tool_width=0.5)
        rows.append((area, count, path.length, time.process_time() - begin))
        print(f"{area:7d}{count:7d}{path.length:9.0f}{rows[-1][3]:8.2f}", flush=True)
    same = np.log(np.array(rows[: len(areas)]))
    more = np.array([row for row in rows if row[0] == 1000 and row[1]])
    slope = np.polyfit(same[:, 0], same[:, 3], 1)[0]
    print(f"at one hole per 10 m², seconds grow as area^{slope:.2f}")
    slope = np.polyfit(np.log(more[:, 1]), np.log(more[:, 3]), 1)[0]
    print(f"at 1,000 m², from 30 to 300 holes, as holes^{slope:.2f}")


def footprints(names: list[str]) -> None:
    """What the circle around a long body gives away: the share of each floor that the tool can
    reach when the robot keeps clear by that circle, and when by half its width only, which is
    the most that driving along walls without turning could win.
    """
    length, width, tool = 0.8, 0.5, 0.5
    print(f"body {length} x {width} m, tool {tool} m; share of the floor that is reached")
    print(f"{'map':24s}{'circle':>9s}{'half width':>12s}")
    for name in names:
        region = maps()[name][0]
        shares = []
        for radius in (math.hypot(length, width) / 2, width / 2):
            parts = shapely.get_parts(region.buffer(-radius))
            main = max(parts, key=lambda part: part.area)
            shares.append(main.buffer(tool / 2).intersection(region).area / region.area)
        print(f"{name:24s}{100 * shares[0]:8.1f}%{100 * shares[1]:11.1f}%")


def picture(name: str, folder: Path, turning_radius: float) -> None:
    """The map with the path coloured by progress, from blue to red."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.collections import LineCollection
    from shapely.plotting import plot_polygon

    region, radius, width = maps()[name]
    path = cover(region, radius=radius, tool_width=width, turning_radius=turning_radius)
    file = folder / f"{name}{'_turning_radius' if turning_radius else ''}.png"
    x0, y0, x1, y1 = region.bounds
    high = 9 * (y1 - y0) / (x1 - x0)
    figure, axes = plt.subplots(figsize=(9, high + 0.5))
    plot_polygon(region, ax=axes, add_points=False, facecolor="white", edgecolor="black", lw=0.5)
    xy = path.poses[:, :2]
    lines = LineCollection(np.stack((xy[:-1], xy[1:]), axis=1), cmap="turbo", linewidths=1.0)
    lines.set_array(np.cumsum(np.hypot(*np.diff(xy, axis=0).T)))
    axes.add_collection(lines)
    axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal", facecolor="#ddd", xticks=[], yticks=[])
    axes.set_title(
        f"{name}: {region.area:.0f} m², {path.length:.0f} m of path, "
        f"{100 * path.coverage:.1f} % of what can be reached"
        + (f"; turning radius {turning_radius:g} m" if turning_radius else ""),
        fontsize=9,
    )
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110, bbox_inches="tight", pil_kwargs={"optimize": True})
    plt.close(figure)
    from PIL import Image

    with Image.open(file) as image:
        image.convert("RGB").quantize(64).save(file, optimize=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", default=",".join(BEAT), help="names, with commas")
    parser.add_argument("--peers", action="store_true", help="run the peers that are installed")
    parser.add_argument("--growth", action="store_true", help="how time grows, instead")
    parser.add_argument("--floors", type=int, metavar="N", help="N seeded floors a kind, instead")
    parser.add_argument("--footprint", action="store_true", help="circle or true body, instead")
    parser.add_argument("--turning-radius", type=float, default=0.0, help="metres; no targets")
    parser.add_argument("--pictures", type=Path, help="folder to draw the paths into")
    arguments = parser.parse_args()
    names = [n for n in BEAT if any(part in n for part in arguments.maps.split(","))]
    cover(box(0, 0, 2, 2), radius=0.3, tool_width=0.5)  # imports are not timed
    if arguments.growth:
        growth()
        return 0
    if arguments.footprint:
        footprints(names)
        return 0
    if arguments.pictures:
        for name in names:
            picture(name, arguments.pictures, arguments.turning_radius)
        return 0
    planners: dict[str, Planner] = {"nl_planner": ours}
    if arguments.turning_radius:
        arcs = partial(ours, turning_radius=arguments.turning_radius)
        table(names, {"nl_planner, arcs": arcs})
        return 0
    if arguments.peers:
        planners |= {n: p for n, p in PEERS.items() if importlib.util.find_spec(n)}
    good = floors(arguments.floors) if arguments.floors else table(names, planners)
    print("\nall targets met" if good else "\na target is missed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
