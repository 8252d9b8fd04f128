"""Repair by sound on the riverside site: names that recognisers do not know."""

import pytest

from nl_planner.speech.interface import Hypothesis
from nl_planner.speech.repair import Repair


@pytest.fixture(scope="module")
def repair(riverside):
    return Repair(riverside)


def repaired(repair, *texts, language="zh"):
    return repair.best([Hypothesis(text) for text in texts], language)


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("1号楼门前有个客乐评", "一号楼门前有个可乐瓶"),
        ("把桂花露旁边扫干净", "把桂花路旁边扫干净"),
        ("把广场嫂一嫂", "把广场扫一扫"),
        ("广场托两遍", "广场拖两遍"),
    ],
)
def test_what_sounds_like_it_becomes_it(repair, heard, meant):
    assert repaired(repair, heard).text == meant


def test_more_is_changed_into_what_another_hypothesis_has(repair):
    heard = [f"把桂花路旁边{char}干净" for char in "少扫"]
    assert repaired(repair, heard[0]).text == heard[0]
    assert repaired(repair, *heard).text == heard[1]


@pytest.mark.parametrize(
    ("heard", "with_hint"),
    [
        ("去桂花树后面那一大块空地扫地", "去桂花路后面那一大块空地扫地"),
        (
            "把停车场西边那一大片落叶仔细扫一扫，花盆不要去碰",
            "把停车场西边那一大片落叶仔细，花盆不要去碰",
        ),
    ],
)
def test_what_sounds_otherwise_somewhere_than_all_that_was_heard_comes_from_a_hint(
    repair, heard, with_hint
):
    plain = Hypothesis(heard, log_probability=-6)
    put_in = Hypothesis(with_hint, log_probability=-1, hinted=True)
    assert repair.best([plain, put_in], "zh").hypothesis is plain


@pytest.mark.parametrize(
    "text", ["一号楼门前有个可乐瓶", "把广场扫一扫", "停", "把桂花路旁边扫干净", "回去充电"]
)
def test_what_makes_sense_stays(repair, text):
    found = repaired(repair, text)
    assert (found.text, found.changed) == (text, 0)


@pytest.mark.parametrize("number", "三四五六七八九")
def test_a_number_is_never_made_another(repair, number):
    assert number in repaired(repair, f"把{number}号楼门前扫一下").text


def test_a_letter_is_not_put_in(riverside):
    site_names = [n for mark in riverside.landmarks.values() for n in mark.names]
    found = repaired(Repair(riverside), "sweep zone", language="en").text
    assert found == "sweep zone" or found.removeprefix("sweep ") in site_names


def test_a_name_is_found_in_english_by_its_sound(repair):
    found = repaired(repair, "sweep the fitniss korner", language="en")
    assert found.text == "sweep the fitness corner"


def test_what_only_a_hint_has_put_in_is_not_believed(repair):
    plain = Hypothesis("今天天气不错", log_probability=-6)
    put_in = Hypothesis("一号楼，桂花路，可乐瓶", log_probability=-1, hinted=True)
    assert repair.best([plain, put_in], "zh").hypothesis is plain


def test_names_that_sound_near_are_suggested(repair):
    assert "桂花路" in repair.near([Hypothesis("把贵化楼边上扫一扫")], "zh")


def test_talk_about_other_things_stays_what_it_is(repair):
    text = "我儿子下个月就要考试了"
    assert repaired(repair, text).text == text


def test_no_words(repair):
    assert repaired(repair, "。。。") is None
    assert repair.best([], "zh") is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_words_suggest_no_names(repair, language):
    assert repair.near([Hypothesis("...")], language) == ()
