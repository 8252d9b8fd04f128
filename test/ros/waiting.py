"""Waiting for what another process does."""

import time


def until(holds, seconds=20.0, what="it"):
    """Wait until it holds; what it gave."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.01)
    return found
