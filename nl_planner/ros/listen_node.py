"""The node `nl_planner_listen`: a microphone in, instructions for the planner out.

Beside the planner, on the machine that has the microphone::

    nl_planner_listen --ros-args -p site:=/path/S.site.yaml -p device:=ReSpeaker

Whoever speaks is heard: there is no key to hold. What may have been something else goes to the
planner as such, which asks the person before it does anything.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import rclpy
from rclpy.duration import Duration
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_msgs.msg import String

from nl_planner.errors import BadInputError, NlPlannerError
from nl_planner.language import language_of
from nl_planner.ros.conversions import heard_to_ros
from nl_planner.ros.discovery import wait_to_be_heard
from nl_planner.site import read_site
from nl_planner.speech import DEFAULT_RECOGNISER, Heard, Listener, open_recogniser, read_sound
from nl_planner.speech.interface import Samples
from nl_planner.speech.microphone import play, record
from nl_planner.speech.voice import open_voice

_PARAMETERS = {
    "site": "",  # the site file, for the names people say
    "device": "",  # the microphone: its number or a part of its name; "": the system's own
    "file": "",  # a sound file to hear instead of a microphone
    "language": "",  # "zh" or "en" when only one is spoken; "": found out each time
    "recogniser": DEFAULT_RECOGNISER,
    "weights": "",  # the folder of the recogniser's weights; "": whisper-base
    "speak": False,  # say the planner's replies aloud
    "voice": "",  # the folder of a sherpa-onnx voice; "": espeak-ng
}


DISCOVERY = 5.0
"""s that a recording waits at most for somebody who hears the instructions."""


class ListenNode(Node):  # type: ignore[misc, unused-ignore]  # rclpy has no types
    """Publishes what is said.

    ``nl_planner/instruction`` (std_msgs/String): the words, for the planner. When they are not
    certain, ``nl_planner/heard`` instead (std_msgs/String): a `Heard` as JSON. Remap both if the
    planner has another name. ``~/heard``: the same JSON of everything that was heard.
    ``nl_planner/reply`` is subscribed to and spoken when ``speak`` is true.

    Raises:
        NlPlannerError: a parameter is wrong, or what it names cannot be used.
    """

    def __init__(self) -> None:
        super().__init__("nl_planner_listen")
        for name, default in _PARAMETERS.items():
            self.declare_parameter(name, default)
        if not self._value("site"):
            raise BadInputError("the parameter site is empty: give the site file")
        recogniser = open_recogniser(self._value("recogniser"), self._value("weights") or None)
        site = read_site(self._value("site"))
        self._listener = Listener(site, recogniser, self._value("language") or None)
        self._instruction = self.create_publisher(String, "nl_planner/instruction", 10)
        self._uncertain = self.create_publisher(String, "nl_planner/heard", 10)
        self._heard = self.create_publisher(String, "~/heard", 10)
        self._speaking = threading.Event()
        if self._value("speak"):
            self._voice = open_voice(self._value("voice") or None)
            self.create_subscription(String, "nl_planner/reply", self._speak, 10)

    def listen(self) -> None:
        """Hear and publish until the file ends or ROS shuts down."""
        for heard in self._listener.listen(self._sound()):
            self._publish(heard)
        for publisher in (self._instruction, self._uncertain, self._heard):
            publisher.wait_for_all_acked(Duration(seconds=5))

    def _sound(self) -> Iterator[Samples]:
        if self._value("file"):
            wait_to_be_heard(self._instruction, DISCOVERY)
            yield from read_sound(self._value("file"))
            return
        for block in record(self._value("device") or None, lambda: not rclpy.ok()):
            if not self._speaking.is_set():  # the robot does not listen to itself
                yield block

    def _publish(self, heard: Heard) -> None:
        whole = heard_to_ros(heard)
        self._heard.publish(whole)
        if heard.certain:
            self._instruction.publish(String(data=heard.text))
        else:
            self._uncertain.publish(whole)
        doubt = "" if heard.certain else f", not certain ({heard.confidence:.2f})"
        self.get_logger().info(f"heard{doubt}: {heard.text}")

    def _speak(self, reply: String) -> None:
        self._speaking.set()
        try:
            play(*self._voice.say(reply.data, language_of(reply.data)))
        except NlPlannerError as error:
            self.get_logger().error(str(error))
        finally:
            self._speaking.clear()

    def _value(self, name: str) -> str:
        value: str = self.get_parameter(name).value
        return value


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until the sound ends or it is told to end (SIGINT, SIGTERM)."""
    rclpy.init(args=args)
    spinning: threading.Thread | None = None
    try:
        node = ListenNode()
        spinning = threading.Thread(target=_spin, args=(node,), name="spin")
        spinning.start()
        node.listen()
    except NlPlannerError as error:
        rclpy.logging.get_logger("nl_planner_listen").fatal(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    finally:
        rclpy.try_shutdown()
        if spinning:
            spinning.join()
    return 0


def _spin(node: Node) -> None:
    try:
        rclpy.spin(node)
    except (ExternalShutdownException, KeyboardInterrupt):
        return


if __name__ == "__main__":
    raise SystemExit(main())
