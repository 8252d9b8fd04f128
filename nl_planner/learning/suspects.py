"""What in a journal looks wrong: lessons and aliases that a person should look at.

Nothing here is needed for safety. A lesson only helps to read a sentence; what was read passes the
gate and the rules for asking and refusing like every other reading, and no region leaves the free
space. But a wrong lesson makes wrong moves, and these are signs of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nl_planner.errors import UnknownNameError
from nl_planner.language.names import SiteNames
from nl_planner.learning import aliases
from nl_planner.learning.entries import Alias, Lesson
from nl_planner.site import Site
from nl_planner.site.model import Keepout
from nl_planner.task import BUILTIN_LANDMARKS, LAST, SITE, Action, Place, Relation, Task


@dataclass(frozen=True)
class Suspect:
    """A lesson (``L3``) or an alias (``A1``), and why to look at it."""

    id: str
    why: str


def suspects(site: Site, lessons: Iterable[Lesson], names: Iterable[Alias]) -> tuple[Suspect, ...]:
    """Those that this site gives reason to doubt."""
    known = SiteNames(site)
    found = []
    for lesson in lessons:
        why = _doubt(site, known, lesson)
        if why:
            found.append(Suspect(f"L{lesson.id}", why))
    for alias in names:
        wrong = aliases.check(site, known, alias.name, alias.target)
        if wrong:
            found.append(Suspect(f"A{alias.id}", f"has no effect: {wrong}"))
    return tuple(found)


def impossible(site: Site, task: Task) -> str | None:
    """Why this site and its machine cannot have such a task; None when they can."""
    if task.action is not Action.GO_TO and task.action not in site.robot.actions:
        return f"this machine cannot {task.action}"
    for class_id in (task.object, *task.except_objects):
        if class_id is not None and class_id not in site.taxonomy.classes:
            return f"there is no class {class_id!r} of things"
    for place in (*([task.place] if task.place else []), *task.except_places):
        for name in place.landmarks:
            if name in BUILTIN_LANDMARKS:
                continue
            try:
                site.landmark(name)
                site.entrance(name)
            except UnknownNameError as error:
                return str(error)
    return _closed(site, task.place) if task.place else None


def _closed(site: Site, place: Place) -> str | None:
    name = place.landmarks[0]
    if place.relation is not Relation.IN or name in BUILTIN_LANDMARKS:
        return None
    landmark = site.landmark(name)
    if isinstance(landmark, Keepout):
        return f"{landmark.name()} is a keep-out area"
    if not landmark.enter and landmark.geometry.geom_type == "Polygon":
        return f"the robot may not drive into {landmark.name()}"
    return None


def contradiction(
    site: Site, known: SiteNames, text: str, tasks: Sequence[Task], language: str
) -> str | None:
    """What the text names, by its very name in the site's file, and the tasks do not mean.

    When a person corrects the robot after such a sentence, it was the person's slip of the tongue.
    """
    places = [p for task in tasks for p in (task.place, *task.except_places) if p]
    meant = {part for p in places for name in p.landmarks for part in (name, name.split(".")[0])}
    named = known.find(text).named
    if tasks and named - meant and not meant & {SITE, LAST}:
        labels = ", ".join(site.label(name, language) for name in sorted(named - meant))
        return f"the sentence names {labels}, the task does not"
    things = {c for task in tasks for c in (task.object, *task.except_objects) if c}
    for class_id in sorted(known.things_named(text)) if things else ():
        if not any(_related(site, class_id, thing) for thing in things):
            label = site.taxonomy.name(class_id, language)
            return f"the sentence names {label}, the task does not"
    return None


def _related(site: Site, one: str, other: str) -> bool:
    kinds = site.taxonomy
    return one in kinds.descendants(other) or other in kinds.descendants(one)


def _doubt(site: Site, known: SiteNames, lesson: Lesson) -> str | None:
    tasks = lesson.understanding.tasks
    for task in tasks:
        wrong = impossible(site, task)
        if wrong:
            return f"never done: {wrong}"
    return contradiction(site, known, lesson.text, tasks, lesson.language)
