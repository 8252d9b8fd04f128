"""Every error of nl_planner, in one tree.

::

    NlPlannerError
    ├── BadInputError            what was given cannot be used (exit code 2)
    │   ├── InstructionError     the text: empty, too long, nothing but control characters
    │   ├── SiteFileError        a site file, or a map it names
    │   ├── ImportFileError      a file to make a site from: OSM, GeoJSON, building.yaml
    │   ├── ExportError          a file or folder that a site is written to
    │   ├── MemoryFileError      the file of what was seen
    │   ├── RecordError          a run cannot be recorded where it was asked to be
    │   ├── JobFileError         the file of jobs
    │   ├── JournalError         the journal of what was said: its file, its database
    │   ├── RegionFileError      a GeoJSON region or free space
    │   ├── CasesFileError       a file of evaluation cases
    │   ├── SoundError           a sound file or a microphone
    │   └── UnknownNameError     an id, model or backend that does not exist; lists what does
    ├── UnclearPlaceError        a place that takes a question to find (exit code 3)
    ├── NoSpaceError             nothing the robot could drive on, or reach (exit code 5)
    └── ModelError               a language model that cannot be used (exit code 6)
        ├── ModelMissingError    weights or the packages to run them are not here
        └── WeightsError         weights that are not what their SHA-256 says

Each message says what was wrong, where, and what to do. Errors of libraries are translated where
they enter, with ``from``. What `Planner` raises about an instruction is told to the person who gave
it: InstructionError, UnclearPlaceError, NoSpaceError and ModelError are then whole sentences in the
language of the instruction, and what a technician wants to know besides is the cause. All others
speak English to whoever sets things up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class NlPlannerError(Exception):
    """Anything that nl_planner reports; catch this to catch all."""

    exit_code = 1


class BadInputError(NlPlannerError):
    """What was given cannot be used as it is."""

    exit_code = 2


class InstructionError(BadInputError):
    """The text of an instruction cannot be read."""


class SiteFileError(BadInputError):
    """A site file is wrong. The message has a line ``FILE:LINE: KEY: what, and the mend`` each."""


class ImportFileError(BadInputError):
    """A file cannot be made into a site. The message names the file and the element in it."""


class ExportError(BadInputError):
    """What a site is exported to cannot be written. The message names the file or folder."""


class MemoryFileError(BadInputError):
    """A file of seen objects is not one, or cannot be read or written."""


class RecordError(BadInputError):
    """A run cannot be recorded: the folder, or the package that writes bags."""


class JobFileError(BadInputError):
    """A file of jobs is not one, or cannot be read or written."""


class JournalError(BadInputError):
    """A journal is not one, or cannot be read or written."""


class RegionFileError(BadInputError):
    """A GeoJSON region cannot be read."""


class CasesFileError(BadInputError):
    """A file of evaluation cases cannot be read."""


class SoundError(BadInputError):
    """A sound file cannot be read, or a microphone or loudspeaker cannot be used."""


class UnknownNameError(BadInputError):
    """A name (landmark, class, model, backend) that does not exist."""


class UnclearPlaceError(NlPlannerError):
    """A place cannot be found until the person has answered a question.

    ``missing`` is what is not known: "front" (which way ``landmark`` faces), "operator" or "robot"
    (where that stands), "last" (no task came before) or "place" (none was said).
    """

    exit_code = 3

    def __init__(self, message: str, *, missing: str, landmark: str | None = None) -> None:
        super().__init__(message)
        self.missing = missing
        self.landmark = landmark


class NoSpaceError(NlPlannerError):
    """There is nothing here that the robot could drive on, or no way to it."""

    exit_code = 5


class ModelError(NlPlannerError):
    """A language model cannot be used."""

    exit_code = 6


class ModelMissingError(ModelError):
    """Weights, or the packages that run them, are not on this machine."""


class WeightsError(ModelError):
    """Weights are not the ones that were asked for."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The tail of a message about an unknown name: ``; did you mean a or b?``, or nothing."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=3)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def first_fault(error: ValidationError, whole: str) -> str:
    """Where pydantic found something wrong first, and what; ``whole`` names the thing itself."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or whole}: {first['msg']}"
