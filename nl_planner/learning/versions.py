"""The adapters of one site: those that were trained there, and which of them is used.

They lie in the user's data folder, not in the package::

    adapters/riverside_garden/qwen2.5-coder-0.5b/
        001/ 002/ ...      an adapter each, its figures in adapter.json
        promoted.json      the versions that were put to use, the last one is; none: the shipped one
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nl_planner.errors import BadInputError
from nl_planner.models.adapter import CARD
from nl_planner.site.model import Site

SHIPPED = "shipped"
"""What the version is called that comes with the package."""


def adapters_folder(site: Site) -> Path:
    """Where the adapters of a site are kept when nobody says otherwise."""
    from platformdirs import user_data_path

    name = re.sub(r"\W+", "_", site.name[0].lower()).strip("_") or "site"
    return user_data_path("nl_planner") / "adapters" / name


@dataclass(frozen=True)
class Versions:
    """The versions of a model's adapter in ``folder``, which need not exist yet."""

    folder: Path

    @classmethod
    def of(cls, site: Site, model: str, folder: Path | None = None) -> Versions:
        """Those of a site: in ``folder``, else in `adapters_folder`."""
        return cls((folder or adapters_folder(site)) / model)

    def all(self) -> dict[str, dict[str, Any]]:
        """Version → its card, the oldest first."""
        return {
            card.parent.name: json.loads(card.read_text("utf-8"))
            for card in sorted(self.folder.glob(f"[0-9]*/{CARD}"))
        }

    @property
    def current(self) -> Path | None:
        """The folder of the version in use; None for the shipped one."""
        order = self._promoted()
        return self.folder / order[-1] if order else None

    def next(self) -> Path:
        """The folder for a version that is to be trained."""
        taken = [int(path.name) for path in self.folder.glob("[0-9]*") if path.name.isdigit()]
        return self.folder / f"{max(taken, default=0) + 1:03}"

    def promote(self, version: str) -> None:
        """Put a version to use.

        Raises:
            BadInputError: there is none of that name.
        """
        known = self.all()
        if version not in known:
            raise BadInputError(
                f"{self.folder}: there is no version {version!r}; there are: "
                f"{', '.join(known) or 'none'}"
            )
        self._write([*self._promoted(), version])

    def roll_back(self) -> str:
        """Put the version before to use again; returns which.

        Raises:
            BadInputError: the shipped one is in use; nothing is before it.
        """
        order = self._promoted()
        if not order:
            raise BadInputError(f"{self.folder}: the shipped adapter is in use, none was before it")
        self._write(order[:-1])
        return order[-2] if len(order) > 1 else SHIPPED

    def _promoted(self) -> list[str]:
        try:
            order: list[str] = json.loads((self.folder / "promoted.json").read_text("utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise BadInputError(
                f"{self.folder / 'promoted.json'}: cannot be read ({error}); delete it to use the "
                "shipped adapter"
            ) from error
        return order

    def _write(self, order: list[str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / "promoted.unfinished"
        unfinished.write_text(json.dumps(order) + "\n", "utf-8")
        unfinished.replace(self.folder / "promoted.json")
