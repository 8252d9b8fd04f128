"""A small node with which tests talk to the nodes in other processes."""

import time

import rclpy
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile

PATIENCE = 20.0  # s, for what comes within 1 s on a machine that is not busy
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class Client:
    """Waits for what it needs, never for a fixed time."""

    def __init__(self, domain):
        self.context = rclpy.Context()
        rclpy.init(context=self.context, domain_id=domain)
        self.node = Node("sim_client", context=self.context)
        self._executor = SingleThreadedExecutor(context=self.context)
        self._executor.add_node(self.node)

    def close(self):
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.try_shutdown(context=self.context)

    def until(self, said, patience=PATIENCE):
        """Spin until ``said()`` is true, and return what it is."""
        end = time.monotonic() + patience
        while not (value := said()):
            assert time.monotonic() < end, f"not within {patience} s"
            self._executor.spin_once(timeout_sec=0.05)
        return value

    def result(self, future, patience=PATIENCE):
        """What a future brings."""
        self.until(future.done, patience)
        return future.result()

    def latest(self, message_type, topic, qos=10):
        """A list that holds the newest message of a topic."""
        box = []

        def keep(message):
            box[:] = [message]

        self.node.create_subscription(message_type, topic, keep, qos)
        return box

    def action(self, action_type, name):
        """A client of an action whose server is there."""
        client = ActionClient(self.node, action_type, name)
        self.until(client.server_is_ready)
        return client

    def set(self, node, **parameters):
        """Set parameters of another node; returns the reason for which one was refused, or ""."""
        from rcl_interfaces.srv import SetParameters

        service = self.node.create_client(SetParameters, f"/{node}/set_parameters")
        self.until(service.service_is_ready)
        values = [
            Parameter(name, value=value).to_parameter_msg() for name, value in parameters.items()
        ]
        answer = self.result(service.call_async(SetParameters.Request(parameters=values)))
        return next((r.reason for r in answer.results if not r.successful), "")
