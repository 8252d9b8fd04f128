"""Site, regions and paths as a picture that people read at a glance."""

from nl_planner.draw.picture import draw_site

__all__ = ["draw_site"]
