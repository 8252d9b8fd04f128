"""Seconds and memory of one model under each runtime, on the same sentences, in one run.

    python benchmarks/latency.py [--model M] [--sentences 12]

The sentences are of the generator's held-out split, each with its site. Each runtime has a process
of its own; it is warm after one other sentence, and cold is from the start of the process to the
answer to that one. ``server`` is the same weights without the adapter behind llama.cpp's own
server, held to the JSON schema; its memory is the server's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

WAYS = {
    "transformers": "transformers",
    "llamacpp": "llama.cpp, adapter merged",
    "server": "llama.cpp's server, JSON schema",
}
SEED = 20261124
CPUINFO, LOAD = Path("/proc/cpuinfo"), Path("/proc/loadavg")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--sentences", type=int, default=12)
    parser.add_argument("--measure", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure, arguments.model, arguments.sentences)
        return
    cpu = next(x.split(":")[1] for x in CPUINFO.read_text().splitlines() if "model name" in x)
    print(
        f"{cpu.strip()}, {len(os.sched_getaffinity(0))} cores; load before "
        f"{LOAD.read_text().split()[0]}; {arguments.model}, {arguments.sentences} sentences"
    )
    print(f"{'':33} {'p50 s':>6} {'p95 s':>6} {'cold s':>6} {'MB':>6} {'times as slow':>14}")
    fastest = None
    for way, words in WAYS.items():
        started = time.time()
        command = [sys.executable, __file__, "--measure", way, "--model", arguments.model]
        out = subprocess.run(
            [*command, "--sentences", str(arguments.sentences)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        found = json.loads(out.splitlines()[-1])
        p50, p95 = np.percentile(found["seconds"], [50, 95])
        fastest = fastest or p50
        print(
            f"{words:33} {p50:6.2f} {p95:6.2f} {found['first'] - started:6.1f} "
            f"{found['resident'] / 1e6:6.0f} {p50 / fastest:14.1f}",
            flush=True,
        )


def measure(way: str, name: str, count: int) -> None:
    """Measure one runtime in this process; prints JSON."""
    from nl_planner.errors import ModelError
    from nl_planner.language import Interpreter
    from nl_planner.learning.dataset import samples

    begun = time.time()
    # One more to begin with; texts that need what was said before are passed over.
    alone = (s for s in samples(SEED, 20 * count, "heldout") if not (s[1].before or s[1].asked))
    questions = [(example.text, site) for _, example, site in islice(alone, count + 1)]
    made = time.time() - begun
    model, pid = opened(way, name)
    (text, site), *others = questions
    Interpreter(site, model).understand(text)
    first = time.time() - made
    seconds = []
    for text, site in others:
        interpreter = Interpreter(site, model)
        # The index of names is made once a site.
        interpreter.question(text, None, adapted=model.adapted)
        start = time.perf_counter()
        with suppress(ModelError):  # a line without an end; its time counts
            interpreter.understand(text)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"first": first, "seconds": seconds, "resident": resident(pid)}))


def opened(way: str, name: str) -> tuple[Any, int]:
    """The model, and the process that holds its weights."""
    from nl_planner.models import open_model
    from nl_planner.models.registry import ServerSpec, find_model
    from nl_planner.models.server_runtime import ServerModel
    from nl_planner.models.store import find_weights

    if way != "server":
        return open_model(name, way), os.getpid()
    weights = str(find_weights(find_model(name)))
    command = [sys.executable, str(Path(__file__).with_name("llama_server.py")), weights]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    address = server.stdout.readline().strip() if server.stdout else ""
    spec = ServerSpec(name=name, about="", server=f"{address}/v1", timeout=300)
    return ServerModel(spec), server.pid


def resident(pid: int) -> int:
    """Bytes of memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(next(x.split()[1] for x in status.splitlines() if x.startswith("VmRSS")))


if __name__ == "__main__":
    main()
