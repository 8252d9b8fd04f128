"""What the launch files declare and start, by the real launch where it is and by a stand-in."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from nl_planner.site import read_site

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILES = ("planner", "simulation", "nav2", "gazebo")
RIVERSIDE = ROOT / "maps" / "riverside.site.yaml"
PACKAGES = (
    *("nav2_amcl", "nav2_behaviors", "nav2_bt_navigator", "nav2_collision_monitor"),
    *("nav2_controller", "nav2_lifecycle_manager", "nav2_map_server", "nav2_planner"),
    *("nav2_velocity_smoother", "nl_planner", "ros_gz_bridge", "ros_gz_sim", "rviz2", "tf2_ros"),
)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """A prefix with this package as colcon lays it out, and all that may be started."""
    prefix = tmp_path_factory.mktemp("prefix")
    index = prefix / "share" / "ament_index" / "resource_index" / "packages"
    index.mkdir(parents=True)
    for package in PACKAGES:
        (index / package).touch()
        (prefix / "share" / package).mkdir()
        (prefix / "lib" / package).mkdir(parents=True)
    for folder in ("launch", "config", "maps"):
        (prefix / "share" / "nl_planner" / folder).symlink_to(ROOT / folder)
    named = re.findall(r'"(\w+)", "(\w+)", "\w+", (?:True|False)', launch_file("nav2").read_text())
    for file in FILES:
        named += re.findall(
            r'package="(\w+)",\s+executable="(\w+)"', launch_file(file).read_text("utf-8")
        )
    for package, executable in named:
        program = prefix / "lib" / package / executable
        program.write_text(f"#!{sys.executable}\n" + (HERE / "report_start.py").read_text("utf-8"))
        program.chmod(0o755)
    gz = prefix / "share" / "ros_gz_sim" / "launch"
    gz.mkdir()
    (gz / "gz_sim.launch.py").write_text(
        "from launch import LaunchDescription\n\n\n"
        "def generate_launch_description():\n    return LaunchDescription([])\n"
    )
    return prefix


def launch_file(name):
    return ROOT / "launch" / f"{name}.launch.py"


class Launched:
    """What a run of a launch file declared (arguments), started (nodes) and printed."""

    def __init__(self, done, entries):
        self.done = done
        self.arguments = {e["argument"]: e["description"] for e in entries if "argument" in e}
        self.nodes = [e for e in entries if "executable" in e]

    def node(self, executable, name=None):
        """The one node of that executable (and name)."""
        (found,) = [
            n for n in self.nodes if n["executable"] == executable and name in (None, n["name"])
        ]
        return found


def real_launch():
    """Whether ROS's own launch is here; the folder of launch files is a package to Python too."""
    found = importlib.util.find_spec("launch_ros")
    return found is not None and found.origin is not None


