"""A simulated robot, a stand-in for machines without Nav2 or Gazebo; it knows nothing of ROS.

Wheels that accelerate and slip, a controller with real following error, walls and obstacles that
stop it, a tool that cleans, and things that lie there until they are cleaned. What drives a real
robot is Nav2; `nl_planner.ros.sim_node` shows this one to other programs the way Nav2 would.
"""

from nl_planner.sim.robot import End, SimulatedRobot

__all__ = ["End", "SimulatedRobot"]
