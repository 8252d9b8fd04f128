"""The planner on a robot: the ROS 2 node and what it is made of."""
