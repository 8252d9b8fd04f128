"""Every conversion between messages and values of the core, in pairs ``x_to_ros``, ``x_from_ros``.

Positions are in the frame that the message's header names; nothing is transformed here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from builtin_interfaces.msg import Duration, Time
from geometry_msgs.msg import PointStamped, PoseStamped, Quaternion
from nav_msgs.msg import OccupancyGrid, Path
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from std_msgs.msg import String

from nl_planner.errors import BadInputError, first_fault
from nl_planner.execution import LeftOut, Outcome, Report, Stage, Ticket
from nl_planner.execution.driver import Pose
from nl_planner.execution.ticket import Instruction
from nl_planner.site import Detection
from nl_planner.site.occupancy import OccupancyMap
from nl_planner.speech import Heard
from nl_planner.task import Understanding
from nl_planner_msgs.action import ExecuteInstruction

Floats = NDArray[np.float64]

_FEEDBACK = ExecuteInstruction.Feedback
STAGES = {
    None: _FEEDBACK.UNDERSTANDING,
    Stage.CONFIRMING: _FEEDBACK.CONFIRMING,
    Stage.WAITING: _FEEDBACK.PLANNING,
    Stage.PLANNING: _FEEDBACK.PLANNING,
    Stage.APPROACHING: _FEEDBACK.APPROACHING,
    Stage.WORKING: _FEEDBACK.WORKING,
    Stage.PAUSED: _FEEDBACK.PAUSED,
}
"""The stage of a ticket → that of the action's feedback; one that waits is planning."""


def yaw_to_ros(yaw: float) -> Quaternion:
    """Heading (rad) → orientation."""
    return Quaternion(z=math.sin(yaw / 2), w=math.cos(yaw / 2))


def yaw_from_ros(q: Quaternion) -> float:
    """Orientation → heading (rad), roll and pitch left out."""
    return math.atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y**2 + q.z**2))


def pose_to_ros(pose: Sequence[float], frame_id: str, stamp: Time | None = None) -> PoseStamped:
    """(x, y, yaw) → PoseStamped."""
    message = PoseStamped()
    message.header.frame_id = frame_id
    if stamp is not None:
        message.header.stamp = stamp
    message.pose.position.x, message.pose.position.y = float(pose[0]), float(pose[1])
    message.pose.orientation = yaw_to_ros(float(pose[2]))
    return message


def pose_from_ros(message: PoseStamped) -> Pose:
    """PoseStamped → (x, y, yaw)."""
    at = message.pose.position
    return (at.x, at.y, yaw_from_ros(message.pose.orientation))


def point_to_ros(point: tuple[float, float], frame_id: str) -> PointStamped:
    """(x, y) → PointStamped."""
    message = PointStamped()
    message.header.frame_id = frame_id
    message.point.x, message.point.y = map(float, point)
    return message


def point_from_ros(message: PointStamped) -> tuple[float, float]:
    """PointStamped → (x, y)."""
    return (message.point.x, message.point.y)


def path_to_ros(poses: Floats, frame_id: str, stamp: Time | None = None) -> Path:
    """Poses (N, 3) → Path."""
    message = Path()
    message.header.frame_id = frame_id
    if stamp is not None:
        message.header.stamp = stamp
    message.poses = [pose_to_ros(pose, frame_id, stamp) for pose in poses]
    return message


def path_from_ros(message: Path) -> Floats:
    """Path → poses (N, 3)."""
    return np.array([pose_from_ros(pose) for pose in message.poses]).reshape(-1, 3)


def map_to_ros(grid: OccupancyMap, frame_id: str) -> OccupancyGrid:
    """OccupancyMap → OccupancyGrid."""
    message = OccupancyGrid()
    message.header.frame_id = frame_id
    rows, columns = grid.cells.shape
    message.info.height, message.info.width = rows, columns
    message.info.resolution = grid.resolution
    x, y, yaw = grid.origin
    message.info.origin = pose_to_ros((x, y, yaw), frame_id).pose
    message.data = grid.cells.astype(np.int8).ravel().tolist()
    return message


def map_from_ros(message: OccupancyGrid) -> OccupancyMap:
    """OccupancyGrid → OccupancyMap.

    ``resolution`` comes as float32 and is rounded to a tenth of a millimetre.
    """
    info = message.info
    cells = np.array(message.data, np.int8).reshape(info.height, info.width)
    origin = pose_from_ros(PoseStamped(pose=info.origin))
    return OccupancyMap(cells, round(info.resolution, 4), origin)


def duration_to_ros(seconds: float) -> Duration:
    """Seconds → Duration."""
    whole = math.floor(seconds)
    return Duration(sec=whole, nanosec=int((seconds - whole) * 1e9))


def duration_from_ros(message: Duration) -> float:
    """Duration → seconds."""
    return float(message.sec + message.nanosec * 1e-9)


def understanding_to_ros(understanding: Understanding | None) -> str:
    """Understanding → JSON as section 2 of the contract writes it; "" for None."""
    if understanding is None:
        return ""
    return json.dumps(understanding.to_json(), ensure_ascii=False)


def understanding_from_ros(text: str) -> Understanding | None:
    """JSON → Understanding."""
    return Understanding.model_validate_json(text) if text else None


