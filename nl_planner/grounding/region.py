"""What grounding hands to coverage."""

from __future__ import annotations

from dataclasses import dataclass

from shapely.geometry import MultiPolygon

from nl_planner.site.model import SeenObject


@dataclass(frozen=True)
class Region:
    """Where one task is to be worked.

    ``geometry``: the area to clean in the site's frame (m), always inside the free space and out
    of the keepouts. ``frame``: in words, what the region was measured from ("in front of the main
    entrance, which faces south"). ``objects``: the seen things the task is about, empty when the
    whole area is meant or nothing was seen. ``notes``: what the person should be told.
    """

    geometry: MultiPolygon
    frame: str = ""
    objects: tuple[SeenObject, ...] = ()
    notes: tuple[str, ...] = ()
