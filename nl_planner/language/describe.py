"""A task as the model would have read it, and as the line that it would have written."""

from __future__ import annotations

from nl_planner.language.grammar import AT, Reading, ReadPlace, ReadTask, write_line
from nl_planner.language.name_index import Candidate
from nl_planner.language.names import Mentions
from nl_planner.site.model import Site
from nl_planner.task import BUILTIN_LANDMARKS, Intent, Place, Relation, Task, Understanding


def describe(task: Task, site: Site, language: str) -> str:
    """The line of a task, with the names that the site uses in that language."""
    return write_line(Reading(Intent.CLEAN, (_read(task, site, language),)))


def read_again(meant: Understanding, site: Site, language: str) -> tuple[Reading, Mentions]:
    """The reading that leads to this understanding, and the names in it."""
    places = [
        i
        for task in meant.tasks
        for place in (task.place, *task.except_places)
        if place
        for i in place.landmarks
        if i not in BUILTIN_LANDMARKS
    ]
    things = [i for task in meant.tasks for i in (task.object, *task.except_objects) if i]
    mentions = Mentions(
        tuple(Candidate(site.label(i, language), (i,)) for i in dict.fromkeys(places)),
        tuple(Candidate(site.taxonomy.name(i, language), (i,)) for i in dict.fromkeys(things)),
    )
    tasks = tuple(_read(task, site, language) for task in meant.tasks)
    return Reading(meant.intent, tasks), mentions


def _read(task: Task, site: Site, language: str) -> ReadTask:
    def name(landmark_id: str) -> str:
        if landmark_id in BUILTIN_LANDMARKS:
            return landmark_id
        return site.label(landmark_id, language)

    def place(value: Place) -> ReadPlace:
        relation = AT if value.relation is Relation.IN else value.relation
        return ReadPlace(relation, tuple(map(name, value.landmarks)), value.distance, value.part)

    def thing(class_id: str) -> str:
        return site.taxonomy.name(class_id, language)

    return ReadTask(
        task.action,
        thing(task.object) if task.object else None,
        place(task.place) if task.place else ReadPlace(AT, ("site",)),
        tuple(map(thing, task.except_objects)),
        tuple(map(place, task.except_places)),
        task.passes,
    )
