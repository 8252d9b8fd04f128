import pytest

from nl_planner.language.names import NameIndex, SiteNames


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
