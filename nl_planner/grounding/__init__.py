"""From words to ground: what area of a site a task means, and which things lie there.

>>> from nl_planner.grounding import ground             # doctest: +SKIP
>>> ground(task, site).frame                            # doctest: +SKIP
'in front of the main entrance of Library, which faces east'
"""

from nl_planner.grounding.ground import ground
from nl_planner.grounding.region import Region

__all__ = ["Region", "ground"]
