"""What instructions do to one another; the model is a stand-in that writes the given lines."""

import threading

import pytest
from west import START, west_job

from nl_planner.execution import Outcome, Stage, Ticket
from nl_planner.execution.fake_driver import FakeDriver
from nl_planner.execution.ticket import Instruction
from nl_planner.learning.journal import Journal
from nl_planner.speech import Heard

WEST, EAST = " sweep all at [西区] .", " sweep all at [东区] ."
BOTH = " sweep all at [东区] ; sweep all at [西区] ."


class Gate:
    """Holds the fake robot after some metres until it is opened."""

    def __init__(self, driver, metres):
        self.reached, self.open = threading.Event(), threading.Event()
        self._metres = metres
        driver.on_step = self.step

    def step(self, driven):
        if driven > self._metres and not self.open.is_set():
            self.reached.set()
            self.open.wait(20)


def until(holds):
    """Wait for it, at most 20 s."""
    for _ in range(2000):
        if holds():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen")


def say(foreman, text, **how):
    ticket = Ticket(Instruction(text, **how))
    foreman.hear(ticket)
    return ticket


def test_words_become_a_driven_path(crew):
    with crew(WEST) as (foreman, driver, replies):
        report = say(foreman, "扫西区").wait(20)
    assert report.outcome is Outcome.DONE
    assert report.covered >= 0.98
    assert report.covered_area > 20
    assert len(report.path)
    assert driver.driven > 40
    assert replies[-1] == report.reply
    assert "做完了" in report.reply


def test_a_question_moves_nothing_and_its_answer_drives(crew):
    with crew(" sweep all nowhere .", " answer at [西区] .") as (foreman, driver, _):
        asked = say(foreman, "扫一下").wait(20)
        assert asked.outcome is Outcome.ASKED
        assert asked.reply.endswith("？")
        assert driver.driven == 0
        assert say(foreman, "西区").wait(20).outcome is Outcome.DONE
    assert driver.driven > 40


def test_what_may_have_been_said_otherwise_is_asked_before_it_drives(crew):
    heard = Heard("扫西区", "扫西区", "zh", 0.9, 0.0, 1.0, rivals=(("扫东区", 0.4),))
    with crew(WEST, EAST, WEST, " yes") as (foreman, driver, _):
        asked = say(foreman, heard.text, doubted=heard.doubted_as).wait(20)
        assert asked.outcome is Outcome.ASKED
        assert "扫西区" in asked.reply
        assert driver.driven == 0
        assert say(foreman, "对").wait(20).outcome is Outcome.DONE
    assert driver.driven > 40


def test_what_means_the_same_either_way_is_not_asked(crew):
    heard = Heard("扫西区", "扫西区", "zh", 0.9, 0.0, 1.0, rivals=(("扫一下西区", 0.4),))
    with crew(WEST, WEST, WEST) as (foreman, _, _):
        said = say(foreman, heard.text, doubted=heard.doubted_as)
        assert said.wait(20).outcome is Outcome.DONE


def test_what_the_machine_cannot_do_is_refused(crew):
    with crew(" mop all at [西区] .") as (foreman, driver, _):
        assert say(foreman, "拖西区").wait(20).outcome is Outcome.REFUSED
    assert driver.driven == 0


def test_work_said_meanwhile_waits_its_turn_and_stop_drops_all(crew):
    driver = FakeDriver(START)
    gate = Gate(driver, 5)
    with crew(WEST, EAST, " status", " stop", driver=driver) as (foreman, _, _):
        first = say(foreman, "扫西区")
        assert gate.reached.wait(20)
        second = say(foreman, "扫东区")
        status = say(foreman, "你在干嘛").wait(20)
        assert status.outcome is Outcome.DONE
        assert "西区" in status.reply
        assert "1 件" in status.reply
        assert second.stage is Stage.WAITING
        assert say(foreman, "都停下").wait(20).outcome is Outcome.DONE
        gate.open.set()
        assert first.wait(20).outcome is Outcome.CANCELLED
        assert second.wait(20).outcome is Outcome.CANCELLED
        at = driver.driven
    assert at < 6


