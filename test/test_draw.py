import math
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from shapely import box
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from nl_planner.coverage.path import CoveragePath, Piece, PieceKind
from nl_planner.draw import draw_site
from nl_planner.draw.labels import Label, Panel, Placer
from nl_planner.draw.layout import WIDTH, Work, arranged
from nl_planner.draw.naming import labelled
from nl_planner.draw.text import FAMILY, MISSING, ems, font, measure, printable, wrapped
from nl_planner.draw.words import clock, metres, names_shown
from nl_planner.errors import BadInputError
from nl_planner.grounding.region import Region
from nl_planner.site.check import Finding, Severity
from nl_planner.site.model import Entrance, Keepout, Landmark, Robot, SeenObject, Site
from nl_planner.site.taxonomy import Taxonomy
from nl_planner.task import Action


def estate(count: int = 12) -> Site:
    """Buildings in rows on 100 m x 80 m, with a road, an area, a fence, a tree and a pond."""
    places = {}
    for index in range(count):
        x, y = 6 + 24 * (index % 4), 6 + 25 * (index // 4)
        door = Entrance("main", (x + 8, y), ("正门", "main door"), -math.pi / 2)
        places[f"b{index}"] = Landmark(
            f"b{index}",
            (f"{index + 1}号楼", f"Building {index + 1}"),
            "building",
            box(x, y, x + 16, y + 12),
            entrances={"main": door},
        )
    road = LineString([(0, 22), (100, 22)])
    places["road"] = Landmark("road", ("樟树路", "Camphor Road"), "road", road, enter=True, width=5)
    lawn = box(80, 60, 96, 76)
    places["lawn"] = Landmark("lawn", ("草坪", "lawn"), "area", lawn, enter=True)
    places["wall"] = Landmark("wall", ("围墙", "wall"), "wall", LineString([(0, 79), (70, 79)]))
    places["tree"] = Landmark("tree", ("老樟树", "old camphor"), "tree", Point(50, 48))
    return Site(
        ("滨江花园", "Riverside Garden"),
        Robot(0.35, 0.6, (Action.SWEEP,)),
        places,
        {"pond": Keepout("pond", ("荷花池", "lotus pond"), Point(90, 48).buffer(4))},
        (SeenObject("bottle", "cola_bottle", (14.5, 4.2)), SeenObject("leaf", "leaf", (60, 22))),
        Taxonomy.builtin(),
        boundary=box(0, 0, 100, 80),
    )


def rows(area: Polygon, step: float = 0.55) -> CoveragePath:
    """A plain back and forth over the bounds of an area, driven to from (50, 22)."""
    xmin, ymin, xmax, ymax = area.bounds
    points = [(50.0, 22.0), (xmin, ymin)]
    pieces = [Piece(PieceKind.TRANSIT, 0, 1, False)]
    for index, y in enumerate(np.arange(ymin, ymax, step)):
        if index:
            points.append((points[-1][0], y))
            pieces.append(Piece(PieceKind.TURN, len(points) - 2, len(points) - 1, True))
        points.append((xmin if index % 2 else xmax, y))
        pieces.append(Piece(PieceKind.SWATH, len(points) - 2, len(points) - 1, True))
    line = LineString(points)
    poses = np.column_stack([np.array(points), np.zeros(len(points))])
    return CoveragePath(poses, tuple(pieces), line.length, len(pieces), line.length / 0.5, 0.98)


def spot(x: float = 14, y: float = 3) -> Region:
    shape = Point(x, y).buffer(2.5)
    return Region(MultiPolygon([shape]), "一号楼正门前", ())


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def share(image: np.ndarray, colour: str) -> float:
    want = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return float((np.abs(image.astype(int) - want).max(axis=2) <= 6).mean())


def test_a_site_alone_is_a_png_of_the_full_width(tmp_path: Path) -> None:
    out = tmp_path / "site.png"
    draw_site(estate(), out)
    image = pixels(out)
    assert image.shape[1] == WIDTH
    assert 700 < image.shape[0] < 1700
    assert share(image, "#d8c3a5") > 0.05  # buildings
    assert share(image, "#1b8a3c") == 0  # no start without a path


def test_a_small_region_is_enlarged_and_framed(tmp_path: Path) -> None:
    site, region = estate(), spot()
    path = rows(region.geometry.geoms[0])
    work = Work(site, (region,), (path,), (50, 22, 1.0), (20, 3), "")
    overview, zoom = arranged(work, top=0)
    assert overview.letter == ""
    assert zoom.letter == "A"
    assert overview.panel.box.contains(site.boundary)
    assert zoom.panel.box.contains(region.geometry)
    assert zoom.panel.scale > 5 * overview.panel.scale
    assert overview.left + overview.panel.width < zoom.left
    assert zoom.left + zoom.panel.width <= WIDTH
    out = tmp_path / "spot.png"
    draw_site(site, out, regions=[region], paths=[path], robot=(50, 22, 1.0), operator=(20, 3))
    image = pixels(out)
    assert share(image, "#1b8a3c") > 0.0005  # START
    assert share(image, "#c2185b") > 0.0005  # END
    assert share(image, "#6a1b9a") > 0.00005  # the person


def test_a_large_region_has_the_picture_for_itself() -> None:
    site = estate()
    region = Region(MultiPolygon([box(0, 0, 100, 80)]))
    assert len(arranged(Work(site, (region,), (None,), None, None, ""), top=0)) == 1


def test_legs_apart_have_a_map_each_and_legs_side_by_side_share_one() -> None:
    regions = (spot(14, 3), spot(86, 3), spot(18, 3))
    work = Work(estate(), regions, (None,) * 3, None, None, "")
    _, *zooms = arranged(work, top=0)
    assert [zoom.legs for zoom in zooms] == [(0, 2), (1,)]
    assert [zoom.letter for zoom in zooms] == ["1+3", "2"]


def test_what_is_to_be_mended_is_numbered_on_the_map_and_told_under_it(tmp_path: Path) -> None:
    site, out = estate(), tmp_path / "site.png"
    keys = ("landmarks.b1", "landmarks.b1.entrances.main", "keepouts.pond", "objects.leaf", "site")
    findings = [Finding(Severity.WARNING, key, "mend it") for key in keys]

    def drawn(told: list[Finding]) -> np.ndarray:
        draw_site(site, out, findings=told)
        with Image.open(out) as image:
            return np.asarray(image.convert("RGB"))

    plain, some = drawn([]), drawn(findings)
    assert len(some) == len(plain) + 26 * len(findings)
    marks, _ = ndimage.label((some == (178, 106, 0)).all(axis=2), np.ones((3, 3)))
    assert (np.bincount(marks.ravel())[1:] > 100).sum() == 4  # the whole site has no mark
    assert len(drawn(findings * 9)) == len(plain) + 26 * 20


def test_drawing_twice_gives_the_same_pixels(tmp_path: Path) -> None:
    region = spot()
    for name in ("a.png", "b.png"):
        path = rows(region.geometry.geoms[0])
        draw_site(estate(), tmp_path / name, regions=[region], paths=[path], title="扫一扫")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_languages_differ(tmp_path: Path) -> None:
    for language in ("", "zh", "en"):
        draw_site(estate(4), tmp_path / f"{language or 'both'}.png", language=language)
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 3
    names = ("Building 1", "1号楼", "Block 1")
    assert names_shown(names, "b") == ("1号楼", "Building 1")
    assert names_shown(names, "b", "en") == ("Building 1",)
    assert names_shown((), "gate_2") == ("gate_2",)


@pytest.mark.parametrize(
    "name",
    [
        "$x^2$ 号楼 $",
        "🐶 楼 😀",
        "楼" * 200,
        "a b " * 50,
        "a\x00\x1b[31m\u202e\u200bb\n\tc",
        "\\frac{",
        "",
    ],
)
def test_no_name_breaks_a_picture(tmp_path: Path, name: str) -> None:
    site = estate(4)
    odd = replace(site.landmarks["b0"], names=(name,), kind=name or "x")
    thing = SeenObject("odd", name, (50, 10))
    site = replace(site, name=(name,), landmarks={**site.landmarks, "b0": odd}, objects=(thing,))
    region = replace(spot(), frame=name)
    draw_site(site, tmp_path / "odd.png", regions=[region], title=name, language="en")
    assert pixels(tmp_path / "odd.png").shape[1] == WIDTH


def test_text_is_data() -> None:
    assert printable("a\x00\x1b[31m\u202e\u200b b\n\tc") == "a[31m b c"
    assert printable("$x_1$") == "$x_1$"
    assert printable("\U0010fffd楼") == "楼"
    assert printable("\U0001f9ff") in (MISSING, "\U0001f9ff")  # a nazar: few systems have it


def test_the_shipped_font_has_chinese_and_english() -> None:
    from matplotlib.font_manager import fontManager

    text = "滨江花园喆堃樓臺 Riverside é №5 ①→²"
    assert printable(text) == text
    assert font(text, 8).get_family() == [FAMILY]
    assert Path(fontManager.findfont(font(text, 8))).name == "NotoSansSC-subset.otf"


def test_every_hanzi_of_gb2312_is_in_the_font() -> None:
    rows_and_cells = [(row, cell) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    codes = [bytes(pair) for pair in rows_and_cells if not (pair[0] == 0xD7 and pair[1] > 0xF9)]
    hanzi = [code.decode("gb2312") for code in codes]
    assert len(hanzi) == 6763
    assert all(font(sign, 8).get_family() == [FAMILY] for sign in hanzi)


@pytest.mark.parametrize("word", ["把", "sweep the plaza ", "x", "扫 plaza, "])
def test_long_lines_are_wrapped_and_cut(word: str) -> None:
    text = word * 300
    lines = wrapped(text, 50, 3)
    assert len(lines) == 3
    assert all(ems(line) <= 50 for line in lines)
    assert lines[-1].endswith("…")
    assert text.replace(" ", "").startswith("".join(lines).replace(" ", "").removesuffix("…"))
    assert wrapped(text[:40], 50, 3) == [text[:40].rstrip()]


def test_labels_do_not_overlap_and_stay_on_the_map() -> None:
    site = estate()
    work = Work(site, (), (), None, None, "")
    maps = arranged(work, top=0)
    key = labelled(work, maps)
    (here,) = maps
    boxes = []
    for placed in here.placed:
        wide, high = measure(placed.text, placed.size)
        wide, high = (high, wide) if placed.upright else (wide, high)
        half = wide / 2 / here.panel.scale, high / 2 / here.panel.scale
        boxes.append(
            box(placed.x - half[0], placed.y - half[1], placed.x + half[0], placed.y + half[1])
        )
    assert all(here.panel.box.contains(each) for each in boxes)
    assert not any(a.intersection(b).area > 0 for a in boxes for b in boxes if a is not b)
    written = " ".join(placed.text for placed in here.placed) + " ".join(key)
    for landmark in (*site.landmarks.values(), *site.keepouts.values()):
        assert landmark.names[0] in written


def test_where_there_is_no_room_a_number_stands_for_the_name() -> None:
    crowd = [
        Landmark(f"p{i}", (f"配电箱{i}", f"cabinet {i}"), "fixture", Point(50 + i / 50, 40))
        for i in range(40)
    ]
    site = replace(estate(), landmarks={each.id: each for each in crowd})
    work = Work(site, (), (), None, None, "")
    maps = arranged(work, top=0)
    key = labelled(work, maps)
    assert key
    assert key[0].startswith("1  配电箱")
    assert "1" in {placed.text for placed in maps[0].placed}


def test_a_label_stays_off_the_work_where_it_can() -> None:
    panel = Panel.of((0, 0, 20, 20), 800, 800)
    work = box(8, 8, 12, 12)
    placed = Placer(panel, avoid=work).place(Label(("机器人",), Point(10, 7.5)))
    assert placed is not None
    wide, high = (size / 2 / panel.scale for size in measure(placed.text, placed.size))
    text = box(placed.x - wide, placed.y - high, placed.x + wide, placed.y + high)
    assert not text.intersects(work)


def test_an_indoor_map_and_a_hole_that_is_left_out(tmp_path: Path) -> None:
    room = Landmark("hall", ("大厅", "Hall"), "room", box(0, 0, 8, 6), enter=True)
    site = replace(
        estate(),
        landmarks={"hall": room},
        keepouts={},
        objects=(),
        boundary=None,
        mapped=MultiPolygon([box(0, 0, 8, 6), box(9, 0, 12, 6)]),
    )
    shape = box(0.5, 0.5, 7.5, 5.5).difference(box(3, 2, 5, 4))
    out = tmp_path / "hall.png"
    draw_site(site, out, regions=[Region(MultiPolygon([shape]))], paths=[rows(shape)])
    image = pixels(out)
    assert share(image, "#d3d7db") > 0.05  # behind the walls
    assert share(image, "#dfe7f3") > 0.01  # the room


def test_a_leg_without_work_is_drawn(tmp_path: Path) -> None:
    poses = np.array([[5.0, 3.0, 0.0], [60.0, 3.0, 0.0]])
    drive = CoveragePath(poses, (Piece(PieceKind.TRANSIT, 0, 1, False),), 55, 0, 110, 1.0)
    for region in (Region(MultiPolygon()), spot(60, 3)):
        draw_site(estate(4), tmp_path / "go.png", regions=[region], paths=[drive])
        assert share(pixels(tmp_path / "go.png"), "#1b8a3c") > 0


def test_what_cannot_be_written_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="does not exist; make it"):
        draw_site(estate(1), tmp_path / "none" / "a.png")
    with pytest.raises(BadInputError, match=r"ending in \.png"):
        draw_site(estate(1), tmp_path / "a.pdf")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(BadInputError, match="cannot write"):
        draw_site(estate(1), tmp_path / "folder.png")
    with pytest.raises(BadInputError, match="1 paths for 2 regions"):
        draw_site(estate(1), tmp_path / "a.png", regions=[spot(), spot()], paths=[None])


def test_nothing_global_is_changed_and_nothing_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_site(estate(2), tmp_path / "a.png", title="🐶 \U0001f9ff")
    assert caplog.text == ""
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("seconds", "language", "text"),
    [(40.2, "", "40 s"), (310, "zh", "5 分 10 秒"), (7500, "en", "2 h 5 min")],
)
def test_durations_read_well(seconds: float, language: str, text: str) -> None:
    assert clock(seconds, language) == text


def test_lengths_read_well() -> None:
    assert [metres(value) for value in (0.5, 12.3, 15700)] == ["0.5 m", "12 m", "15.7 km"]
