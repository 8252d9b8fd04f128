"""What the robot knows of a place: landmarks and their names, litter, and where it may drive.

>>> from nl_planner.site import read_site                   # doctest: +SKIP
>>> read_site("maps/riverside.site.yaml").free_space.area   # doctest: +SKIP
"""

from nl_planner.site.memory import ObjectMemory
from nl_planner.site.model import Entrance, Keepout, Landmark, Robot, SeenObject, Site
from nl_planner.site.read import read_site
from nl_planner.site.sighting import Detection
from nl_planner.site.taxonomy import LitterClass, Taxonomy

__all__ = [
    "Detection",
    "Entrance",
    "Keepout",
    "Landmark",
    "LitterClass",
    "ObjectMemory",
    "Robot",
    "SeenObject",
    "Site",
    "Taxonomy",
    "read_site",
]
