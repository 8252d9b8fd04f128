import pytest
from shapely.geometry import Polygon

from nl_planner.language.name_index import NameIndex
from nl_planner.language.names import SiteNames
from nl_planner.site.model import Landmark, Robot, Site
from nl_planner.site.taxonomy import Taxonomy
from nl_planner.task import Action, Place, Relation, Task


@pytest.fixture(scope="module")
def names(riverside):
    return SiteNames(riverside)


def ids(candidates):
    return [c.ids for c in candidates if not c.each]


@pytest.mark.parametrize(
    ("say", "landmark"),
    [
        ("一号楼门前扫一下", "building_1"),
        ("1号楼门前扫一下", "building_1"),
        ("1栋后面", "building_1"),
        ("sweep behind building one please", "building_1"),
        ("sweep behind BLOCK 1", "building_1"),
        ("2号喽门口", "building_2"),  # a homophone
        ("the lotis pond", "lotus_pond"),  # a typo
        ("樟数路扫两遍", "camphor_road"),
    ],
)
def test_a_name_is_found_as_people_write_it(names, say, landmark):
    assert (landmark,) in ids(names.find(say).places)


@pytest.mark.parametrize(
    ("say", "class_id"),
    [
        ("有个可乐瓶", "cola_bottle"),
        ("有个可乐平", "cola_bottle"),
        ("some cola bottles", "cola_bottle"),
        ("矿泉水瓶捡一下", "mineral_water_bottle"),
        ("水瓶捡一下", "water_bottle"),
        ("把瓶子收了", "bottle"),
    ],
)
def test_the_most_special_class_is_found_first(names, say, class_id):
    assert names.find(say).things[0].ids == (class_id,)


def test_the_longest_name_covers_the_shorter_ones_inside_it(names):
    things = [c.ids[0] for c in names.find("地上的矿泉水瓶").things]
    assert "mineral_water_bottle" in things
    assert "water_bottle" not in things
    assert "bottle" not in things


def test_a_name_that_several_share_is_a_family_of_which_each_may_be_meant(names):
    places = names.find("车库扫一下").places
    family = next(c for c in places if c.label == "车库")
    assert set(family.ids) == {"garage_1", "garage_2"}
    every = next(c for c in places if c.each)
    assert every.ids == family.ids
    assert {("garage_1",), ("garage_2",)} <= set(ids(places))


def test_a_number_is_never_taken_for_another(names):
    found = names.find("扫一下九号楼门口").places
    assert not [c for c in found if len(c.ids) == 1]


def test_one_word_alike_is_not_the_name(names):
    labels = [c.label for c in names.find("sweep the camping pond").places]
    assert "camphor" not in " ".join(labels)
    assert "lotus pond" not in labels


def test_a_part_of_a_number_is_not_the_number(names):
    assert ("building_1",) not in ids(names.find("sweep outside building 12").places)


def test_before_a_door_is_no_gate(names):
    assert not [c for c in names.find("一号楼门口").places if c.label == "门"]


def test_an_entrance_is_found_with_its_building(names):
    assert ("building_6.unit_2",) in ids(names.find("六号楼二单元门口有积水").places)


def test_a_keepout_can_be_named(names, riverside):
    assert ("flower_bed",) in ids(names.find("别碰花坛").places)
    assert "flower_bed" in riverside.keepouts


def test_the_name_of_the_site_means_all_of_it(names):
    assert ("site",) in ids(names.find("sweep all of Riverside Garden").places)


def test_nothing_is_found_where_nothing_is_named(names):
    found = names.find("嗯好的")
    assert found.places == ()
    assert found.things == ()


def test_labels_cannot_break_the_line(names):
    index = NameIndex({"a": ["odd [name] | with\nmarks"]})
    label = index.find("odd name with marks", 5)[0].label
    assert not set("[]|\n<>") & set(label)


def test_ten_thousand_names_do_not_hide_the_right_one():
    index = NameIndex({f"room_{n}": [f"{n}室", f"Room {n}"] for n in range(10_000)})
    assert index.find("去4711室拖一下地", 8)[0].ids == ("room_4711",)
    assert index.find("mop room 4711", 8)[0].ids == ("room_4711",)


@pytest.fixture(scope="module")
def shops():
    """Shops that people describe by what they are."""
    tagged = {
        "hall": (("康宁堂", "Kangning"), {"amenity": "pharmacy"}),
        "wok": (("金筷子", "Golden Wok"), {"cuisine": "chinese", "addr:street": "Mill Lane"}),
        "panda": (("熊猫小馆", "Panda"), {"cuisine": "chinese", "addr:street": "Canal Street"}),
        "gents": (("男厕", "men's room"), {}),
        "ladies": (("女厕", "ladies' room"), {}),
        "ward_704": (("704病房", "Ward 704"), {}),
        "ward_706": (("706病房", "Ward 706"), {}),
        "forge": (("老铁铺", "Ironworks"), {"craft": "blacksmith"}),
    }
    square = Polygon([(0, 0), (1, 0), (1, 1)])
    landmarks = {
        i: Landmark(i, names, "room", square, enter=True, tags=tags)
        for i, (names, tags) in tagged.items()
    }
    robot = Robot(0.3, 0.5, (Action.SWEEP,))
    return SiteNames(Site(("Mall",), robot, landmarks, {}, (), Taxonomy.builtin(), square))


@pytest.mark.parametrize(
    ("say", "landmark"),
    [
        ("卖药的那家门口扫一下", "hall"),
        ("sweep outside the chemist", "hall"),
        ("the Chinese place on Canal Street", "panda"),
        ("clean by the blacksmith", "forge"),
        ("七零六房间", "ward_706"),
    ],
)
def test_a_place_is_found_by_what_it_is(shops, say, landmark):
    assert (landmark,) in ids(shops.find(say).places)


def test_what_several_are_is_a_family(shops):
    for say in ("每个洗手间", "every washroom"):
        every = next(c for c in shops.find(say).places if c.each)
        assert set(every.ids) == {"gents", "ladies"}


@pytest.mark.parametrize(
    ("say", "single"),
    [
        ("pick up that bottle", True),
        ("把那个瓶子捡了", True),
        ("pick up the bottles", False),
        ("把瓶子捡了", False),
        ("把那些瓶子捡了", False),
        ("sweep up the sand", False),
    ],
)
def test_whether_one_thing_is_meant(shops, say, single):
    mentions = shops.find(say)
    assert bool(mentions.single) is single
    assert mentions.things


def test_the_other_one_than_before_is_offered(names):
    place = Place(relation=Relation.IN_FRONT_OF, landmarks=("garage_1",))
    before = Task(action=Action.SWEEP, place=place)
    for say in ("and number two as well", "the other one too", "二号的也扫"):
        assert ("garage_2",) in ids(names.find(say, before).places)


def test_a_sort_is_where_a_name_ends():
    square = Polygon([(0, 0), (1, 0), (1, 1)])
    called = {"l1": "一号电梯", "l2": "二号电梯", "hall": "电梯厅", "w1": "Ward 1", "w2": "Ward 2"}
    called["c"] = "ward corridor"
    landmarks = {i: Landmark(i, (name,), "room", square) for i, name in called.items()}
    site = Site(
        ("X",), Robot(0.3, 0.5, (Action.SWEEP,)), landmarks, {}, (), Taxonomy.builtin(), square
    )
    every = {c.label: set(c.ids) for c in SiteNames(site).find("两部电梯 wards").places if c.each}
    assert every["every 电梯"] == {"l1", "l2"}
    assert every["every ward"] == {"w1", "w2"}
