"""CoveragePath → Report: the job as a state machine, one job at a time, nothing lost.

A `Foreman` hears instructions, decides which job drives, and reports; a `Job` drives the legs of
one instruction through a `Driver`; a `JobStore` keeps them on disk.
"""

from nl_planner.execution.driver import Drive, Driver, End
from nl_planner.execution.foreman import Foreman, Settings
from nl_planner.execution.job import Job, Order
from nl_planner.execution.report import LeftOut, Outcome, Report
from nl_planner.execution.stage import Stage
from nl_planner.execution.store import JobStore
from nl_planner.execution.ticket import Ticket

__all__ = [
    "Drive",
    "Driver",
    "End",
    "Foreman",
    "Job",
    "JobStore",
    "LeftOut",
    "Order",
    "Outcome",
    "Report",
    "Settings",
    "Stage",
    "Ticket",
]
