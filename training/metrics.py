"""Scores of extracted text against what annotators kept, and their intervals.

Each score is defined as the benchmark that published it defines it, so that figures compare.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

_WORD = re.compile(r"\w+")
# Han with its iteration marks, kana, half-width katakana.
_CJK = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
_CJK += "\U00020000-\U000323af"
_CJK_WORD = re.compile(rf"(?=\w)[{_CJK}]|[^\W{_CJK}]+")
_SPACE = re.compile(r"\s+")


def words(text: str, *, cjk: bool = False) -> list[str]:
    """The runs of word characters, lower-cased; with `cjk` each Han or kana character is one."""
    return (_CJK_WORD if cjk else _WORD).findall(text.lower())


def word_f1(predicted: str, gold: str, *, cjk: bool = False) -> float:
    """F1 of the two bags of words, the score of WCXB.

    A gold without words scores 1 for a prediction without words and 0 for any other.
    """
    ours, theirs = Counter(words(predicted, cjk=cjk)), Counter(words(gold, cjk=cjk))
    if not theirs:
        return 0.0 if ours else 1.0
    common = (ours & theirs).total()
    return 2 * common / (ours.total() + theirs.total())


def shingle_scores(predicted: str, gold: str, n: int = 4) -> tuple[float, float, float]:
    """(tp, fp, fn) over the bags of n-word shingles, as shares of their sum.

    The page score of scrapinghub's article-extraction-benchmark: words keep their case, a text
    shorter than `n` words is one shingle, and two empty texts give three zeros.
    """
    ours, theirs = _shingles(predicted, n), _shingles(gold, n)
    tp = (ours & theirs).total()
    fp, fn = ours.total() - tp, theirs.total() - tp
    total = tp + fp + fn
    return (tp / total, fp / total, fn / total) if total else (0.0, 0.0, 0.0)


def _shingles(text: str, n: int) -> Counter[tuple[str, ...]]:
    tokens = _WORD.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[i : i + n]) for i in range(max(1, len(tokens) - n + 1)))


def article_benchmark_f1(pages: ArrayLike) -> tuple[float, float, float]:
    """(precision, recall, F1) over the (tp, fp, fn) of pages, as article-extraction-benchmark does.

    Precision is the mean over the pages that predict something, recall over those that have a
    gold text, F1 their harmonic mean. Zeros where there is no such page.
    """
    table = np.asarray(pages, dtype=np.float64).reshape(-1, 3)
    tp, fp, fn = table.T
    precision = _mean_ratio(tp, tp + fp)
    recall = _mean_ratio(tp, tp + fn)
    return precision, recall, _harmonic(precision, recall)


def _mean_ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> float:
    kept = whole > 0
    return float(np.mean(part[kept] / whole[kept])) if kept.any() else 0.0


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


class SnippetCounts(NamedTuple):
    """How many snippets were rightly kept, wrongly kept, wrongly dropped, rightly dropped."""

    tp: int
    fp: int
    fn: int
    tn: int


def snippet_scores(text: str, with_: Iterable[str], without: Iterable[str]) -> SnippetCounts:
    """Count the snippets of one page found in `text`, as trafilatura's evaluation does.

    A snippet is found when it is a substring, both with every run of white space as one space.
    An empty text misses all of `with_` and rightly lacks all of `without`.
    """
    flat = _flatten(text)
    wanted = [_flatten(snippet) in flat for snippet in with_]
    unwanted = [_flatten(snippet) in flat for snippet in without]
    tp, fp = sum(wanted), sum(unwanted)
    return SnippetCounts(tp, fp, len(wanted) - tp, len(unwanted) - fp)


def _flatten(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def snippet_f1(pages: ArrayLike) -> tuple[float, float, float]:
    """(precision, recall, F1) over the summed `SnippetCounts` of pages; 0 where undefined."""
    tp, fp, fn, _ = np.asarray(pages, dtype=np.float64).reshape(-1, 4).sum(axis=0)
    precision = float(tp / (tp + fp)) if tp + fp else 0.0
    recall = float(tp / (tp + fn)) if tp + fn else 0.0
    return precision, recall, _harmonic(precision, recall)


def mean(values: NDArray[np.float64]) -> float:
    """The mean of all values, the statistic most scores use."""
    return float(np.mean(values))


def bootstrap_interval(
    values: ArrayLike,
    *,
    n: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    statistic: Callable[[NDArray[np.float64]], float] = mean,
) -> tuple[float, float]:
    """The percentile interval of `statistic` over `n` resamplings of the pages.

    `values` has one row per page: a score, or several figures that `statistic` understands, e.g.
    the (tp, fp, fn) of `shingle_scores` with `lambda rows: article_benchmark_f1(rows)[2]`.
    Raises ValueError when there are no pages.
    """
    table = np.asarray(values, dtype=np.float64)
    if not len(table):
        raise ValueError("an interval needs at least one page")
    rng = np.random.default_rng(seed)
    drawn = [statistic(table[rng.integers(0, len(table), len(table))]) for _ in range(n)]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap_counts(
    counts: Sequence[Sequence[float]],
    ratio: Callable[[NDArray[np.float64]], float],
    *,
    n: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """`bootstrap_interval` of a figure that is computed from counts summed over the pages.

    `counts` has one row per page; `ratio` gets the sums, shape (n_counts,), e.g. the F1 of summed
    snippets is `lambda s: 2 * s[0] / (2 * s[0] + s[1] + s[2])`.
    """

    def of_sums(rows: NDArray[np.float64]) -> float:
        return ratio(rows.sum(axis=0))

    return bootstrap_interval(counts, n=n, seed=seed, level=level, statistic=of_sums)
