"""A site as a world of Gazebo (gz-sim, Harmonic and later), with a sweeper to drive in it.

``standing`` says what stands and lies in the place, ``map_walls`` makes walls of an occupancy map,
``world`` and ``sweeper`` write them as SDF with the elements of ``sdf``, ``bridge`` joins Gazebo's
topics to ROS, and ``nav2_map`` draws the map and the keep-out mask that Nav2 loads.

The world's frame is the site's map frame: metres, x east, y north, z up.
"""

from nl_planner.site.gazebo.export import GazeboWorld, export_gazebo

__all__ = ["GazeboWorld", "export_gazebo"]
