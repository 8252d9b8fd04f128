"""What the robot says when asked what it is doing."""

from __future__ import annotations

from nl_planner.execution.job import Job, duration_words
from nl_planner.execution.plan_job import task_list
from nl_planner.execution.replies import say
from nl_planner.execution.stage import Stage
from nl_planner.language.replies import listed
from nl_planner.site import Site


def status_words(
    site: Site, language: str, current: Job | None, held: Job | None, waiting: int
) -> str:
    """``current`` drives, ``held`` was put aside or waits for a yes, ``waiting`` come after."""
    job = current or held
    if job is None:
        return say("status_idle", language)
    words = listed(task_list(job.order, site, language), language)
    if job.stage in (Stage.APPROACHING, Stage.WORKING):
        return say(
            "status_working",
            language,
            task=words,
            share=f"{job.progress:.0%}",
            time=duration_words(job.time_left, language),
            more=say("status_more", language, count=str(waiting)) if waiting else "",
        )
    if job is current and job.stage in (Stage.WAITING, Stage.PLANNING):
        return say("status_planning", language, task=words)
    if job.stage is Stage.CONFIRMING:
        return say("status_confirming", language, task=words)
    return say("status_paused", language, task=words, share=f"{job.progress:.0%}")
