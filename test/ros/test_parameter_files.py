"""The node starts from its parameter file as a launch file gives it."""

from pathlib import Path

from processes import HERE, until

CONFIG = Path(__file__).parents[2] / "config" / "nl_planner.yaml"


def test_the_file_as_it_is_shipped_and_a_site(start, client):
    own = {"site": start.site, "state_folder": start.folder, "autostart": "true"}
    given = [word for name, value in own.items() for word in ("-p", f"{name}:={value}")]
    script = (HERE / "planner_with_stand_in.py", start.lines, "--ros-args")
    start.run(*script, "--params-file", CONFIG, *given)
    until(client.planner_is_there, 60, "the planner")
