"""A person corrects the robot once; the next sentence is understood, and all of it can go."""

from learning.lessons_taught import task, told

from nl_planner import Planner
from nl_planner.learning.journal import Journal


def test_a_correction_works_at_once_and_can_be_taken_back(riverside, real_model, tmp_path):
    journal = Journal.of(riverside, tmp_path / "journal.db")
    planner = Planner(riverside, real_model, journal=journal)
    said = "大圆坛的烟把子捡一下"
    before = planner.understand(said)
    meant = task("pick_up", "plaza", thing="cigarette_butt")
    assert before.tasks != (meant,)
    lesson = told(said, "pick_up", "plaza", thing="cigarette_butt")
    taught = journal.correct(planner.entry, lesson.understanding)
    planner.forget()
    assert planner.understand(said).tasks == (meant,)
    planner.forget()
    other = planner.understand("大圆坛旁边有落叶，扫走")
    assert other.tasks == (task("sweep", "plaza", "near", "leaf"),)
    planner.forget()
    assert planner.understand("扫一下一号楼门口").tasks == (
        task("sweep", "building_1", "in_front_of"),
    )
    journal.take_back(taught.id)
    planner.forget()
    again = planner.understand(said)
    assert (again.status, again.tasks) == (before.status, before.tasks)
    assert planner.understand("大圆坛旁边有落叶，扫走").tasks != other.tasks
