"""A foreman over a robot that is a fake."""

from contextlib import contextmanager

import pytest
from west import SITE, START, west_job

from nl_planner.execution import Foreman, JobStore, Settings
from nl_planner.execution.fake_driver import FakeDriver
from nl_planner.execution.things import Things
from nl_planner.models.fake import FakeModel
from nl_planner.planner import Planner
from nl_planner.site import ObjectMemory, read_site


@pytest.fixture(scope="session")
def hall(tmp_path_factory):
    file = tmp_path_factory.mktemp("site") / "hall.site.yaml"
    file.write_text(SITE, encoding="utf-8")
    return read_site(file)


@pytest.fixture
def job(hall):
    return west_job(hall)


@pytest.fixture
def store(tmp_path):
    store = JobStore(tmp_path / "jobs.db")
    yield store
    store.close()


@pytest.fixture
def crew(hall, store):
    """crew(*lines) is a foreman whose stand-in model writes these lines, with its robot."""

    @contextmanager
    def make(*lines, driver=None, probability=1.0, **settings):
        driver = driver or FakeDriver(START)
        planner = Planner(hall, FakeModel(lines, probability))
        memory = ObjectMemory(":memory:", hall.taxonomy)
        replies = []
        foreman = Foreman(
            planner,
            driver,
            store,
            Things(hall, memory),
            Settings(**settings),
            on_reply=replies.append,
        )
        foreman.start()
        try:
            yield foreman, driver, replies
        finally:
            foreman.close()
            memory.close()

    return make
