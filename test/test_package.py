"""What holds for the package as a whole."""

import subprocess
import sys

import nl_planner

HEAVY = {"torch", "transformers", "xllamacpp", "httpx2", "rclpy", "matplotlib", "scipy"}


def loaded_by(statement):
    """The top-level modules that a fresh interpreter has after this statement."""
    code = f"import sys; {statement}; print(' '.join(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in out.stdout.split()}


def test_importing_the_package_loads_next_to_nothing():
    assert not loaded_by("import nl_planner") & (HEAVY | {"pydantic", "shapely", "numpy", "yaml"})


def test_the_command_line_loads_nothing_heavy_before_a_command_runs():
    assert not loaded_by("import nl_planner.cli") & (HEAVY | {"pydantic", "shapely", "numpy"})


def test_the_core_never_loads_a_model_runtime_or_ros():
    core = "import nl_planner.planner, nl_planner.language, nl_planner.grounding, nl_planner.models"
    assert not loaded_by(core) & (HEAVY - {"scipy"})


def test_names_of_the_package_can_be_had():
    for name in nl_planner.__all__:
        assert getattr(nl_planner, name) is not None


def test_an_unknown_name_of_the_package_is_an_attribute_error():
    assert not hasattr(nl_planner, "nothing_of_that_name")
