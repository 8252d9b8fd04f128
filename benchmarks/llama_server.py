"""llama.cpp's own server over one GGUF, until stdin is closed; prints its address.

    python benchmarks/llama_server.py WEIGHTS.gguf

For measurements and tests; a site would run `llama-server`, vLLM or Ollama.
"""

from __future__ import annotations

import os
import sys

import xllamacpp


def main() -> None:
    settings = xllamacpp.CommonParams()
    settings.model.path = sys.argv[1]
    settings.n_ctx = 4096
    settings.n_parallel = 1
    settings.cache_ram_mib = 0
    settings.verbosity = -1
    threads = len(os.sched_getaffinity(0))
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(settings)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    os.environ.setdefault("GOMP_SPINCOUNT", "300")
    main()
