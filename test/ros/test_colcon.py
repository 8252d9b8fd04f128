"""A clean checkout in a colcon workspace: both packages are built, tested and run."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ros_environment import ros_environment

ROOT = Path(__file__).parents[2]
PACKAGES = ["--base-paths", "src", "src/nl_planner/nl_planner_msgs"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """What git tracks, under src/ of a workspace."""
    folder = tmp_path_factory.mktemp("workspace")
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in filter(None, tracked.stdout.split("\0")):
        copy = folder / "src" / "nl_planner" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy)
    return folder


def run(command, folder):
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=ros_environment(), capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def colcon(verb, folder, *arguments):
    code, said = run(f"{sys.executable} -m colcon {verb} {' '.join(arguments)}", folder)
    assert code == 0, said
    return said


def test_colcon_finds_the_two_packages_and_no_other(workspace):
    said = colcon("list", workspace, *PACKAGES)
    assert [line.split()[0] for line in said.splitlines()] == ["nl_planner", "nl_planner_msgs"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_both_packages_are_built_tested_and_run(workspace):
    colcon("build", workspace, *PACKAGES, "--cmake-args", "-GNinja")
    share = workspace / "install" / "nl_planner" / "share" / "nl_planner"
    for folder in ("launch", "config", "maps"):
        tracked = {path.name for path in (ROOT / folder).iterdir() if path.name != ".gitkeep"}
        assert tracked <= {path.name for path in (share / folder).iterdir()}
    quick = ["--pytest-args", "test/test_task.py", "test/sim"]
    colcon("test", workspace, *PACKAGES, *quick)
    said = colcon("test-result", workspace, "--all", "--verbose")
    assert "0 errors, 0 failures" in said
    assert "Summary: 0 tests" not in said
    program = "install/nl_planner/lib/nl_planner/nl_planner_sim"
    start = f". install/local_setup.bash && {program} --ros-args -p site:=nowhere.site.yaml"
    code, said = run(start, workspace)
    assert (code, "Traceback" in said) == (2, False), said
    assert "nowhere.site.yaml" in said
    where = f". install/local_setup.bash && cd / && {sys.executable} -c"
    code, said = run(
        f"{where} 'import nl_planner_msgs; print(nl_planner_msgs.__file__)'", workspace
    )
    assert str(workspace / "install") in said
