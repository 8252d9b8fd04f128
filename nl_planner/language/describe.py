"""A task as the line that the model would have written."""

from __future__ import annotations

from nl_planner.language.grammar import AT, Reading, ReadPlace, ReadTask, write_line
from nl_planner.site.model import Site
from nl_planner.task import BUILTIN_LANDMARKS, Intent, Place, Relation, Task


def describe(task: Task, site: Site, language: str) -> str:
    """The line of a task, with the names that the site uses in that language."""

    def name(landmark_id: str) -> str:
        if landmark_id in BUILTIN_LANDMARKS:
            return landmark_id
        return site.label(landmark_id, language)

    def place(value: Place) -> ReadPlace:
        relation = AT if value.relation is Relation.IN else value.relation
        return ReadPlace(relation, tuple(map(name, value.landmarks)), value.distance, value.part)

    def thing(class_id: str) -> str:
        return site.taxonomy.name(class_id, language)

    read = ReadTask(
        task.action,
        thing(task.object) if task.object else None,
        place(task.place) if task.place else ReadPlace(AT, ("site",)),
        tuple(map(thing, task.except_objects)),
        tuple(map(place, task.except_places)),
        task.passes,
    )
    return write_line(Reading(Intent.CLEAN, (read,)))
