from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import compiled
from detector import words as words_module
from detector.words import PREFIX, Words, WordScores, first_alike, read_words, where_else


def texts(text: str) -> list[str]:
    distinct = words_module.word_texts(text)
    return [distinct[number] for number in read_words(text).number.tolist()]


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
        ("iPhone手机", ["iphone", "手机", "机"]),
        ("𝔘nicode 𠀀𠀁", ["nicode", "𠀀𠀁", "𠀁"]),
    ],
)
def test_what_words_are_read(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_endings_and_case_do_not_tell_words_apart() -> None:
    assert read_words("Following followed fellows").number.tolist() == [0, 0, 1]


def test_short_words_do_not_tell_a_topic() -> None:
    words = read_words("The mill that turns 水車が 水")
    assert words.telling[words.number].tolist() == [
        False,
        False,
        False,
        True,
        True,
        True,
        False,
        False,
    ]


@given(st.text())
def test_equal_hashes_are_of_equal_texts(text: str) -> None:
    starts = words_module.word_starts(text).tolist()
    for word, start in zip(texts(text), starts, strict=True):
        assert len(word) <= 2 * PREFIX  # some are two in lower case
        # A capital with no single small letter stands for itself.
        assert text[start:].lower().casefold().startswith(word.casefold())


def test_scores_are_looked_up() -> None:
    scores = WordScores.of({"follow": -2.0, "東京": 1.5, "us": -0.5})
    found = scores.look_up(read_words("US: Following us 東京 news"))
    assert found[[0, 1, 2]].tolist() == [-0.5, -2.0, 1.5]
    assert all(map(math.isnan, found[3:]))


@given(st.dictionaries(st.integers(0, 40), st.floats(-5, 5)), st.lists(st.integers(0, 50)))
def test_compiled_scores_are_the_same(known: dict[int, float], asked: list[int]) -> None:
    scores = WordScores.of({f"w{number}": score for number, score in known.items()})
    words = read_words(" ".join(f"w{number}" for number in asked))
    for each in (scores, pickle.loads(pickle.dumps(scores))):
        found = each.look_up(words)
        np.testing.assert_array_equal(found, in_numpy(partial(scores.look_up, words)))
        assert np.isnan(found[words.number]).tolist() == [number not in known for number in asked]


def test_no_scores() -> None:
    assert np.isnan(WordScores.of({}).look_up(read_words("one two"))).all()
    assert len(WordScores.of({"one": 1.0}).look_up(read_words(""))) == 0


def in_numpy(work: Callable[[], Any]) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words_module, "WORDS", None)
        return work()


@given(st.text(st.characters() | st.sampled_from("aÀ漢字かな한국 _.,\U00020000\U0001f600\ud800")))
def test_compiled_words_are_the_same(text: str) -> None:
    found, expected = read_words(text), in_numpy(lambda: read_words(text))
    for name in Words._fields:
        one, other = getattr(found, name), getattr(expected, name)
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist(), name


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 3)))
def test_compiled_first_ones_are_the_same(entries: list[int]) -> None:
    hashes = np.array(entries, np.uint64)
    found = first_alike(hashes).tolist()
    assert found == [entries.index(entry) for entry in entries]
    assert found == in_numpy(lambda: first_alike(hashes)).tolist()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.booleans())))
def test_where_else(entries: list[tuple[int, int, bool]]) -> None:
    entries.sort(key=lambda entry: entry[1])
    hashes = np.array([entry[0] for entry in entries], np.uint64) * np.uint64(2**59)
    group = np.array([entry[1] for entry in entries], np.int64)
    among = np.array([entry[2] for entry in entries], bool)
    there = [(value, number) for value, number, counts in entries if counts]
    earlier = [any(v == value and n < number for v, n in there) for value, number, _ in entries]
    later = [any(v == value and n > number for v, n in there) for value, number, _ in entries]
    assert [part.tolist() for part in where_else(hashes, group, among)] == [earlier, later]


@pytest.mark.parametrize("beyond", [-1, 7])
def test_words_that_start_elsewhere(beyond: int) -> None:
    starts = [np.array(start, np.int32) for start in ([0, 4], [0, beyond])]
    read, expected = read_words("one two", starts[0]), read_words("one two")
    assert read.hashes.tolist() == expected.hashes.tolist()
    if compiled.WORDS is not None:
        with pytest.raises(ValueError, match="does not start in the text"):
            read_words("one two", starts[1])
