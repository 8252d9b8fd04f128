"""A hall with a shelf, and a planned job over the west of it."""

from shapely.geometry import MultiPolygon, box

from nl_planner.coverage import cover
from nl_planner.execution import Job, Order
from nl_planner.execution.leg_work import LegWork
from nl_planner.grounding import Region
from nl_planner.planner import Leg
from nl_planner.task import Action, Intent, Place, Relation, Status, Task, Understanding

SITE = """
nl_planner_site: 1
name: [大厅, hall]
robot: {radius: 0.3, tool_width: 0.5, actions: [sweep], max_speed: 0.8}
boundary: [[0, 0], [10, 0], [10, 7], [0, 7]]
landmarks:
  west: {names: [西区, west side], kind: area, polygon: [[0, 0], [4, 0], [4, 7], [0, 7]]}
  east: {names: [东区, east side], kind: area, polygon: [[6, 0], [10, 0], [10, 7], [6, 7]]}
  shelf:
    names: [货架, shelf]
    kind: fixture
    polygon: [[4.8, 2.5], [5.2, 2.5], [5.2, 4.5], [4.8, 4.5]]
"""
TASK = Task(action=Action.SWEEP, place=Place(relation=Relation.IN, landmarks=("west",)))
READY = Understanding(intent=Intent.CLEAN, status=Status.READY, tasks=(TASK,))
START = (1.0, 1.0, 0.0)


_LEGS = {}  # by what is free: planned once


def _leg(hall):
    free = hall.free_space.wkb
    if free not in _LEGS:
        region = MultiPolygon([box(0, 0, 4, 7)])
        path = cover(region, hall.free_space, radius=0.3, tool_width=0.5, start=START[:2])
        _LEGS[free] = Leg(TASK, Region(region), path)
    return _LEGS[free]


def west_job(hall, store=None):
    """A planned job over the west of the hall."""
    order = Order("扫西区", "zh", READY)
    job = store.add(order) if store else Job(order)
    job.works = [LegWork(_leg(hall), 0.5)]
    if store:
        store.planned(job)
        job.save = store.save
    return job
