"""The managed node ``nl_planner``: section 4 of the contract.

``configure`` loads site and model and says how far it is on ``/diagnostics``; ``activate`` serves;
``deactivate`` stops the robot and keeps what was not finished; ``cleanup`` frees the memory.

Threads: the executor's answer messages, services and goals; the foreman has one that reads (the
language model) and one that plans and drives. No callback but that of a goal waits for those two.
"""

from __future__ import annotations

import gc
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import rclpy
from geometry_msgs.msg import PointStamped
from nav_msgs.msg import OccupancyGrid
from nav_msgs.msg import Path as PathMessage
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.executors import MultiThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import Bool, String
from std_srvs.srv import Trigger
from visualization_msgs.msg import MarkerArray

from nl_planner.coverage import CoveragePath
from nl_planner.errors import NlPlannerError
from nl_planner.execution import Foreman, Job, JobStore, Settings, Stage, Ticket
from nl_planner.execution.roster import Answer
from nl_planner.execution.things import Things
from nl_planner.execution.ticket import Instruction
from nl_planner.language import language_of
from nl_planner.learning.journal import Journal
from nl_planner.learning.versions import Versions
from nl_planner.models import DEFAULT_MODEL, LanguageModel, open_model
from nl_planner.planner import Planner
from nl_planner.ros.conversions import (
    detections_from_ros,
    heard_from_ros,
    map_from_ros,
    path_to_ros,
    point_from_ros,
    seconds_from_ros,
    understanding_to_ros,
)
from nl_planner.ros.diagnostics import Diagnostics
from nl_planner.ros.discovery import wait_to_be_heard
from nl_planner.ros.goals import Goals
from nl_planner.ros.markers import markers_to_ros
from nl_planner.ros.nav2_driver import Nav2Driver, Navigation
from nl_planner.ros.parameters import NO_JOURNAL, Parameters
from nl_planner.ros.position import Position
from nl_planner.ros.recorder import Recorder
from nl_planner.site import ObjectMemory, Site, read_site
from nl_planner.task import Understanding
from nl_planner_msgs.srv import Understand