def test_a_correction_replaces_the_job_at_hand_and_spares_what_is_clean(crew):
    driver = FakeDriver(START)
    gate = Gate(driver, 20)
    lines = (WEST, " correct sweep all at [西区] ; sweep all at [东区] .")
    with crew(*lines, driver=driver) as (foreman, _, replies):
        first = say(foreman, "扫西区")
        assert gate.reached.wait(20)
        second = say(foreman, "不对，西区和东区都要")
        until(lambda: any("改成" in reply for reply in replies))
        gate.open.set()
        assert first.wait(20).outcome is Outcome.CANCELLED
        report = second.wait(30)
    assert report.outcome is Outcome.DONE
    tool = sum(len(track) for track in driver.tool_track) * 0.1
    assert tool < 1.15 * (report.covered_area + 8 * 0.5) / 0.5


def test_a_correction_replaces_what_waits_last(crew):
    driver = FakeDriver(START)
    gate = Gate(driver, 5)
    with crew(WEST, WEST, f" correct{EAST}", driver=driver) as (foreman, _, _):
        first = say(foreman, "扫西区")
        assert gate.reached.wait(20)
        second = say(foreman, "再扫西区")
        third = say(foreman, "不，扫东区")
        assert second.wait(20).outcome is Outcome.CANCELLED
        gate.open.set()
        assert first.wait(20).outcome is Outcome.DONE
        assert third.wait(20).outcome is Outcome.DONE


def test_pause_holds_also_what_comes_after_until_it_is_resumed(crew):
    driver = FakeDriver(START)
    gate = Gate(driver, 5)
    with crew(WEST, EAST, driver=driver) as (foreman, _, _):
        first = say(foreman, "扫西区")
        assert gate.reached.wait(20)
        foreman.pause()
        gate.open.set()
        second = say(foreman, "扫东区")
        with pytest.raises(TimeoutError):
            second.wait(0.5)
        assert first.stage is Stage.PAUSED
        foreman.resume()
        assert first.wait(20).outcome is Outcome.DONE
        assert second.wait(20).outcome is Outcome.DONE


def test_dock_puts_the_job_aside_and_resume_goes_on(crew):
    driver = FakeDriver(START)
    gate = Gate(driver, 8)
    lines = (WEST, " dock", " resume")
    with crew(*lines, driver=driver, dock=(9.0, 6.0, 1.0)) as (foreman, _, _):
        first = say(foreman, "扫西区")
        assert gate.reached.wait(20)
        dock = say(foreman, "回去充电")
        until(lambda: dock.job)
        gate.open.set()
        assert dock.wait(20).outcome is Outcome.DONE
        assert driver.at == pytest.approx((9, 6, 1), abs=1)
        assert first.stage is Stage.PAUSED
        resumed = say(foreman, "继续")
        assert resumed.wait(20).outcome is Outcome.DONE
        assert first.wait(20).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("回去充电", "我回不到充电座，找不到能走的路。请清出路来，或者把我推过去。"),
        ("go and charge", "I find no way to my dock. Please clear one, or push me there."),
    ],
)
def test_a_dock_it_cannot_get_to_is_told(crew, text, reply):
    with crew(" dock", dock=(20.0, 20.0, 0.0)) as (foreman, _, _):
        report = say(foreman, text).wait(20)
    assert (report.outcome, report.reply) == (Outcome.FAILED, reply)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("扫西区", "我的语言模型现在用不了，这句话没有听懂。请稍后再说一遍，还不行就找维护人员。"),
        (
            "sweep the west side",
            "My language model cannot be used now, so I did not understand that. Please say it "
            "again later; if that does not help, call whoever looks after me.",
        ),
    ],
)
def test_a_model_that_fails_is_told_and_its_own_words_are_logged(crew, caplog, text, reply):
    with crew() as (foreman, _, replies):
        report = say(foreman, text).wait(20)
    assert (report.outcome, report.reply) == (Outcome.FAILED, reply)
    assert replies == [reply]
    assert "the fake model has no more lines" in caplog.text


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("text", "line", "reply"),
    [
        ("扫西区西边", " sweep all west [西区] .", "西区西侧在场地之外，请说一个场地里的地方。"),
        (
            "sweep west of the west side",
            " sweep all west [west side] .",
            "All of the ground west of the west side lies outside the site. Please name a place on "
            "it.",
        ),
    ],
)
def test_a_place_without_room_is_told(crew, text, line, reply, dry_run):
    with crew(line) as (foreman, driver, _):
        report = say(foreman, text, dry_run=dry_run).wait(20)
    assert (report.outcome, report.reply) == (Outcome.FAILED, reply)
    assert driver.driven == 0


