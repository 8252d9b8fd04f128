from collections import Counter

import pytest

from nl_planner.errors import BadInputError, UnknownNameError
from nl_planner.site import LitterClass, Taxonomy
from nl_planner.site.model import has_chinese

# The labels of TACO's annotations, as a detector trained on them gives them.
TACO = """
Aluminium foil; Battery; Aluminium blister pack; Carded blister pack; Other plastic bottle;
Clear plastic bottle; Glass bottle; Plastic bottle cap; Metal bottle cap; Broken glass; Food Can;
Aerosol; Drink can; Toilet tube; Other carton; Egg carton; Drink carton; Corrugated carton;
Meal carton; Pizza box; Paper cup; Disposable plastic cup; Foam cup; Glass cup; Other plastic cup;
Food waste; Glass jar; Plastic lid; Metal lid; Other plastic; Magazine paper; Tissues;
Wrapping paper; Normal paper; Paper bag; Plastified paper bag; Plastic film; Six pack rings;
Garbage bag; Other plastic wrapper; Single-use carrier bag; Polypropylene bag; Crisp packet;
Spread tub; Tupperware; Disposable food container; Foam food container; Other plastic container;
Plastic glooves; Plastic utensils; Pop tab; Rope & strings; Scrap metal; Shoe; Squeezable tube;
Plastic straw; Paper straw; Styrofoam piece; Unlabeled litter; Cigarette
"""
BUILTIN = Taxonomy.builtin()


def test_every_class_has_a_chinese_and_an_english_name():
    for litter in BUILTIN.classes.values():
        assert has_chinese(BUILTIN.name(litter.id, "zh")), litter
        assert not has_chinese(BUILTIN.name(litter.id, "en")), litter


def test_a_name_belongs_to_one_class():
    names = Counter(name.casefold() for one in BUILTIN.classes.values() for name in one.names)
    assert [name for name, count in names.items() if count > 1] == []


def test_ids_are_ids_and_parents_exist():
    assert all(one.replace("_", "").isalnum() and one.islower() for one in BUILTIN.classes)
    assert BUILTIN.faults() == {}


def test_every_label_of_taco_is_a_name_of_some_litter():
    labels = [label.strip().lower() for label in TACO.replace("\n", " ").split(";")]
    names = {name.lower(): one.id for one in BUILTIN.classes.values() for name in one.names}
    assert len(labels) == 60
    assert [label for label in labels if label not in names] == []
    assert all(BUILTIN.is_a(names[label], "litter") for label in labels)


def test_a_class_stands_for_its_descendants():
    assert BUILTIN.descendants("plastic_bottle") == {
        "plastic_bottle", "cola_bottle", "water_bottle", "mineral_water_bottle", "juice_bottle",
    }  # fmt: skip
    assert BUILTIN.descendants("cola_bottle") == {"cola_bottle"}
    assert BUILTIN.is_a("beer_bottle", "bottle")
    assert BUILTIN.is_a("bottle", "bottle")
    assert not BUILTIN.is_a("bottle", "beer_bottle")
    assert not BUILTIN.is_a("leaf", "litter")


def test_an_unknown_class_is_told_with_what_comes_near():
    with pytest.raises(UnknownNameError, match="did you mean cola_bottle"):
        BUILTIN.descendants("cola_botle")
    with pytest.raises(UnknownNameError):
        BUILTIN.is_a("bottle", "nothing")
    with pytest.raises(UnknownNameError):
        BUILTIN.name("nothing")


def test_a_site_adds_and_replaces_classes():
    own = Taxonomy.builtin().with_classes(
        [
            LitterClass("cola_bottle", ("肥宅快乐水瓶",), "bottle"),
            LitterClass("gadget", ("小玩意", "Paper Scrap"), "litter"),
        ]
    )
    assert own.name("cola_bottle", "zh") == "肥宅快乐水瓶"
    assert not own.is_a("cola_bottle", "plastic_bottle")
    assert "gadget" in own.descendants("litter")
    assert "paper scrap" not in own.classes["paper_scrap"].names  # the site's class has it now
    assert "cola bottle" in BUILTIN.classes["cola_bottle"].names


def test_wrong_parents_are_refused():
    with pytest.raises(BadInputError, match=r"class a: is: 'botle' is not a class; did you mean"):
        BUILTIN.with_classes([LitterClass("a", ("a",), "botle")])
    with pytest.raises(BadInputError, match="a is b is a"):
        BUILTIN.with_classes([LitterClass("a", ("a",), "b"), LitterClass("b", ("b",), "a")])
    with pytest.raises(BadInputError, match="a is a"):
        BUILTIN.with_classes([LitterClass("a", ("a",), "a")])
