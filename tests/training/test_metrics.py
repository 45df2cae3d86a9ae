from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.metrics import (
    SnippetCounts,
    article_benchmark_f1,
    bootstrap_counts,
    bootstrap_interval,
    shingle_scores,
    snippet_f1,
    snippet_scores,
    word_f1,
    words,
)


@pytest.mark.parametrize(
    ("predicted", "gold", "f1"),
    [
        ("a b c", "a b c", 1.0),
        ("C, b! A.", "a b c", 1.0),
        # 2 of 2 predicted words are right, 2 of 4 gold words are found: P 1, R 1/2.
        ("a b", "a b c d", 2 / 3),
        # A repeated word counts as often as the gold has it: P 1/3, R 1.
        ("a a a", "a", 1 / 2),
        ("x y", "a b", 0.0),
        ("", "a", 0.0),
        ("a", "", 0.0),
        ("", "", 1.0),
        (" ... ", " !? ", 1.0),
        ("…", "a", 0.0),
    ],
)
def test_word_f1(predicted: str, gold: str, f1: float) -> None:
    assert word_f1(predicted, gold) == pytest.approx(f1)


def test_word_f1_of_cjk_characters() -> None:
    assert words("iPhone手机,カタ ひらー・々", cjk=True) == [
        "iphone", "手", "机", "カ", "タ", "ひ", "ら", "ー", "々",
    ]  # fmt: skip
    assert words("iPhone手机") == ["iphone手机"]
    assert word_f1("新闻", "新闻正文") == 0.0
    assert word_f1("新闻", "新闻正文", cjk=True) == pytest.approx(2 / 3)
    assert word_f1("한국어 text", "한국어 text", cjk=True) == 1.0


@given(st.text(), st.text())
def test_word_f1_bounds(a: str, b: str) -> None:
    assert 0.0 <= word_f1(a, b) == word_f1(b, a) <= 1.0
    assert word_f1(a, a) == word_f1(a, a, cjk=True) == 1.0


@pytest.mark.parametrize(
    ("predicted", "gold", "scores"),
    [
        ("a b c d", "a b c d", (1.0, 0.0, 0.0)),
        # Shingles abcd, bcde against abcd.
        ("a b c d e", "a b c d", (0.5, 0.5, 0.0)),
        ("a b c d", "a b c d e", (0.5, 0.0, 0.5)),
        ("a b c d", "w x y z", (0.0, 0.5, 0.5)),
        # Case counts, and a short text is one shingle.
        ("A b", "a b", (0.0, 0.5, 0.5)),
        ("a b", "a b", (1.0, 0.0, 0.0)),
        # xxxx twice against once.
        ("x x x x x", "x x x x", (0.5, 0.5, 0.0)),
        ("", "a b", (0.0, 0.0, 1.0)),
        ("a b", "", (0.0, 1.0, 0.0)),
        ("", " - ", (0.0, 0.0, 0.0)),
    ],
)
def test_shingle_scores(predicted: str, gold: str, scores: tuple[float, float, float]) -> None:
    assert shingle_scores(predicted, gold) == pytest.approx(scores)


def test_article_benchmark_f1() -> None:
    # The third page predicts nothing and the fourth has no gold: each leaves out one mean.
    pages = [(1.0, 0.0, 0.0), (0.5, 0.25, 0.25), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0)]
    precision, recall, f1 = article_benchmark_f1(pages)
    assert precision == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert recall == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert f1 == pytest.approx(5 / 9)
    assert article_benchmark_f1([]) == (0.0, 0.0, 0.0)
    assert article_benchmark_f1([(0.0, 0.5, 0.5)]) == (0.0, 0.0, 0.0)


def test_snippet_scores() -> None:
    text = "One  two\n three. Menu"
    assert snippet_scores(text, ["two three.", "four"], ["Menu", "Login", "menu"]) == (1, 1, 1, 2)
    assert snippet_scores("", ["a", "b"], ["c"]) == SnippetCounts(tp=0, fp=0, fn=2, tn=1)
    assert snippet_scores("x", [], []) == (0, 0, 0, 0)


def test_snippet_f1_sums_over_pages() -> None:
    # 4 right, 1 wrong, 3 missed.
    assert snippet_f1([(3, 0, 1, 2), (1, 1, 2, 0)]) == pytest.approx((0.8, 4 / 7, 2 / 3))
    assert snippet_f1([(0, 0, 0, 5)]) == (0.0, 0.0, 0.0)


def test_bootstrap_interval() -> None:
    values = np.random.default_rng(1).normal(10, 2, 400)
    low, high = bootstrap_interval(values)
    # The standard error is about 0.1, so the interval is about 0.4 wide.
    assert low < values.mean() < high
    assert 0.3 < high - low < 0.5
    assert (low, high) == bootstrap_interval(values.tolist())
    assert (low, high) != bootstrap_interval(values, seed=1)
    inner = bootstrap_interval(values, level=0.5)
    assert low < inner[0] < inner[1] < high
    assert bootstrap_interval([3.0, 3.0], n=10) == (3.0, 3.0)
    with pytest.raises(ValueError, match="at least one page"):
        bootstrap_interval([])


def test_bootstrap_interval_of_rows() -> None:
    rows = [(1.0, 0.0, 0.0), (0.5, 0.5, 0.0)] * 50
    low, high = bootstrap_interval(rows, n=200, statistic=lambda r: article_benchmark_f1(r)[0])
    assert 0.65 < low < 0.75 < high < 0.85


def test_bootstrap_counts() -> None:
    counts = [(1, 0), (0, 1), (1, 1)] * 30
    low, high = bootstrap_counts(counts, lambda sums: float(sums[0] / sums.sum()), n=200)
    assert 0.38 < low < 0.5 < high < 0.62
