"""The planner's node with a stand-in for the language model, for tests that are not about reading.

    python planner_with_stand_in.py LINES.json --ros-args ...

LINES.json maps each sentence to the line that the stand-in writes for it. A sentence may say how
many seconds of a processor the stand-in reads: {"sentence": [" stop", 2.0]}.
"""

import json
import sys
import time
from pathlib import Path

from nl_planner.errors import ModelError
from nl_planner.models.fake import cut
from nl_planner.models.interface import Filled, Slot
from nl_planner.ros.node import WARM_UP, main


class StandIn:
    """Writes the line of the sentence that stands in the prompt; a fake, it understands nothing."""

    name, adapted, ask_below = "stand-in", True, 0.0

    def __init__(self, lines):
        self.lines = {WARM_UP: " sweep all nowhere .", **lines}

    def fill(self, prompt, grammar):
        said = max((s for s in self.lines if s in prompt.suffix), key=len, default=None)
        if said is None:
            raise ModelError(f"the stand-in knows no line for {prompt.suffix!r}")
        line = self.lines[said]
        line, seconds = line if isinstance(line, list) else (line, 0.0)
        until = time.thread_time() + seconds  # goes on when a machine that stood still does
        while time.thread_time() < until:  # as busy as a model, in Python itself
            sum(range(1000))
        return Filled(tuple(Slot(state, text, 1.0) for state, text in cut(line, grammar)))


if __name__ == "__main__":
    lines = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    main(sys.argv[2:], open_model=lambda name, runtime, adapter: StandIn(lines))
