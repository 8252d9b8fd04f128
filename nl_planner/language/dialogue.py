"""What is said one after the other: the task before, and the question that is open."""

from __future__ import annotations

from nl_planner.language.decide import Question, Situation
from nl_planner.language.interpreter import Interpreter
from nl_planner.models import Slot
from nl_planner.task import LAST, Task, Understanding


class Dialogue:
    """One person talking with the robot.

    ``last`` is the task that "once more" means, ``question`` the one that waits for an answer,
    ``slots`` what the model chose when it read the last sentence.
    ``robot`` (x, y, yaw) and ``operator`` (x, y) say where they stand, in the site's frame; None
    is unknown.
    """

    def __init__(self, interpreter: Interpreter):
        self._interpreter = interpreter
        self.last: Task | None = None
        self.question: Question | None = None
        self.slots: tuple[Slot, ...] = ()
        self.robot: tuple[float, float, float] | None = None
        self.operator: tuple[float, float] | None = None

    def forget(self) -> None:
        """Forget what was said before."""
        self.last, self.question = None, None

    def hear(self, text: str, *, doubted: bool = False) -> Understanding:
        """What the text means after what was said before; it is remembered.

        An answer to the open question resolves it; anything else said instead drops it. Of words
        that were hardly heard (``doubted``) the person is first asked whether they were said.

        Raises:
            InstructionError, ModelError: as `Interpreter.understand`; all stays as it was.
        """
        situation = Situation(self._interpreter.site, self.robot, self.operator, self.last)
        decision = self._interpreter.decide(text, situation, self.question, doubted=doubted)
        self.question, self.slots = decision.question, decision.slots
        for task in decision.understanding.tasks:
            self.last = remembered(task, self.last)
        return decision.understanding


def remembered(task: Task, before: Task | None) -> Task:
    """The task as the next one may refer to it: its place is not itself "the place before"."""
    if before and task.place and LAST in task.place.landmarks:
        return task.model_copy(update={"place": before.place})
    return task
