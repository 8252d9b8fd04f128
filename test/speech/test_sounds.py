import pytest
from hypothesis import given
from hypothesis import strategies as st

from nl_planner.speech.sounds import (
    readings,
    sequences_apart,
    syllable,
    syllables_apart,
    words_apart,
)
from nl_planner.speech.units import chinese_number, units_of

SYLLABLES = "ba pang mei fu dong tou nv lu zao cong sui zhi chu shang re ji qu xiong ge kuai huang"
SYLLABLES = [*SYLLABLES.split(), "a", "er", "yi", "wu", "yuan", "you", "wei", "yong", "ao"]


@pytest.mark.parametrize(
    ("pinyin", "parts"),
    [
        ("zhuang", ("zh", "u", "a", "ng")),
        ("you", ("", "i", "o", "u")),
        ("liu", ("l", "i", "o", "u")),
        ("yong", ("", "i", "o", "ng")),
        ("jun", ("j", "", "v", "n")),
        ("yuan", ("", "v", "a", "n")),
        ("ju", ("j", "", "v", "")),
        ("wu", ("", "", "u", "")),
    ],
)
def test_a_syllable_is_taken_apart(pinyin, parts):
    assert syllable(pinyin) == parts


@given(st.sampled_from(SYLLABLES), st.sampled_from(SYLLABLES))
def test_distance_is_symmetric_and_nothing_only_for_the_same(one, other):
    assert syllables_apart(one, other) == pytest.approx(syllables_apart(other, one))
    assert (syllables_apart(one, other) == 0) == (one == other)


@pytest.mark.parametrize(
    ("near", "far"),
    [
        (("sao", "shao"), ("sao", "tong")),
        (("jian", "jiang"), ("jian", "pai")),
        (("you", "yong"), ("you", "ba")),
        (("nan", "lan"), ("nan", "dong")),
    ],
)
def test_what_is_easily_confused_is_near(near, far):
    assert syllables_apart(*near) < 0.35 < 0.7 < syllables_apart(*far)


def test_to_lose_its_nasal_is_as_much_for_one_vowel_as_for_another():
    assert syllables_apart("xun", "xu") == syllables_apart("xin", "xi")


@given(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=6))
def test_a_sequence_is_nowhere_from_itself_and_farther_with_one_more(sounds):
    assert sequences_apart(sounds, sounds) == 0
    assert sequences_apart(sounds, [*sounds, "ba"]) > 0


def test_english_by_sound_and_letters():
    assert words_apart("gauze boat", "gazebo") < words_apart("market", "gazebo")
    assert words_apart("cross walk", "crosswalk") == 0


def test_letters_are_read_by_their_names():
    assert readings("p") == ("pi",)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "零"),
        (3, "三"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (105, "一百零五"),
        (210, "二百一十"),
    ],
)
def test_numbers_in_characters(number, written):
    assert chinese_number(number) == written


def test_units_of_a_mixed_text():
    assert units_of("把P1停车场扫2遍。", "zh") == list("把p一停车场扫二遍")
    assert units_of("Sweep Block 5, don't mop!", "en") == ["sweep", "block", "5", "don't", "mop"]