def instruction_to_ros(said: Instruction, frame_id: str) -> ExecuteInstruction.Goal:
    """Instruction → the action's goal."""
    goal = ExecuteInstruction.Goal(
        text=said.text, language=said.language, confirm=said.confirm, dry_run=said.dry_run
    )
    if said.operator is not None:
        goal.operator_position = [point_to_ros(said.operator, frame_id)]
    return goal


def instruction_from_ros(goal: ExecuteInstruction.Goal) -> Instruction:
    """The action's goal → Instruction."""
    where = [point_from_ros(point) for point in goal.operator_position]
    return Instruction(
        goal.text, goal.language, goal.confirm, goal.dry_run, where[0] if where else None
    )


def report_to_ros(report: Report, frame_id: str) -> ExecuteInstruction.Result:
    """Report → the action's result."""
    return ExecuteInstruction.Result(
        outcome=int(report.outcome),
        reply=report.reply,
        task=understanding_to_ros(report.understanding),
        covered=float(report.covered),
        covered_area=float(report.covered_area),
        duration=duration_to_ros(report.duration),
        path=path_to_ros(report.path, frame_id),
        left_out=[left.why for left in report.left_out],
    )


def report_from_ros(result: ExecuteInstruction.Result) -> Report:
    """The action's result → Report; of what was left out only the sentences come along."""
    return Report(
        Outcome(result.outcome),
        result.reply,
        understanding_from_ros(result.task),
        result.covered,
        result.covered_area,
        duration_from_ros(result.duration),
        path_from_ros(result.path),
        tuple(LeftOut((math.nan, math.nan), math.nan, why) for why in result.left_out),
    )


def feedback_to_ros(ticket: Ticket) -> ExecuteInstruction.Feedback:
    """What there is to tell of a ticket → the action's feedback."""
    feedback = ExecuteInstruction.Feedback(
        stage=STAGES.get(ticket.stage, _FEEDBACK.WORKING),
        reply=ticket.reply,
        question=ticket.question,
        options=list(ticket.options),
    )
    job = ticket.job
    if job is not None:
        feedback.progress, feedback.covered = job.progress, job.covered
        feedback.time_left = duration_to_ros(job.time_left)
        feedback.task_count = len(job.works) or len(job.order.tasks)
        work = job.work
        if work is not None:
            feedback.task = json.dumps(work.leg.task.to_json(), ensure_ascii=False)
            feedback.task_number = job.at_leg + 1
    return feedback


def detections_to_ros(found: Iterable[Detection], frame_id: str, stamp: Time) -> Any:
    """Detections → vision_msgs/Detection3DArray."""
    from vision_msgs.msg import Detection3D, Detection3DArray, ObjectHypothesisWithPose

    message = Detection3DArray()
    message.header.frame_id, message.header.stamp = frame_id, stamp
    for one in found:
        detection = Detection3D()
        detection.header = message.header
        result = ObjectHypothesisWithPose()
        result.hypothesis.class_id, result.hypothesis.score = one.class_id, one.confidence
        result.pose.pose.position.x, result.pose.pose.position.y = map(float, one.at)
        result.pose.pose.orientation.w = 1.0
        covariance = np.zeros(36)
        covariance[0] = covariance[7] = one.uncertainty**2
        result.pose.covariance = covariance
        detection.results = [result]
        detection.bbox.center = result.pose.pose
        detection.bbox.size.x = detection.bbox.size.y = 2 * one.radius
        message.detections.append(detection)
    return message


def detections_from_ros(message: Any) -> list[Detection]:
    """vision_msgs/Detection3DArray → detections: of each thing its most likely class.

    The place is that of the class where one is given, else the middle of the box. Size and spread
    that are not given (0) are those of `Detection`.
    """
    found = []
    for detection in message.detections:
        if not detection.results:
            continue
        best = max(detection.results, key=lambda result: result.hypothesis.score)
        at = best.pose.pose.position
        if at.x == at.y == 0.0:
            at = detection.bbox.center.position
        size = detection.bbox.size
        spread = max(best.pose.covariance[0], best.pose.covariance[7])
        found.append(
            Detection(
                best.hypothesis.class_id,
                (at.x, at.y),
                min(1.0, max(0.0, best.hypothesis.score)),
                max(size.x, size.y) / 2 or Detection.radius,
                math.sqrt(spread) if spread > 0 else Detection.uncertainty,
            )
        )
    return found


def heard_to_ros(heard: Heard) -> String:
    """What was heard → its fields as JSON."""
    return String(data=json.dumps(asdict(heard), ensure_ascii=False))


def heard_from_ros(message: String) -> Heard:
    """JSON → what was heard.

    Raises:
        BadInputError: it is not that; says which field is wrong.
    """
    try:
        return TypeAdapter(Heard).validate_json(message.data)
    except ValidationError as error:
        raise BadInputError(first_fault(error, "what was heard")) from error


def seconds_from_ros(stamp: Time) -> float:
    """Stamp → seconds."""
    return float(stamp.sec + stamp.nanosec * 1e-9)


def seconds_to_ros(seconds: float) -> Time:
    """Seconds → stamp."""
    whole = math.floor(seconds)
    return Time(sec=whole, nanosec=int((seconds - whole) * 1e9))
