"""Makes NotoSansSC-subset.otf, the font of pictures: ``python subset.py NotoSansCJK-Regular.ttc``.

The source is in Debian's package fonts-noto-cjk. ``characters.txt`` holds the characters that are
kept: Latin-1 and Latin Extended-A, punctuation, GB 2312, the Table of General Standard Chinese
Characters of 2013 (通用规范汉字表) and, for traditional writing, level 1 of Big5. Needs fontTools,
which matplotlib brings.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]

FOLDER = Path(__file__).parent
FAMILY = "NlPlanner Sans"  # a name of its own, so that no font of the system is taken for it
SC = 2  # the simplified Chinese font of the collection


def make(source: Path, target: Path) -> None:
    """Write the subset of the collection ``source`` as ``target``."""
    options = subset.Options(
        font_number=SC,
        layout_features=[],
        hinting=False,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        drop_tables=["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"],
        recalc_timestamp=False,
    )
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=(FOLDER / "characters.txt").read_text("utf-8"))
    subsetter.subset(font)
    for name_id, text in {1: FAMILY, 3: f"{FAMILY} subset", 4: FAMILY, 6: "NlPlannerSans"}.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = ["NlPlannerSans"]
    top[0].FamilyName = top[0].FullName = FAMILY
    subset.save_font(font, str(target), options)


if __name__ == "__main__":
    make(Path(sys.argv[1]), FOLDER / "NotoSansSC-subset.otf")
