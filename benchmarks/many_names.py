"""The same sentences on the same site with thousands of other landmarks beside its own.

    python benchmarks/many_names.py [--landmarks 10000] [--sets campus mall]

The others are rooms, buildings of estates and shops with names of their own. Prints accuracy with
and without them, the time to find names, and the time to understand (warm).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice, product
from pathlib import Path

from shapely.geometry import box
from tqdm import tqdm

from nl_planner import Planner
from nl_planner.language.evaluate import evaluate, read_cases
from nl_planner.language.names import SiteNames
from nl_planner.models import open_model
from nl_planner.site import read_site
from nl_planner.site.model import Landmark, Site

HERE = Path(__file__).parent / "understanding_cases"
ESTATES = "桂苑 Laurel 枫苑 Maple 竹苑 Bamboo 荷苑 Lotus 梅苑 Plum 菊苑 Aster 兰苑 Orchid 松苑 Pine"
BRANDS = "青石 Bluestone 白鹿 Whitedeer 远山 Farhill 拾光 Daylight 北岸 Northbank 小满 Grainful"
TRADES = "花艺 Florals 茶社 Teahouse 画廊 Prints 琴社 Strings 陶坊 Pottery 裁缝 Tailor 影像 Photos"


def others() -> Iterator[tuple[tuple[str, str], str]]:
    """((Chinese name, English name), kind), without end."""
    estates, brands, trades = (
        list(zip(*[iter(text.split())] * 2, strict=True)) for text in (ESTATES, BRANDS, TRADES)
    )
    for number in count(1):
        for (zh, en), letter in product(estates, "ABCD"):
            yield (f"{zh}{letter}{number:03}室", f"{en} Room {letter}{number:03}"), "room"
        for zh, en in estates:
            yield (f"{zh}{number}号楼", f"{en} Building {number}"), "building"
        for (zh, en), (trade_zh, trade_en) in product(brands, trades):
            yield (f"{zh}{trade_zh}{number}店", f"{en} {trade_en} {number}"), "room"


def crowded(site: Site, landmarks: int) -> Site:
    """The site with so many others in a corner of it."""
    square = box(0, 0, 1, 1)
    more = {
        f"other_{i}": Landmark(f"other_{i}", names, kind, square, enter=kind == "room")
        for i, (names, kind) in enumerate(islice(others(), landmarks))
    }
    return replace(site, landmarks={**site.landmarks, **more})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--landmarks", type=int, default=10_000)
    parser.add_argument("--sets", nargs="+", default=["campus"])
    arguments = parser.parse_args()
    model = open_model()
    for chosen in arguments.sets:
        cases = read_cases(HERE / f"{chosen}.jsonl")
        plain = read_site(HERE / f"{chosen}.site.yaml")
        for site in (plain, crowded(plain, arguments.landmarks)):
            began = time.perf_counter()
            names = SiteNames(site)
            indexed = time.perf_counter() - began
            times = []
            for case in cases:
                began = time.perf_counter()
                names.find(case.say)
                times.append(time.perf_counter() - began)
            planner = Planner(site, model)
            planner.understand(cases[0].say)
            results = list(tqdm(evaluate(cases, planner), total=len(cases)))
            right = sum(r.right for r in results) / len(results)
            seconds = statistics.median(r.seconds for r in results)
            print(
                f"{chosen}, {len(site.landmarks)} landmarks: {right:.1%} exact, understood in "
                f"{seconds:.2f} s (median); names found in "
                f"{1000 * statistics.median(times):.1f} ms, indexed in {indexed:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
