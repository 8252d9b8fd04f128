"""The things seen on the site: those of its file, those that perception reports, less what
was cleaned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from nl_planner.execution.leg_work import LegWork
from nl_planner.site import Detection, ObjectMemory, SeenObject, Site
from nl_planner.task import Action, Task

SAME = 1.0
"""m within which a thing of the site's file and one that perception reports are the same."""
TAKES_NOTHING = {Action.INSPECT, Action.GO_TO}


class Things:
    """What lies on the site, for ``Planner.see``."""

    def __init__(self, site: Site, memory: ObjectMemory) -> None:
        self._taxonomy = site.taxonomy
        self._of_file = list(site.objects)
        self._memory = memory

    def observe(self, found: Sequence[Detection], when: datetime) -> None:
        """What one look has found.

        Raises:
            UnknownNameError, BadInputError, MemoryFileError: as ``ObjectMemory.observe``.
        """
        self._memory.observe(found, when)

    def seen(self) -> list[SeenObject]:
        """What may lie there now."""
        live = self._memory.seen(datetime.now(UTC))
        filed = [thing for thing in self._of_file if not any(self._one(thing, o) for o in live)]
        return [*live, *filed]

    def cleaned(self, work: LegWork) -> None:
        """A leg was worked: what lay there is gone."""
        task = work.leg.task
        if task.action in TAKES_NOTHING:
            return
        ground = work.clean_ground()
        if ground.is_empty:
            return
        self._memory.cleaned(ground, task.object, task.except_objects)
        self._of_file = [o for o in self._of_file if not self._taken(o, task, ground)]

    def _taken(self, thing: SeenObject, task: Task, ground: BaseGeometry) -> bool:
        left = any(self._taxonomy.is_a(thing.class_id, other) for other in task.except_objects)
        wanted = task.object is None or self._taxonomy.is_a(thing.class_id, task.object)
        return wanted and not left and bool(shapely.dwithin(ground, Point(thing.at), thing.radius))

    def _one(self, filed: SeenObject, live: SeenObject) -> bool:
        is_a = self._taxonomy.is_a
        related = is_a(filed.class_id, live.class_id) or is_a(live.class_id, filed.class_id)
        return related and math.dist(filed.at, live.at) <= SAME
