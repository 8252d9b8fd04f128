import pytest

from nl_planner.errors import ModelError
from nl_planner.models.registry import find_model
from nl_planner.models.store import find_weights


@pytest.fixture(scope="session")
def whisper_folder():
    """The real whisper-base."""
    try:
        return find_weights(find_model("whisper-base")).parent
    except ModelError as error:
        pytest.fail(f"{error} (`make test` does)")