@pytest.mark.parametrize(
    ("text", "line", "reply"),
    [
        ("扫西区", WEST, "我的程序出了故障，这件事没能做成。请找维护人员看日志。"),
        (
            "sweep the west side",
            " sweep all at [west side] .",
            "My software failed, so I could not do that. Please call whoever looks after me; the "
            "log says more.",
        ),
    ],
)
def test_a_fault_of_its_own_is_told_without_its_name(crew, caplog, text, line, reply):
    driver = FakeDriver(START)
    driver.on_step = lambda driven: {}["gone"]
    with crew(line, driver=driver) as (foreman, _, _):
        report = say(foreman, text).wait(20)
    assert (report.outcome, report.reply) == (Outcome.FAILED, reply)
    assert "KeyError: 'gone'" in caplog.text


def test_text_too_long_is_refused_with_the_reason(crew):
    with crew() as (foreman, _, _):
        report = say(foreman, "扫" * 501).wait(20)
    assert report.outcome is Outcome.REFUSED
    assert report.reply.startswith("这句话有 501 个字符，我最多读 500 个。")


def test_without_a_dock_it_says_so(crew):
    with crew(" dock") as (foreman, _, _):
        assert say(foreman, "回去充电").wait(20).outcome is Outcome.REFUSED


@pytest.mark.parametrize("answer", [" yes", " no"])
def test_with_confirm_it_drives_only_after_a_yes(crew, answer):
    with crew(WEST, answer) as (foreman, driver, _):
        ticket = say(foreman, "扫西区", confirm="always")
        until(lambda: ticket.question)
        assert ticket.stage is Stage.CONFIRMING
        assert driver.driven == 0
        say(foreman, "答复").wait(20)
        report = ticket.wait(20)
    assert report.outcome is (Outcome.DONE if answer == " yes" else Outcome.CANCELLED)
    assert (driver.driven > 0) is (answer == " yes")


def test_without_an_answer_the_question_ends_as_asked(crew):
    with crew(WEST, confirm="always", confirm_timeout=0.1) as (foreman, driver, _):
        assert say(foreman, "扫西区").wait(20).outcome is Outcome.ASKED
    assert driver.driven == 0


def test_confirm_in_doubt_asks_only_below_the_threshold(crew):
    with crew(WEST, probability=0.9) as (foreman, _, _):
        assert say(foreman, "扫西区", confirm="doubt").wait(20).outcome is Outcome.DONE
    with crew(WEST, probability=0.7, confirm_timeout=0.1) as (foreman, _, _):
        assert say(foreman, "扫西区", confirm="doubt").wait(20).outcome is Outcome.ASKED


def test_a_dry_run_plans_and_moves_nothing(crew):
    with crew(WEST) as (foreman, driver, _):
        report = say(foreman, "扫西区", dry_run=True).wait(20)
    assert report.outcome is Outcome.DONE
    assert len(report.path) > 10
    assert driver.driven == 0


@pytest.mark.parametrize("at", [None, (40.0, 40.0, 0.0)])
def test_a_robot_that_is_lost_or_off_its_map_says_so(crew, at):
    with crew(WEST, driver=FakeDriver(at)) as (foreman, _, _):
        report = say(foreman, "扫西区").wait(20)
    assert report.outcome is Outcome.FAILED
    assert "我不" in report.reply


def test_a_job_broken_off_is_offered_and_resumed(crew, hall, store):
    job = west_job(hall, store)
    job.works[0].done = 12.0
    job.enter(Stage.WORKING)
    store.save(job)
    with crew(" yes") as (foreman, _, replies):
        assert replies[0].endswith("要接着做吗？")
        report = say(foreman, "好").wait(20)
    assert report.outcome is Outcome.DONE
    assert store.unfinished(0.5) == []


