from collections.abc import Callable
from pathlib import Path

import pytest

from nl_planner.site import Site, read_site

HEAD = """\
nl_planner_site: 1
name: [测试, test]
robot: {radius: 0.5, tool_width: 0.8, actions: [sweep]}
boundary: [[0, 0], [40, 0], [40, 30], [0, 30]]
"""


@pytest.fixture
def write_site(tmp_path: Path) -> Callable[..., Path]:
    """Write a site file: four lines of HEAD, then the body from line 5 on."""

    def write(body: str = "", head: str = HEAD) -> Path:
        path = tmp_path / "test.site.yaml"
        path.write_text(head + body, encoding="utf-8")
        return path

    return write


@pytest.fixture
def make_site(write_site: Callable[..., Path]) -> Callable[..., Site]:
    return lambda body="", head=HEAD: read_site(write_site(body, head))
