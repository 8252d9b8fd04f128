"""What OSM tags say of a thing: its names, its kind, whether the robot may be on it.

Keys and values as https://wiki.openstreetmap.org/wiki/Map_features has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NAME_KEYS = (
    "name", "name:zh", "name:zh-Hans", "name:en", "official_name", "alt_name", "alt_name:zh",
    "alt_name:en", "short_name", "short_name:zh", "short_name:en", "loc_name", "name_zh", "name_en",
)  # fmt: skip

DESCRIBING = (
    "amenity", "shop", "cuisine", "brand", "operator", "sport", "leisure", "tourism", "historic",
    "healthcare", "office", "craft", "building", "building:levels", "building:colour", "surface",
    "addr:street", "addr:housenumber", "addr:housename", "addr:unit", "level", "religion",
    "opening_hours", "wheelchair", "highway", "barrier", "landuse", "parking", "access", "species",
)  # fmt: skip


@dataclass(frozen=True)
class Sort:
    """What a tag makes of a thing.

    ``generic``: what people call one that has no name of its own. ``keepout``: never driven on.
    ``width`` (m) is that of a line.
    """

    kind: str
    generic: tuple[str, ...] = ()
    keepout: bool = False
    width: float | None = None


BUILDING = Sort("building")
SORTS: dict[str, dict[str, Sort]] = {
    "natural": {
        "water": Sort("water", ("池塘", "pond"), keepout=True),
        "wood": Sort("wood", ("树林", "wood"), keepout=True),
        "tree_row": Sort("trees", keepout=True, width=1.0),
    },
    "waterway": {
        "river": Sort("water", ("河", "river"), keepout=True, width=10.0),
        "stream": Sort("water", ("小溪", "stream"), keepout=True, width=2.0),
        "ditch": Sort("water", keepout=True, width=1.5),
        "drain": Sort("water", keepout=True, width=1.0),
        "canal": Sort("water", ("运河", "canal"), keepout=True, width=10.0),
        "riverbank": Sort("water", ("河", "river"), keepout=True),
    },
    "landuse": {
        "flowerbed": Sort("flower_bed", ("花坛", "flower bed"), keepout=True),
        "basin": Sort("water", ("水池", "basin"), keepout=True),
        "construction": Sort("construction", ("工地", "construction site"), keepout=True),
        "grass": Sort("area", ("草坪", "lawn")),
    },
    "leisure": {
        "park": Sort("area", ("公园", "park")),
        "garden": Sort("area", ("花园", "garden")),
        "playground": Sort("area", ("儿童游乐场", "playground")),
        "pitch": Sort("area", ("球场", "sports pitch")),
        "track": Sort("area", ("跑道", "running track")),
        "fitness_station": Sort("area", ("健身区", "fitness area")),
        "swimming_pool": Sort("water", ("游泳池", "swimming pool"), keepout=True),
        "sports_centre": BUILDING,
    },
    "amenity": {
        "parking": Sort("area", ("停车场", "car park", "parking lot")),
        "bicycle_parking": Sort("area", ("自行车棚", "bicycle parking", "bike rack")),
        "motorcycle_parking": Sort("area", ("摩托车停车处", "motorcycle parking")),
        "marketplace": Sort("area", ("集市", "marketplace")),
        "fountain": Sort("fountain", ("喷泉", "fountain"), keepout=True),
        "charging_station": Sort("fixture", ("充电桩", "charging station")),
        "waste_disposal": Sort("fixture", ("垃圾站", "waste disposal")),
        "shelter": Sort("shelter", ("亭子", "shelter")),
    },
    "place": {"square": Sort("area", ("广场", "square", "plaza"))},
    "highway": {
        "bus_stop": Sort("fixture", ("公交站", "bus stop")),
        "pedestrian": Sort("road", width=5.0),
        "footway": Sort("road", width=2.0),
        "path": Sort("road", width=1.5),
        "cycleway": Sort("road", width=2.0),
        "service": Sort("road", width=4.0),
        "living_street": Sort("road", width=5.0),
        "residential": Sort("road", width=6.0),
        "unclassified": Sort("road", width=6.0),
        "track": Sort("road", width=3.0),
        "tertiary": Sort("road", width=7.0),
        "secondary": Sort("road", width=10.0),
        "primary": Sort("road", width=14.0),
        "steps": Sort("steps", ("台阶", "steps"), keepout=True, width=2.0),
    },
    "barrier": {
        "wall": Sort("wall", keepout=True, width=0.3),
        "fence": Sort("fence", keepout=True, width=0.2),
        "hedge": Sort("hedge", keepout=True, width=0.8),
        "retaining_wall": Sort("wall", keepout=True, width=0.4),
        "gate": Sort("gate", ("大门", "gate")),
        "lift_gate": Sort("gate", ("道闸", "barrier gate")),
        "swing_gate": Sort("gate", ("大门", "gate")),
        "entrance": Sort("gate", ("入口", "entrance")),
    },
    "indoor": {
        "room": Sort("room"),
        "area": Sort("area"),
        "corridor": Sort("room", ("走廊", "corridor")),
    },
    "man_made": {"flagpole": Sort("fixture", ("旗杆", "flagpole"))},
    "historic": {"memorial": Sort("fixture"), "statue": Sort("fixture", ("雕像", "statue"))},
    "tourism": {"artwork": Sort("fixture", ("雕塑", "sculpture"))},
}  # fmt: skip
PITCHES = {
    "basketball": ("篮球场", "basketball court"),
    "tennis": ("网球场", "tennis court"),
    "badminton": ("羽毛球场", "badminton court"),
    "soccer": ("足球场", "football pitch", "soccer field"),
    "volleyball": ("排球场", "volleyball court"),
    "table_tennis": ("乒乓球台", "table tennis tables"),
}
ENTRANCES = {
    "main": ("正门", "main entrance"),
    "service": ("服务入口", "service entrance"),
    "emergency": ("紧急出口", "emergency exit"),
    "exit": ("出口", "exit"),
}
PLACES = ("amenity", "shop", "office", "tourism", "leisure", "healthcare", "craft")
"""Keys of what a node may be inside or before a building: a shop, a restaurant."""


def sort_of(tags: Mapping[str, str]) -> Sort | None:
    """What the tags make of a thing, None for what a cleaning robot's site does not hold."""
    if tags.get("building", "no") not in ("no", "demolished", "razed"):
        return BUILDING
    for key, sorts in SORTS.items():
        sort = sorts.get(tags.get(key, ""))
        if sort is None:
            continue
        if sort.kind == "road" and tags.get("area") == "yes":
            return Sort("area", ("广场", "square"))
        if key in ("landuse", "leisure") and tags.get("access") == "no":
            return Sort(sort.kind if sort.keepout else "lawn", sort.generic, keepout=True)
        if tags.get("leisure") == "pitch":
            return Sort("area", PITCHES.get(tags.get("sport", ""), sort.generic))
        return sort
    if any(key in tags for key in PLACES) and "name" in tags:
        return Sort("shop" if "shop" in tags else "place")
    return None


