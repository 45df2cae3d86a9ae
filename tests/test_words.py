from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.words import PREFIX, WordScores, read_words


def texts(text: str) -> list[str]:
    words = read_words(text)
    return words.texts(text, np.arange(len(words.start)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" -- !", []),
        ("Following us", ["follow", "us"]),
        ("ΑΘΗΝΑ, Łódź 2024", ["αθηνα", "łódź", "2024"]),
        ("東京都の話", ["東京", "京都", "都の", "の話", "話"]),
        ("the 駅 is", ["the", "駅", "is"]),
        ("can't", ["can", "t"]),
        ("𝔘nicode 𠀀𠀁", ["nicode", "𠀀𠀁", "𠀁"]),
    ],
)
def test_what_words_are_read(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_endings_and_case_do_not_tell_words_apart() -> None:
    one, other, third = (read_words(text).hashes for text in ("Following", "followed", "fellows"))
    assert one == other != third


def test_short_words_do_not_tell_a_topic() -> None:
    words = read_words("The mill that turns 水車が 水")
    assert words.telling.tolist() == [False, False, False, True, True, True, False, False]


@given(st.text())
def test_equal_hashes_are_of_equal_texts(text: str) -> None:
    words = read_words(text)
    assert (words.size <= PREFIX).all()
    found = dict(zip(words.hashes.tolist(), texts(text), strict=True))
    for number, word in zip(words.hashes.tolist(), texts(text), strict=True):
        # A capital with no single small letter stands for itself.
        assert found[number].casefold() == word.casefold()


def test_scores_are_looked_up() -> None:
    scores = WordScores({"follow": -2.0, "東京": 1.5, "us": -0.5})
    found = scores.look_up(read_words("US: Following 東京 news").hashes)
    assert found[[0, 1, 2]].tolist() == [-0.5, -2.0, 1.5]
    assert all(map(math.isnan, found[3:]))


def test_no_scores() -> None:
    assert np.isnan(WordScores({}).look_up(read_words("one two").hashes)).all()
    assert len(WordScores({"one": 1.0}).look_up(read_words("").hashes)) == 0
