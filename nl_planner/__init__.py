"""Software by which a cleaning robot understands people.

>>> from nl_planner import Planner                                      # doctest: +SKIP
>>> plan = Planner("maps/riverside.site.yaml").plan("sweep the plaza")  # doctest: +SKIP

Nothing heavy is imported until a name below is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from nl_planner.planner import Plan, Planner
    from nl_planner.site import Site, read_site
    from nl_planner.task import Place, Task, Understanding

_WHERE = {
    "Plan": "nl_planner.planner",
    "Planner": "nl_planner.planner",
    "Place": "nl_planner.task",
    "Site": "nl_planner.site",
    "Task": "nl_planner.task",
    "Understanding": "nl_planner.task",
    "read_site": "nl_planner.site",
}

__all__ = ["Place", "Plan", "Planner", "Site", "Task", "Understanding", "__version__", "read_site"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'nl_planner' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
