"""Site, regions and paths as a picture that people read at a glance.

``picture`` composes; ``layout`` arranges the maps, ``naming`` says which names they bear and
``labels`` where; ``ground``, ``track`` and ``marks`` draw what is on a map, in the colours of
``style``; ``text`` and ``words`` are its letters and its Chinese and English.
"""

from nl_planner.draw.picture import draw_site

__all__ = ["draw_site"]
