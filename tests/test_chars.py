from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.chars import CLASSES, CODE, N_CLASSES, SCRIPTS, classify


def codes(text: str) -> npt.NDArray[np.uint32]:
    return np.array([ord(char) for char in text], np.uint32)


def classes_of(text: str) -> list[str]:
    return [CLASSES[code] for code in classify(codes(text))[0]]


def words_of(text: str) -> int:
    return int(classify(codes(text))[1].sum())


def test_classes_are_a_partition() -> None:
    assert len(set(CLASSES)) == N_CLASSES == len(CODE)
    assert set(SCRIPTS) < set(CLASSES)
    every = np.arange(0x110000, dtype=np.uint32)
    classes, starts = classify(every)
    assert classes.shape == starts.shape == every.shape
    assert classes.dtype == np.uint8
    assert starts.dtype == np.bool_
    assert classes.max() < N_CLASSES


@pytest.mark.parametrize(
    ("name", "characters"),
    [
        ("space", " \t\n\r\x0c\xa0\u2003\u2028\u3000"),
        ("digit", "0129٣०９"),
        ("lower", "azßéłñªđ"),
        ("upper", "AZÉŁÑĐ"),
        ("terminal", ".!?…。！？؟۔।॥։"),
        ("comma", ",;:،、，；："),
        ("punctuation", "\"'()[]{}<>@#%&*+-/=\\^_`|~—–“”•"),
        ("currency", "$€£¥₹円元￥"),
        ("greek", "αΩώἀ"),
        ("cyrillic", "яЯёЇғ"),
        ("semitic", "אשعربﻼ"),
        ("han", "文字々〇㐀豈𠀀"),
        ("kana", "かなカナーｶ"),
        ("hangul", "한글ㄱᄀ"),
        ("brahmic", "अकதไทยမខ"),
        ("symbol", "©→√■😀🎉\u200d\ufffd𝒳"),
    ],
)
def test_class_of(name: str, characters: str) -> None:
    found = dict(zip(characters, classes_of(characters), strict=True))
    assert found == dict.fromkeys(characters, name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("   ", 0),
        ("one", 1),
        ("one two  three", 3),
        ("don't re-use snake_case", 5),
        ("_ 1 2.5", 4),
        ("Füße über naïve", 3),
        ("Съешь ещё булок", 3),
        ("שלום עולם", 2),
        ("한국어 문장", 2),
        ("文字", 2),
        ("これは文です。", 6),
        ("ABC文DEF", 3),
        ("文abc字", 3),
        ("iPhone16を買う", 4),
        ("😀 🎉", 0),
        ("go😀go", 2),
        ("👨‍👩‍👧 family", 1),
        ("𠀀𠀁", 2),
        ("क ख ग", 3),
        # A vowel sign is no letter to Python, nor to `\\w`, by which page sets count words.
        ("हिन्दी", 3),
        ("—·—", 0),
    ],
)
def test_words(text: str, words: int) -> None:
    assert words_of(text) == words


def test_nothing() -> None:
    classes, starts = classify(codes(""))
    assert len(classes) == len(starts) == 0


LETTERS = st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF)


@given(st.text(LETTERS))
def test_words_as_a_plain_loop_counts_them(text: str) -> None:
    count, in_word = 0, False
    for char, name in zip(text, classes_of(text), strict=True):
        single = name in ("han", "kana")
        letter = (char.isalnum() or char == "_") and not single
        count += single or (letter and not in_word)
        in_word = letter
    assert words_of(text) == count


@given(st.text(LETTERS), st.text(LETTERS))
def test_classes_do_not_depend_on_what_is_around(first: str, second: str) -> None:
    assert classes_of(first + second) == classes_of(first) + classes_of(second)
