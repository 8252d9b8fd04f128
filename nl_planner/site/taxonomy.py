"""The taxonomy of litter: what can lie on the ground, its names, and what it is a kind of.

The built-in classes are data, in ``taxonomy.yaml``, in the form of a site file's ``classes``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from nl_planner.errors import BadInputError, UnknownNameError, did_you_mean
from nl_planner.site.model import name_in


@dataclass(frozen=True)
class LitterClass:
    """A kind of litter. ``parent`` is the id of the class it belongs to, None for a root."""

    id: str
    names: tuple[str, ...]
    parent: str | None = None


@dataclass(frozen=True)
class Taxonomy:
    """Classes by id, as trees of parents. A class stands for its descendants."""

    classes: Mapping[str, LitterClass]

    @staticmethod
    @cache
    def builtin() -> Taxonomy:
        """The taxonomy that comes with nl_planner."""
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        text = resources.files("nl_planner.site").joinpath("taxonomy.yaml").read_text("utf-8")
        entries = yaml.load(text, Loader=loader)  # noqa: S506  a SafeLoader, in C where there is one
        return Taxonomy(
            {
                class_id: LitterClass(class_id, tuple(entry["names"]), entry.get("is"))
                for class_id, entry in entries.items()
            }
        )

    def with_classes(self, own: Iterable[LitterClass]) -> Taxonomy:
        """This taxonomy with a site's own classes in it.

        A class with an id that is known takes the place of that class, names and parent both. A
        name that one of ``own`` bears is taken from the other classes, so that it keeps meaning
        one thing.

        Raises:
            BadInputError: a parent that does not exist, or classes that are their own ancestors.
        """
        merged = self.joined(own)
        if faults := merged.faults():
            raise BadInputError("\n".join(f"class {c}: is: {why}" for c, why in faults.items()))
        return merged

    def joined(self, own: Iterable[LitterClass]) -> Taxonomy:
        """As ``with_classes``, with whatever ``faults`` the parents then have."""
        added = {litter.id: litter for litter in own}
        taken = {_folded(name) for litter in added.values() for name in litter.names}
        kept = {
            litter.id: LitterClass(
                litter.id,
                tuple(name for name in litter.names if _folded(name) not in taken),
                litter.parent,
            )
            for litter in self.classes.values()
            if litter.id not in added
        }
        return Taxonomy({**kept, **added})

    def faults(self) -> dict[str, str]:
        """What is wrong with the parents, by class id; empty when all is well."""
        found: dict[str, str] = {}
        for litter in self.classes.values():
            if litter.parent is not None and litter.parent not in self.classes:
                hint = did_you_mean(litter.parent, self.classes)
                found[litter.id] = (
                    f"{litter.parent!r} is not a class{hint or '; add it to classes'}"
                )
            elif litter.id in (line := self._ancestors(litter.id)):
                circle = " is ".join([litter.id, *line[: line.index(litter.id) + 1]])
                found[litter.id] = f"a class is its own ancestor ({circle}); take one 'is' out"
        return found

    def descendants(self, class_id: str) -> frozenset[str]:
        """The ids that the class stands for: itself and everything under it."""
        self._known(class_id)
        found = {class_id}
        waiting = [class_id]
        while waiting:
            below = self._children.get(waiting.pop(), ())
            found.update(below)
            waiting.extend(below)
        return frozenset(found)

    def is_a(self, child: str, parent: str) -> bool:
        """Whether ``child`` is ``parent`` or a kind of it."""
        self._known(parent)
        self._known(child)
        return child == parent or parent in self._ancestors(child)

    def name(self, class_id: str, language: str = "") -> str:
        """The name to show: the first in the language ("zh", "en"), else the first, else the id."""
        return name_in(self._known(class_id).names, language) or class_id

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        below: dict[str, list[str]] = {}
        for litter in self.classes.values():
            if litter.parent is not None:
                below.setdefault(litter.parent, []).append(litter.id)
        return below

    def _known(self, class_id: str) -> LitterClass:
        if class_id not in self.classes:
            hint = did_you_mean(class_id, self.classes)
            raise UnknownNameError(f"there is no class of litter {class_id!r}{hint}")
        return self.classes[class_id]

    def _ancestors(self, class_id: str) -> list[str]:
        """Parent, its parent, and so on; ends where a circle closes."""
        line: list[str] = []
        parent = self.classes[class_id].parent
        while parent is not None and parent in self.classes and parent not in line:
            line.append(parent)
            parent = self.classes[parent].parent
        return line


def _folded(name: str) -> str:
    return name.strip().casefold()