@pytest.fixture(params=["stand-in", "real"])
def launch(request, prefix, tmp_path):
    """Runs a launch file of this package with arguments NAME=VALUE."""
    if request.param == "real" and not real_launch():
        pytest.skip("ROS's packages launch and launch_ros are not on PyPI: on a robot this runs")

    def run(name, **arguments):
        program = "launch_stand_in.py" if request.param == "stand-in" else "run_launch.py"
        starts = tmp_path / "starts"
        starts.mkdir(exist_ok=True)
        environment = os.environ | {
            "AMENT_PREFIX_PATH": str(prefix),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "REPORT_STARTS": str(starts),
            "ROS_LOG_DIR": str(tmp_path / "log"),
            "ROS_DISTRO": "jazzy",
        }
        words = [f"{key}:={value}" for key, value in arguments.items()]
        done = subprocess.run(
            [sys.executable, HERE / program, launch_file(name), *words],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        entries = [json.loads(line) for line in lines]
        entries += [json.loads(path.read_text("utf-8")) for path in sorted(starts.iterdir())]
        return Launched(done, entries)

    return run


def test_the_planner_gets_what_was_said(launch, tmp_path):
    site = tmp_path / "my.site.yaml"
    site.write_bytes(RIVERSIDE.read_bytes())
    ran = launch(
        "planner",
        site=site,
        model="qwen2.5-coder-0.5b",
        namespace="hall",
        record=tmp_path,
        use_sim_time="true",
        autostart="false",
        respawn="false",
        log_level="debug",
        enclave="/nl_planner",
    )
    assert ran.done.returncode == 0, ran.done.stderr
    node = ran.node("nl_planner_node")
    assert (node["package"], node["name"]) == ("nl_planner", "nl_planner")
    assert node["namespace"] == "hall"
    file, own = node["parameters"]
    assert Path(file).samefile(ROOT / "config" / "nl_planner.yaml")
    assert own == {
        "site": str(site),
        "model": "qwen2.5-coder-0.5b",
        "record": str(tmp_path),
        "use_sim_time": True,
        "autostart": False,
    }
    told = dict(zip(node["ros_arguments"][::2], node["ros_arguments"][1::2], strict=True))
    assert told == {"--log-level": "hall.nl_planner:=debug", "--enclave": "/nl_planner"}


def test_what_was_not_said_is_left_to_the_file(launch):
    ran = launch("planner", site=RIVERSIDE, respawn="false")
    _, own = ran.node("nl_planner_node")["parameters"]
    assert own == {"site": str(RIVERSIDE), "use_sim_time": False, "autostart": True}


def test_every_argument_says_what_it_is(launch):
    ran = launch("planner", site=RIVERSIDE, respawn="false")
    assert ran.arguments.keys() >= {
        "site",
        "model",
        "params_file",
        "use_sim_time",
        "autostart",
        "namespace",
        "log_level",
    }
    assert all(ran.arguments.values())


def test_a_site_that_is_not_there_is_said_so(launch, tmp_path):
    ran = launch("planner", site=tmp_path / "no.site.yaml", respawn="false")
    assert ran.done.returncode != 0
    assert "there is no file" in ran.done.stderr + ran.done.stdout
    assert not ran.nodes


def test_the_simulation_is_robot_planner_and_rviz(launch):
    ran = launch("simulation", respawn="false")
    assert ran.done.returncode == 0, ran.done.stderr
    assert {n["executable"] for n in ran.nodes} == {"nl_planner_sim", "nl_planner_node", "rviz2"}
    sim, planner = ran.node("nl_planner_sim"), ran.node("nl_planner_node")
    assert Path(sim["parameters"][0]["site"]).samefile(RIVERSIDE)
    assert Path(planner["parameters"][1]["site"]).samefile(RIVERSIDE)
    view = Path(ran.node("rviz2")["arguments"][1])
    assert view.samefile(ROOT / "config" / "nl_planner.rviz")


def test_rviz_can_be_left_out(launch):
    ran = launch("simulation", respawn="false", rviz="false")
    assert {n["executable"] for n in ran.nodes} == {"nl_planner_sim", "nl_planner_node"}


def test_nav2_starts_what_its_manager_manages(launch):
    ran = launch("nav2", use_sim_time="true")
    assert ran.done.returncode == 0, ran.done.stderr
    manager = ran.node("lifecycle_manager")
    names = {n["name"] for n in ran.nodes} - {manager["name"]}
    managed = {k: v for given in manager["parameters"] for k, v in given.items()}
    assert set(managed["node_names"]) == names
    assert managed["autostart"] is True
    parameters = yaml.safe_load((ROOT / "config" / "nav2.yaml").read_text("utf-8"))
    assert parameters.keys() - {"local_costmap", "global_costmap"} == names  # none left over
    # Velocities pass the smoother and the collision monitor before they reach the robot.
    smoothed = {n["name"] for n in ran.nodes if ["cmd_vel", "cmd_vel_nav"] in n["remappings"]}
    assert smoothed == {"controller_server", "behavior_server", "velocity_smoother"}
    monitor = parameters["collision_monitor"]["ros__parameters"]
    assert monitor["cmd_vel_out_topic"] == "cmd_vel"


def test_gazebo_starts_in_a_world_made_of_the_site(launch, tmp_path):
    world = tmp_path / "world"
    ran = launch("gazebo", world_folder=world, respawn="false", rviz="false", gui="false")
    assert ran.done.returncode == 0, ran.done.stderr
    create = ran.node("create")["arguments"]
    told = dict(zip(create[::2], create[1::2], strict=True))
    assert told["-world"] == "riverside"
    assert Path(told["-file"]).is_file()
    site = read_site(RIVERSIDE)
    assert site.is_free(float(told["-x"]), float(told["-y"]))
    bridge = {
        k: v for given in ran.node("parameter_bridge")["parameters"] for k, v in given.items()
    }
    assert Path(bridge["config_file"]).is_file()
    frames = [n["arguments"][-1] for n in ran.nodes if n["package"] == "tf2_ros"]
    assert frames == ["sweeper/base_link/lidar", "sweeper/base_link/imu"]
    planner = ran.node("nl_planner_node")["parameters"]
    assert planner[1]["use_sim_time"] is True
    assert Path(planner[0]).samefile(ROOT / "config" / "nl_planner.yaml")  # not Nav2's
    controller = ran.node("controller_server")["parameters"][0]
    nav2 = yaml.safe_load(Path(controller).read_text("utf-8"))
    start = nav2["amcl"]["ros__parameters"]["initial_pose"]
    assert (start["x"], start["y"]) == (float(told["-x"]), float(told["-y"]))
    assert Path(nav2["map_server"]["ros__parameters"]["yaml_filename"]).is_file()
    follow = nav2["controller_server"]["ros__parameters"]["FollowPath"]
    assert follow["desired_linear_vel"] == site.robot.max_speed


def test_what_is_started_of_this_package_is_installed(launch):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    installed = project["scripts"].keys() | set(
        re.findall(r'"(\w+) = nl_planner\.', (ROOT / "setup.py").read_text("utf-8"))
    )
    ran = launch("simulation", respawn="false", rviz="false")
    assert {n["executable"] for n in ran.nodes} <= installed
