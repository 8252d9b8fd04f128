from pathlib import Path

import pytest
from hypothesis import settings

from nl_planner.errors import ModelError
from nl_planner.models import DEFAULT_MODEL, open_model
from nl_planner.models.registry import find_model
from nl_planner.models.store import find_weights
from nl_planner.site import read_site

settings.register_profile("untimed", deadline=None)  # machines are busy
settings.load_profile("untimed")

MAPS = Path(__file__).parent.parent / "maps"


@pytest.fixture(scope="session")
def riverside():
    return read_site(MAPS / "riverside.site.yaml")


@pytest.fixture(scope="session")
def real_model():
    """The real 0.5B model, one in the whole run."""
    try:
        find_weights(find_model(DEFAULT_MODEL))
    except ModelError as error:
        pytest.fail(f"{error} (`make test` does)")
    return open_model()
