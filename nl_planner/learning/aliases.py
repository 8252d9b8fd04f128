"""Names that people gave to places: which of them may have effect on a site.

The names in a site's file always win. A name that is already somebody's there, of a place, a
keepout or a class of litter, alone or with others, is nobody else's alias: what people call a
keepout cannot come to mean the ground beside it, nor the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from nl_planner.errors import UnknownNameError
from nl_planner.language.names import SiteNames
from nl_planner.language.normalise import canonical
from nl_planner.language.replies import listed
from nl_planner.learning.entries import Alias
from nl_planner.site import Site
from nl_planner.site.model import has_chinese

LONGEST = 48
"""Characters of a name."""
_ARTICLE = re.compile(r"^(the|an?) ", re.IGNORECASE)
_SHOWN = 3
_SHORTEST, _SHORTEST_CHINESE = 3, 2


def taken(site: Site, known: SiteNames, name: str, target: str) -> str | None:
    """What else the site's own file calls so: names to show, None when nothing.

    ``known`` has the names of the site without aliases.
    """
    owners = (known.just(name) | known.just(_ARTICLE.sub("", name))) - {target}
    language = "zh" if has_chinese(name) else "en"
    labels = [
        site.taxonomy.name(owner, language)
        if owner in site.taxonomy.classes
        else site.label(owner, language)
        for owner in sorted(owners)[:_SHOWN]
    ]
    return listed(labels, language) or None


def is_name(name: str) -> bool:
    """Whether it is long enough to be told from other words, and not too long to be found."""
    plain = canonical(name)
    least = _SHORTEST_CHINESE if has_chinese(plain) else _SHORTEST
    return least <= len(plain) <= LONGEST and not plain.isdigit()


def check(site: Site, known: SiteNames, name: str, target: str) -> str | None:
    """What is wrong with calling this place so on this site; None when nothing is. See `taken`."""
    if not is_name(name):
        return f"{name!r} is too short, too long or no word"
    try:
        site.landmark(target)
        site.entrance(target)
    except UnknownNameError as error:
        return str(error)
    owner = taken(site, known, name, target)
    return f"{name!r} is a name of {owner} in the site's file" if owner else None


def in_effect(site: Site, known: SiteNames, aliases: Iterable[Alias]) -> Mapping[str, str]:
    """Name → id, without those that `check` finds something wrong with."""
    return {a.name: a.target for a in aliases if check(site, known, a.name, a.target) is None}