THREADS = 8
"""Of the executor, beside one for each goal that may be open."""
BESIDE = 4
"""Goals that may be open beside those that wait: that at hand, that in question, commands."""
DISCOVERY = 2.0
"""s that a starting node waits at most for somebody who hears its offer to go on."""
WARM_UP = "扫一下"
"""Said to itself while it loads: a model loads at its first sentence."""
LATCHED = QoSProfile(
    depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
Transition = Callable[["PlannerNode", LifecycleState], TransitionCallbackReturn]
OpenModel = Callable[[str, str | None, Path | None], LanguageModel]


def _told(transition: Transition) -> Transition:
    """A transition whose unforeseen error is written down: rclpy takes it without a word."""

    @wraps(transition)
    def telling(self: PlannerNode, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            return transition(self, state)
        except Exception:
            self.get_logger().error(f"{transition.__name__}: {traceback.format_exc()}")
            raise

    return telling


class PlannerNode(LifecycleNode):
    """Hears instructions, plans, and drives the robot through Nav2.

    ``open_model(name, runtime, adapter)`` gives the language model.
    """

    def __init__(self, open_model: OpenModel = open_model) -> None:
        super().__init__("nl_planner")
        self._open_model = open_model
        self._planner: Planner | None = None
        self._foreman: Foreman | None = None
        self._store: JobStore | None = None
        self._memory: ObjectMemory | None = None
        self._things: Things | None = None
        self._journal: Journal | None = None
        self._recorder: Recorder | None = None
        self._newest_map: OccupancyGrid | None = None
        self._tool_on = False
        self._shown: CoveragePath | None = None
        self._unknown: set[str] = set()
        self.parameters = Parameters(self, lambda: self._planner is not None, self._set_again)
        self._position = Position(self)
        self._diagnostics = Diagnostics(self, self._position)
        self._driver = Nav2Driver(self, self._position, self._no_navigation)
        self._serve()

    def _serve(self) -> None:
        """What others see of the node; until it is active it turns them away."""
        publisher = self.create_lifecycle_publisher
        self._reply = publisher(String, "~/reply", 10)
        self._task = publisher(String, "~/task", LATCHED)
        self._path = publisher(PathMessage, "~/coverage_path", LATCHED)
        self._markers = publisher(MarkerArray, "~/markers", LATCHED)
        self._tool = publisher(Bool, "~/tool", LATCHED)
        commands = ReentrantCallbackGroup()
        for name, act in (
            ("cancel", Foreman.stop),
            ("pause", Foreman.pause),
            ("resume", Foreman.resume),
            ("confirm", Foreman.confirm),
        ):
            self.create_service(Trigger, f"~/{name}", self._trigger(act), callback_group=commands)
        reading = MutuallyExclusiveCallbackGroup()
        self.create_service(Understand, "~/understand", self._understand, callback_group=reading)
        for topic, hear in (("~/instruction", self._instruction), ("~/heard", self._spoken)):
            self.create_subscription(String, topic, hear, 10, callback_group=commands)
        seeing = MutuallyExclusiveCallbackGroup()
        self.create_subscription(OccupancyGrid, "/map", self._map, LATCHED, callback_group=seeing)
        try:
            from vision_msgs.msg import Detection3DArray
        except ImportError:
            self.get_logger().info("vision_msgs is not installed: ~/detections is not heard")
        else:
            self.create_subscription(
                Detection3DArray, "~/detections", self._detections, 10, callback_group=seeing
            )
        self._goals = Goals(
            self,
            lambda: self._foreman,
            self._frame_id,
            self._heard,
            self._with_operator,
            self._position.seconds,
            self.parameters["max_waiting"] + BESIDE,
        )

    # ---- life cycle

    @_told
    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load site and model."""
        try:
            self._load()
        except (NlPlannerError, OSError) as error:
            self.get_logger().error(str(error))
            self._diagnostics.failed(str(error))
            self._unload()
            return FAILURE
        return super().on_configure(state)

    @_told
    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Serve."""
        answer = super().on_activate(state)
        assert self._planner is not None
        assert self._store is not None
        assert self._things is not None
        left = self._store.unfinished(self._planner.site.robot.tool_width)
        if left:
            self._driver.stop_what_was_left()
        foreman = Foreman(
            self._planner,
            self._driver,
            self._store,
            self._things,
            self._settings(),
            on_reply=lambda reply: self._reply.publish(String(data=reply)),
            on_job=self._show,
            on_understood=self._understood,
        )
        self._markers.publish(markers_to_ros(self._planner.site))
        self._tool_on = False
        self._tool.publish(Bool(data=False))
        if left:
            wait_to_be_heard(self._reply, DISCOVERY)  # the offer to go on
        foreman.start()
        self._foreman = foreman
        self._diagnostics.ready(foreman.status)
        return answer

    @_told
    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the robot."""
        self._stop()
        return super().on_deactivate(state)

    @_told
    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the memory."""
        self._unload()
        return super().on_cleanup(state)

    @_told
    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the robot and let go of everything."""
        self._stop()
        self._unload()
        return super().on_shutdown(state)

    def _load(self) -> None:
        parameters = self.parameters
        wrong = parameters.wrong()
        if wrong:
            raise NlPlannerError("; ".join(wrong))
        if not parameters["site"]:
            raise NlPlannerError("the parameter site is empty; give the site file of this place")
        self._diagnostics.loading("reading the site", 0.0)
        site = read_site(parameters["site"])
        folder = self._state_folder(Path(parameters["site"]))
        folder.mkdir(parents=True, exist_ok=True)
        self._memory = ObjectMemory(folder / "objects.db", site.taxonomy)
        self._store = JobStore(folder / "jobs.db")
        self._things = Things(site, self._memory)
        self._position.use(site.frame_id, parameters["base_frame"], parameters["position_timeout"])
        self._driver.use(site.frame_id, self._navigation())
        if parameters["record"]:
            self._recorder = Recorder(self, Path(parameters["record"]))
        self._diagnostics.loading("free space of the site", 0.2)
        site.index  # noqa: B018  worked out here, not at the first instruction
        self._diagnostics.loading("loading the language model", 0.3)
        name = parameters["model"] or DEFAULT_MODEL
        adapter = Versions.of(site, name).current
        model = self._open_model(name, parameters["runtime"] or None, adapter)
        self._journal = self._open_journal(site, folder)
        planner = Planner(site, model, journal=self._journal)
        planner.meaning(WARM_UP)
        self._diagnostics.loading("loaded", 1.0)
        self._planner = planner
        if self._newest_map is not None:
            self._map(self._newest_map)

    def _stop(self) -> None:
        foreman, self._foreman = self._foreman, None
        if foreman is not None:
            foreman.close()
            self._tool.publish(Bool(data=False))
        self._diagnostics.idle()

    def _unload(self) -> None:
        held = (self._store, self._memory, self._journal, self._recorder)
        self._planner = None
        self._store = self._memory = self._things = self._journal = self._recorder = None
        for each in held:
            if each is not None:
                each.close()
        self._shown = None
        gc.collect()
        self._diagnostics.idle()

    def _open_journal(self, site: Site, folder: Path) -> Journal | None:
        where = self.parameters["journal"]
        if where == NO_JOURNAL:
            return None
        if not where and self.parameters["state_folder"]:
            where = folder / "journal.db"
        return Journal.of(site, where or None)

    def _state_folder(self, site: Path) -> Path:
        if self.parameters["state_folder"]:
            return Path(self.parameters["state_folder"]).expanduser()
        from platformdirs import user_state_path

        return user_state_path("nl_planner") / site.name.removesuffix(".yaml")

    def _navigation(self) -> Navigation:
        parameters = self.parameters
        return Navigation(
            parameters["server_timeout"],
            parameters["stall_timeout"],
            parameters["controller_id"],
            parameters["goal_checker_id"],
            parameters["progress_checker_id"],
            parameters["behavior_tree"],
        )

    def _settings(self) -> Settings:
        parameters = self.parameters
        dock = parameters["dock_pose"]
        return Settings(
            parameters["confirm"],
            parameters["confirm_below"],
            parameters["confirm_timeout"],
            parameters["max_waiting"],
            (dock[0], dock[1], dock[2]) if dock else None,
        )

    def _set_again(self) -> None:
        if self._foreman is not None:
            self._foreman.settings = self._settings()

    # ---- what comes in

    def _trigger(self, act: Callable[[Foreman], Answer]) -> Callable[[Any, Any], Any]:
        def answer(_: Any, response: Any) -> Any:
            foreman = self._foreman
            if foreman is None:
                response.success, response.message = False, "the node is not active"
            else:
                response.success, response.message = act(foreman)
            return response

        return answer

    def _instruction(self, message: String) -> None:
        self._take(Instruction(message.data))

    def _spoken(self, message: String) -> None:
        try:
            heard = heard_from_ros(message)
        except NlPlannerError as error:
            self.get_logger().warning(f"~/heard: {error}")
            return
        self._take(Instruction(heard.text, heard.language, doubted=heard.doubted_as))

    def _take(self, said: Instruction) -> None:
        if self._foreman is None:
            self.get_logger().warning("not active: an instruction was not heard")
            return
        self._heard(said.text)
        self._foreman.hear(Ticket(said))

    def _understand(self, request: Any, response: Any) -> Any:
        foreman = self._foreman
        if foreman is None:
            response.reply = "the node is not active"
            return response
        where = self._place_of(request.operator_position)
        try:
            understood = foreman.meaning(request.text, where)
        except NlPlannerError as error:
            response.reply = str(error)
            return response
        response.understanding = understanding_to_ros(understood)
        response.reply = foreman.reply_to(understood, request.language or language_of(request.text))
        return response

    def _with_operator(self, said: Instruction, goal: Any) -> Instruction:
        """The instruction with the operator's place in the site's frame."""
        return replace(said, operator=self._place_of(goal.operator_position))

    def _place_of(self, points: Sequence[PointStamped]) -> tuple[float, float] | None:
        """Where a point is in the site's frame; None when it is not known."""
        if not points:
            return None
        point = points[0]
        at = self._position.in_map(point_from_ros(point), point.header.frame_id)
        if at is None:
            self.get_logger().warning(
                f"no transform from {point.header.frame_id}: the operator's place is not known"
            )
        return at

    def _map(self, message: OccupancyGrid) -> None:
        planner, foreman = self._planner, self._foreman
        self._newest_map = message  # it comes once: kept for when the node is configured
        if planner is None:
            return
        if message.header.frame_id != planner.site.frame_id:
            self.get_logger().warning(
                f"/map is in {message.header.frame_id!r}, the site in {planner.site.frame_id!r}: "
                "it is not used"
            )
            return
        if foreman is not None:
            foreman.see_map(map_from_ros(message))
        else:
            planner.map(map_from_ros(message))

    def _detections(self, message: Any) -> None:
        things, planner = self._things, self._planner
        if things is None or planner is None:
            return
        found = []
        for one in detections_from_ros(message):
            at = self._position.in_map(one.at, message.header.frame_id)
            if one.class_id not in planner.site.taxonomy.classes:
                if one.class_id not in self._unknown:
                    self._unknown.add(one.class_id)
                    self.get_logger().warning(f"~/detections: no litter class {one.class_id!r}")
            elif at is not None:
                found.append(replace(one, at=at))
        seconds = seconds_from_ros(message.header.stamp)
        when = datetime.fromtimestamp(seconds, UTC) if seconds else datetime.now(UTC)
        try:
            things.observe(found, when)
        except NlPlannerError as error:
            self.get_logger().warning(f"~/detections: {error}")

    def _heard(self, text: str) -> None:
        """A person said this, in whatever way."""
        self.get_logger().info(f"heard: {text}")
        if (recorder := self._recorder) is not None:
            recorder.heard(text)

    # ---- what goes out

    def _frame_id(self) -> str:
        return self._planner.site.frame_id if self._planner else "map"

    def _no_navigation(self) -> None:
        if self._foreman is not None:
            self._foreman.waits_for_navigation()

    def _understood(self, understood: Understanding) -> None:
        self._task.publish(String(data=understanding_to_ros(understood)))

    def _show(self, job: Job) -> None:
        """The path and the region that are worked now, where they are new."""
        planner, work = self._planner, job.work
        if planner is None:
            return
        tool = job.stage is Stage.WORKING
        if tool is not self._tool_on:
            self._tool_on = tool
            self._tool.publish(Bool(data=tool))
        if work is None or job.stage.final or work.path is self._shown:
            return
        self._shown = work.path
        stamp = self.get_clock().now().to_msg()
        self._path.publish(path_to_ros(work.path.poses, self._frame_id(), stamp))
        regions = [each.leg.region.geometry for each in job.works]
        self._markers.publish(markers_to_ros(planner.site, regions, work.path.poses))


def _spin(node: PlannerNode, executor: MultiThreadedExecutor) -> None:
    """Spin until the executor is shut down.

    An error in a callback is logged and ends neither the node nor the driving. What is destroyed
    while rclpy waits for it (the recorder's subscriptions) ends its spin too; it begins anew.
    """
    spins = True
    while spins and rclpy.ok():
        try:
            executor.spin()
            spins = False
        except (rclpy_implementation.InvalidHandle, rclpy_implementation.RCLError) as error:
            node.get_logger().debug(str(error))
        except Exception:
            node.get_logger().error(traceback.format_exc())


def main(args: Sequence[str] | None = None, open_model: OpenModel = open_model) -> None:
    """Run the node until it is told to end (SIGINT, SIGTERM); the robot is stopped first."""
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    ending = threading.Event()
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, lambda *_: ending.set())
    node = PlannerNode(open_model)
    executor = MultiThreadedExecutor(THREADS + BESIDE + node.parameters["max_waiting"])
    executor.add_node(node)
    spinning = threading.Thread(target=_spin, args=(node, executor), name="executor", daemon=True)
    spinning.start()
    if node.parameters["autostart"] and node.trigger_configure() == SUCCESS:
        node.trigger_activate()
    ending.wait()
    node.trigger_shutdown()
    executor.shutdown(timeout_sec=5)
    node.destroy_node()
    rclpy.try_shutdown()
    spinning.join(timeout=5)


if __name__ == "__main__":
    main()
