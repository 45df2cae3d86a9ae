from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.decide import BETA, MODES, Cut, Mode
from detector.decide import choose as choose_by
from detector.page_types import PAGE_TYPES

Floats = npt.NDArray[np.float64]

PAGES = st.lists(st.tuples(st.floats(0, 1, width=16), st.integers(0, 300)), min_size=1, max_size=30)


PLAIN = np.full(len(PAGE_TYPES), 1 / len(PAGE_TYPES))


def choose(
    probability: Floats, words: Floats, *, least_words: float, mode: Mode = "balanced"
) -> npt.NDArray[np.bool_]:
    return choose_by(probability, words, PLAIN, Cut(least_words=least_words), mode=mode)


def columns(page: list[tuple[float, int]]) -> tuple[Floats, Floats]:
    return np.array([p for p, _ in page], np.float64), np.array([w for _, w in page], np.float64)


def expected_f(
    probability: Floats, words: Floats, kept: npt.NDArray[np.bool_], mode: Mode
) -> float:
    """F measure of what is kept, with the expected number of content words put for the number."""
    weight = BETA[mode] ** 2
    total = (probability * words).sum()
    found = (probability * words)[kept].sum()
    return float((1 + weight) * found / (words[kept].sum() + weight * total + 1e-9))


@pytest.mark.parametrize("mode", MODES)
@given(page=PAGES)
def test_no_prefix_is_expected_to_score_better(mode: Mode, page: list[tuple[float, int]]) -> None:
    probability, words = columns(page)
    chosen = choose(probability, words, least_words=0.0, mode=mode)
    order = np.argsort(-probability, kind="stable")
    best = 0.0
    for length in range(len(page) + 1):
        kept = np.zeros(len(page), bool)
        kept[order[:length]] = True
        best = max(best, expected_f(probability, words, kept, mode))
    assert expected_f(probability, words, chosen, mode) == pytest.approx(best, abs=1e-7)


@given(page=st.lists(st.tuples(st.floats(0, 1, width=16), st.integers(0, 300)), max_size=9))
def test_no_set_of_blocks_is_expected_to_score_better(page: list[tuple[float, int]]) -> None:
    probability, words = columns(page)
    chosen = choose(probability, words, least_words=0.0)
    score = expected_f(probability, words, chosen, "balanced")
    for number in range(2 ** len(page)):
        kept = np.array([number >> block & 1 for block in range(len(page))], bool)
        assert expected_f(probability, words, kept, "balanced") <= score + 1e-7


@given(page=PAGES, least_words=st.sampled_from([0.0, 10.0, 200.0]))
def test_modes_keep_ever_more(page: list[tuple[float, int]], least_words: float) -> None:
    probability, words = columns(page)
    precision, balanced, recall = (
        choose(probability, words, least_words=least_words, mode=mode)
        for mode in ("precision", "balanced", "recall")
    )
    assert (precision <= balanced).all()
    assert (balanced <= recall).all()


@given(page=PAGES, mode=st.sampled_from(MODES))
def test_a_cut_by_probability(page: list[tuple[float, int]], mode: Mode) -> None:
    probability, words = columns(page)
    chosen = choose(probability, words, least_words=0.0, mode=mode)
    assert chosen.dtype == np.bool_
    assert chosen.shape == probability.shape
    kept, left = probability[chosen], probability[~chosen]
    assert len(kept)
    assert not len(left) or left.max() < kept.min()


@given(page=PAGES, data=st.data())
def test_the_order_of_blocks_does_not_matter(
    page: list[tuple[float, int]], data: st.DataObject
) -> None:
    probability, words = columns(page)
    order = np.array(data.draw(st.permutations(range(len(page)))))
    chosen = choose(probability, words, least_words=10)
    moved = choose(probability[order], words[order], least_words=10)
    assert (moved == chosen[order]).all()


@pytest.mark.parametrize(
    ("probability", "words", "kept"),
    [
        ([], [], []),
        ([0.9, 0.8, 0.1], [100, 100, 100], [True, True, False]),
        ([0.9, 0.1, 0.8], [100, 100, 100], [True, False, True]),
        # Where others are sure, what is in doubt has to be more than half so.
        ([0.99, 0.6, 0.4], [1000, 10, 10], [True, True, False]),
        ([0.6, 0.4], [10, 10], [True, True]),
        # Nothing is likely, but what there is, is worth a guess.
        ([0.3, 0.01], [500, 500], [True, False]),
        ([0.0, 0.0], [500, 500], [True, True]),
        ([0.9, 0.2], [0, 0], [True, False]),
    ],
)
def test_choices(probability: list[float], words: list[int], kept: list[bool]) -> None:
    chosen = choose(np.array(probability, np.float64), np.array(words, np.float64), least_words=0)
    assert chosen.tolist() == kept


@pytest.mark.parametrize(
    ("probability", "words", "mode", "kept"),
    [
        # A shell: few words expected, and less than half of all.
        ([0.3, 0.1], [40, 60], "balanced", False),
        ([0.3, 0.1], [40, 60], "precision", False),
        ([0.3, 0.1], [40, 60], "recall", True),
        # A short page that is nearly all content.
        ([0.9, 0.8], [5, 5], "balanced", True),
        ([0.9, 0.1], [5, 2], "balanced", True),
        # Enough words.
        ([0.9, 0.01], [40, 4000], "balanced", True),
    ],
)
def test_pages_without_content(
    probability: list[float], words: list[int], mode: Mode, kept: bool
) -> None:
    chosen = choose(np.array(probability), np.array(words, np.float64), least_words=30, mode=mode)
    assert bool(chosen.any()) == kept


@pytest.mark.parametrize(
    ("types", "kept"),
    [
        ({"article": 1.0}, [True, False]),
        ({"article": 0.2, "forum": 0.8}, [True, True]),
        ({"collection": 0.5, "listing": 0.5}, [True, True]),
    ],
)
def test_doubt_is_weighed_by_the_type_of_page(types: dict[str, float], kept: list[bool]) -> None:
    shares = np.array([types.get(name, 0.0) for name in PAGE_TYPES])
    cut = Cut(caution=0.5, eagerness=2.0)
    probability, words = np.array([0.95, 0.48]), np.array([100.0, 60.0])
    assert choose_by(probability, words, shares, cut).tolist() == kept


def test_what_weighs_on_recall() -> None:
    cut = Cut(caution=0.25, eagerness=2.0)
    rows = np.eye(len(PAGE_TYPES))
    weights = dict(zip(PAGE_TYPES, map(cut.recall_weight, rows), strict=True))
    assert weights == dict.fromkeys(PAGE_TYPES, 1.0) | {
        "article": 0.75,
        "collection": 3.0,
        "listing": 3.0,
    }
