"""Foreign files to drafts of a site: one file a format. ``read_draft`` chooses by the content."""

from __future__ import annotations

import re
from pathlib import Path

from nl_planner.errors import ImportFileError
from nl_planner.site.imports.draft import Draft

__all__ = ["Draft", "read_draft"]

FORMATS = """\
OpenStreetMap (.osm XML, or GeoJSON of it), GeoJSON (.geojson), Open-RMF (building.yaml) or a Nav2
map (.yaml)"""


def read_draft(path: Path, level: str | None = None) -> Draft:
    """The draft of a site that a file makes; ``level`` is the floor, for a file that has several.

    Raises:
        ImportFileError: the file cannot be made into a site; the message has file and element.
    """
    from nl_planner.site.imports.source import read_bytes

    content = read_bytes(path).removeprefix(b"\xef\xbb\xbf").lstrip()
    begin = content[:1]
    is_yaml = begin not in (b"<", b"{", b"[") and path.suffix in (".yaml", ".yml")
    is_map = is_yaml and bool(re.search(rb"^image\s*:", content, re.MULTILINE))
    is_rmf = is_yaml and not is_map
    if level is not None and not (is_rmf or begin == b"<"):
        raise ImportFileError(f"{path}: has no levels; leave --level out")
    if begin == b"<":
        from nl_planner.site.imports.osm import draft_of_osm
        from nl_planner.site.imports.osm_xml import read_osm_xml

        return draft_of_osm(read_osm_xml(path), path, level)
    if begin in (b"{", b"["):
        from nl_planner.site.imports.geojson import read_geojson

        return read_geojson(path)
    if is_map:
        from nl_planner.site.imports.nav2_map import read_nav2_map

        return read_nav2_map(path)
    if is_rmf:
        from nl_planner.site.imports.rmf import read_rmf

        return read_rmf(path, level)
    pbf = "; make XML of it: osmium cat X.osm.pbf -o X.osm" if path.suffix == ".pbf" else ""
    raise ImportFileError(f"{path}: is none of the formats that are read: {FORMATS}{pbf}")
