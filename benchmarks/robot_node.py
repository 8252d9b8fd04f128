"""The node on a robot, measured from outside: how soon a cancel counts, what a kill costs.

    python test/ros/ros_environment.py python benchmarks/robot_node.py [CANCELS]

Three processes over DDS: this one, the planner (with a stand-in for the language model that keeps
Python busy while it "reads"), and a robot: Nav2 as a script that slides along its path at 0.8 m/s,
or the simulated robot with its real following error. The memory over fifty instructions is printed
by `pytest -s test/ros/test_fifty.py`.
"""

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import rclpy
import shapely
from nav_msgs.msg import OccupancyGrid
from shapely.geometry import box

from nl_planner.ros.conversions import map_from_ros, path_from_ros

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "test" / "ros"))
from processes import SITE, Start, until  # noqa: E402
from ros_client import LATCHED, Client  # noqa: E402

REACH = box(0.3, 0.3, 7.7, 4.7).buffer(0.25).intersection(box(0, 0, 3, 4))


def main():
    count = int(sys.argv[1]) if sys.argv[1:] else 20
    rclpy.init()
    client = Client()
    with tempfile.TemporaryDirectory() as scratch:
        site = Path(scratch) / "hall.site.yaml"
        site.write_text(SITE, encoding="utf-8")
        for name, measure in (
            ("cancel", lambda start: cancels(start, client, count)),
            ("kill", lambda start: killed(start, client)),
            ("cover", lambda start: covers(start, client)),
        ):
            folder = Path(scratch) / name
            folder.mkdir()
            client.forget()
            start = Start(folder, site, client)
            try:
                measure(start)
            finally:
                start.end()
    client.close()
    rclpy.shutdown()


def cancels(start, client, count):
    start.robot(speed=0.8)
    start.planner()
    chance = random.Random(0)
    found = {"while the model reads": [], "while the robot drives": []}
    for number in range(count):
        reads = bool(number % 2)
        said = client.say("慢慢地看东区" if reads else "扫西区")
        until(lambda said=said: said.feedback and said.handle)
        if not reads:
            began = client.metres()
            until(lambda began=began: client.metres() > began + 0.3)
        time.sleep(chance.uniform(0, 1))
        at, asked = client.metres(), time.monotonic()
        answered = said.cancel()
        said.result()
        ended = time.monotonic() - asked
        until(client.stands)
        kind = "while the model reads" if reads else "while the robot drives"
        found[kind].append((answered, ended, client.metres() - at))
    for kind, rows in found.items():
        for what, values in zip(("answered", "ended"), zip(*rows, strict=True), strict=False):
            print(
                f"cancel {kind}, {what} (n={len(values)}): "
                f"p50 {statistics.median(values):.3f} s, most {max(values):.3f} s"
            )
        farthest = max(row[2] for row in rows)
        print(f"  the robot moved at most {farthest:.2f} m after it, {farthest / 0.8:.2f} s of it")


def killed(start, client):
    start.robot(speed=4.0)
    planner = start.planner()
    client.say("扫西区")
    until(lambda: client.metres() > 12)
    planner.kill()
    client.replies.clear()
    start.planner()
    until(lambda: client.replies)
    until(client.stands)
    result = client.say("好的").result()
    path = shapely.LineString(path_from_ros(result.path)[:, :2]).length
    driven = sum(line.length for line in client.tool_lines())
    print(f"killed in mid-job: {max(0.0, driven / path - 1):.1%} of {path:.1f} m driven twice, "
          f"{result.covered:.1%} covered")  # fmt: skip


def covers(start, client):
    grids = []
    client.create_subscription(OccupancyGrid, "/cleaned", grids.append, LATCHED)
    start.simulated_robot([1.0, 1.0, 0.0])
    start.planner(use_sim_time=True, position_timeout=20.0)
    result = client.say("扫西区").result(300)
    seen = len(grids)
    until(lambda: len(grids) > seen + 1)
    grid = map_from_ros(grids[-1])
    rows, columns = grid.cells.nonzero()
    clean = shapely.contains_xy(REACH, *grid.middle(rows, columns)).sum() * grid.resolution**2
    print(f"simulated robot: {clean / REACH.area:.1%} of what it can reach is clean, "
          f"the node says {result.covered:.1%}")  # fmt: skip


if __name__ == "__main__":
    main()