def test_a_job_broken_off_is_dropped_on_no(crew, hall, store):
    west_job(hall, store)
    with crew(" no") as (foreman, driver, _):
        say(foreman, "不用了").wait(20)
    assert store.unfinished(0.5) == []
    assert driver.driven == 0


def test_cancel_answers_while_the_model_reads(crew):
    with crew(WEST) as (foreman, driver, _):
        reading, go = threading.Event(), threading.Event()
        understand = foreman._planner.understand

        def slow(*args, **kwargs):
            reading.set()
            go.wait(20)
            return understand(*args, **kwargs)

        foreman._planner.understand = slow
        ticket = say(foreman, "扫西区")
        assert reading.wait(20)
        foreman.cancel(ticket)
        assert ticket.wait(0.1).outcome is Outcome.CANCELLED
        go.set()
    assert driver.driven == 0


def test_closed_in_mid_job_it_is_kept_for_the_next_start(crew, store):
    driver = FakeDriver(START)
    gate = Gate(driver, 5)
    with crew(WEST, driver=driver) as (foreman, _, _):
        ticket = say(foreman, "扫西区")
        assert gate.reached.wait(20)
        threading.Timer(0.1, gate.open.set).start()
    assert ticket.wait(1).outcome is Outcome.CANCELLED
    (left,) = store.unfinished(0.5)
    assert left.progress > 0


def test_too_many_instructions_are_not_taken(crew):
    driver = FakeDriver(START)
    gate = Gate(driver, 5)
    with crew(*[WEST] * 3, driver=driver, most_waiting=2) as (foreman, _, _):
        say(foreman, "扫西区")
        assert gate.reached.wait(20)
        tickets = [say(foreman, "扫西区") for _ in range(4)]
        assert tickets[-1].wait(5).outcome is Outcome.REFUSED
        foreman.stop()
        gate.open.set()


def test_a_paused_job_that_is_called_off_holds_nothing_up(crew):
    driver = FakeDriver(START)
    gate = Gate(driver, 5)
    with crew(WEST, EAST, driver=driver) as (foreman, _, _):
        first = say(foreman, "扫西区")
        assert gate.reached.wait(20)
        foreman.pause()
        gate.open.set()
        until(lambda: first.stage is Stage.PAUSED)
        second = say(foreman, "扫东区")
        foreman.cancel(first)
        assert first.wait(20).outcome is Outcome.CANCELLED
        assert second.wait(20).outcome is Outcome.DONE


def test_a_correction_while_paused_replaces_the_paused_job(crew):
    driver = FakeDriver(START)
    gate = Gate(driver, 5)
    with crew(WEST, f" correct{EAST}", driver=driver) as (foreman, _, _):
        first = say(foreman, "扫西区")
        assert gate.reached.wait(20)
        foreman.pause()
        gate.open.set()
        until(lambda: first.stage is Stage.PAUSED)
        second = say(foreman, "不，扫东区")
        assert first.wait(20).outcome is Outcome.CANCELLED
        assert second.wait(20).outcome is Outcome.DONE


def test_the_journal_has_what_was_said_planned_and_done(crew, hall, tmp_path):
    with Journal.of(hall, tmp_path / "journal.db") as journal:
        with crew(WEST, " mop all at [东区] .", journal=journal) as (foreman, _, _):
            done = say(foreman, "扫西区").wait(20)
            say(foreman, "拖东区").wait(20)
        driven, refused = journal.entries()
    assert driven.text == "扫西区"
    assert driven.plan[0]["length"] > 40
    assert driven.outcome == done.to_json()
    assert refused.understanding.reason
    assert refused.outcome is None


def test_a_name_is_taught_and_driven_to(crew, hall, tmp_path):
    with Journal.of(hall, tmp_path / "journal.db") as journal:
        lines = (" remember", " go at [西区] .", " [老地方]", " none", " sweep all at [老地方] .")
        with crew(*lines, journal=journal) as (foreman, _, replies):
            report = say(foreman, "记住，西区我们叫老地方").wait(20)
            assert report.outcome is Outcome.DONE
            assert "老地方" in replies[-1]
            assert say(foreman, "扫老地方").wait(20).covered >= 0.98
