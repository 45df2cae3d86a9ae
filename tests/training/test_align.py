from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq

from training import align as align_module
from training.align import COVERAGE, align, words_of

A = "The night tram leaves the depot at half past one"
B = "Nobody quite knows who rides it or why they do"
C = "Bakers nurses students and a man with a cello"
D = "Subscribe to our newsletter for more stories like this"


def content(blocks: list[str], gold: str) -> list[int]:
    """Numbers of the blocks that are found to be content."""
    return [int(number) for number in np.flatnonzero(align(blocks, gold) >= COVERAGE)]


ROWS: list[tuple[str, list[str], str, list[int]]] = [
    ("all of it", [A, B, C], f"{A}\n{B}\n{C}", [0, 1, 2]),
    ("some of it", [D, A, B, D, C], f"{A} {B} {C}", [1, 2, 4]),
    ("nothing of it", [D], A, []),
    ("no gold", [A, B], "", []),
    ("a gold without words", [A, B], " — \n", []),
    ("no blocks", [], A, []),
    ("blocks without words", ["", "—", A], A, [2]),
    ("case and punctuation", [A.upper() + "!!"], f"“{A.lower()}”", [0]),
    ("other line breaks", [A.replace(" ", "\n")], A, [0]),
    ("a part of a block", [f"{A} {D}", B], A, [0]),
    ("a small part of a block", [f"{A} {D} {D} {D}", B], f"{A} {B}", [1]),
    ("one block for two paragraphs", [f"{A} {B}"], f"{A}\n\n{B}", [0]),
    ("two blocks for one paragraph", [A[:21], A[21:]], A, [0, 1]),
    # A copy is claimed once: here in order, so the heading before the article is not it.
    ("a headline in a list of links", [A, D, A, B], f"{D}\n{A}\n{B}", [1, 2, 3]),
    ("a headline twice", [A, B, A], f"{A} {B} {A}", [0, 1, 2]),
    ("short words of the gold elsewhere", ["it", "the one", A, B], f"{A} {B}", [2, 3]),
    # Blocks that stand elsewhere than in the gold.
    ("moved to the front", [B, A], f"{A} {B}", [0, 1]),
    ("moved to the end", [A, B, C], f"{C} {A} {B}", [0, 1, 2]),
    ("all the other way round", [C, B, A], f"{A} {B} {C}", [0, 1, 2]),
    ("a moved one with a copy", [B, B, A, C], f"{A} {C} {B}", [0, 2, 3]),
    # Scripts without spaces.
    ("Chinese", ["夜班电车在凌晨一点半离开", "订阅我们的新闻"], "夜班电车在凌晨一点半离开。", [0]),
    ("Japanese", ["夜の電車は一時半に出ます", "メニュー"], "夜の電車は一時半に出ます。", [0]),
    ("Chinese with digits", ["2024年5月3日发布", "关于我们"], "2024年5月3日 发布", [0]),
    ("Greek", ["Το νυχτερινό τραμ φεύγει", "Μενού"], "το νυχτερινό τραμ φεύγει.", [0]),
    ("short blocks", ["Home", "The tram", "News", A], f"The tram\n{A}", [1, 3]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("blocks", "gold", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_blocks_of_the_gold(blocks: list[str], gold: str, expected: list[int]) -> None:
    shares = align(blocks, gold)
    assert shares.shape == (len(blocks),)
    assert shares.dtype == np.float32
    assert content(blocks, gold) == expected


def test_shares() -> None:
    assert align([A, f"{B} {D}"], f"{A} {B}").tolist() == pytest.approx([1.0, 10 / 19])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("One, TWO-three's 4.5", ["one", "two", "three", "s", "4", "5"]),
        ("snake_case Füße", ["snake_case", "füße"]),
        ("文字abc字", ["文", "字", "abc", "字"]),
        ("カナ々〆", ["カ", "ナ", "々", "〆"]),
        ("한국어 글", ["한국어", "글"]),
        ("привет, мир", ["привет", "мир"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_long_pages_are_aligned_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [" ".join(f"w{number}x{word}" for word in range(12)) for number in range(60)]
    gold = " ".join(block for number, block in enumerate(blocks) if number % 3)
    whole = align(blocks, gold)
    sizes: list[int] = []

    class Counted:
        @staticmethod
        def opcodes(page: list[int], gold: list[int]) -> object:
            sizes.append(len(page) * len(gold))
            return LCSseq.opcodes(page, gold)

    limit = 60_000
    monkeypatch.setattr(align_module, "MAX_WORK", limit)
    monkeypatch.setattr(align_module, "LCSseq", Counted)
    parts = align(blocks, gold)
    assert len(sizes) > 1
    assert max(sizes) <= limit
    # No more than the words at the cuts are lost.
    assert ((parts >= COVERAGE) == (whole >= COVERAGE)).mean() > 0.9


VOCABULARY = st.sampled_from("a b c d e f g h 文 字".split())
TEXTS = st.lists(VOCABULARY, max_size=8).map(" ".join)


@given(st.lists(TEXTS, max_size=8), st.lists(TEXTS, max_size=8))
def test_shares_of_anything(blocks: list[str], gold: list[str]) -> None:
    shares = align(blocks, " ".join(gold))
    assert ((shares >= 0) & (shares <= 1)).all()
    assert not shares[[not block for block in blocks]].any()


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=8))
def test_the_text_of_all_blocks_finds_them_all(blocks: list[str]) -> None:
    assert align(blocks, "\n".join(blocks)).tolist() == [1] * len(blocks)


@given(st.lists(st.lists(VOCABULARY, max_size=2).map(" ".join), max_size=8), TEXTS)
def test_a_word_of_the_gold_is_found_once(blocks: list[str], gold: str) -> None:
    # Blocks as short as these have to stand in the gold's order.
    lengths = np.array([len(words_of(block)) for block in blocks])
    assert (align(blocks, gold) * lengths).sum() <= len(words_of(gold)) + 1e-4