def on_floor(tags: Mapping[str, str], floor: str) -> bool:
    """Whether a thing is on that level: a number, as ``level`` has it (``1``, ``0;1``, ``-1-2``).

    A thing that says no level is on all of them, if it does not lie under the ground.
    """
    levels = tags.get("level")
    if levels is None:
        layer = tags.get("layer", "0")
        sunk = layer.startswith("-") or tags.get("location") == "underground"
        return not sunk and tags.get("tunnel", "no") in ("no", "building_passage")
    try:
        wanted = float(floor)
        for part in levels.split(";"):
            said = re.fullmatch(r"(-?[\d.]+)(?:-(-?[\d.]+))?", part.strip())
            if said and float(said[1]) <= wanted <= float(said[2] or said[1]):
                return True
    except ValueError:
        return levels == floor
    return False


def names_of(tags: Mapping[str, str]) -> tuple[str, ...]:
    """The names in all languages, first the local one; the address for a building without."""
    names = [part for key in NAME_KEYS for part in parts(tags.get(key, ""))]
    if not names or "highway" in tags:
        names += parts(tags.get("ref", ""))
    if not names and "addr:housenumber" in tags and "addr:street" in tags:
        street, house = tags["addr:street"], tags["addr:housenumber"]
        names.append(f"{house} {street}" if street.isascii() else f"{street}{house.rstrip('号')}号")
    return tuple(dict.fromkeys(names))


def entrance_names(tags: Mapping[str, str]) -> tuple[str, ...]:
    """The names of an entrance: its own, its unit or number, else what sort it is."""
    own = names_of({key: tags[key] for key in NAME_KEYS if key in tags})
    unit = tags.get("addr:unit") or tags.get("ref")
    if unit:
        own += (f"{unit}单元", f"unit {unit}") if unit.isalnum() and unit.isascii() else (unit,)
    return own or ENTRANCES.get(tags.get("entrance", ""), ())


def facts_of(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags by which people describe a thing."""
    dull = ("yes", "no", "")
    return {key: clean(tags[key]) for key in DESCRIBING if key in tags and tags[key] not in dull}


def width_of(tags: Mapping[str, str], sort: Sort) -> float | None:
    """The width of a line (m): the tag (``3``, ``3 m``, ``3.5m``), else that of its sort."""
    try:
        width = float(tags.get("width", "").casefold().removesuffix("m").strip())
    except ValueError:
        return sort.width
    return width if 0 < width <= 100 else sort.width


def parts(value: str) -> list[str]:
    """The values of a tag that holds several, with semicolons between them."""
    return [text for part in value.split(";") if (text := clean(part))]


def clean(text: str) -> str:
    """The text without control characters and doubled spaces, at most 100 characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:100].strip()
