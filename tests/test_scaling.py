"""What a page costs by the byte does not grow with the page; its memory stays within a bound."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from detector import Detector, compiled
from training.own import OwnPage
from training.scaling import concatenated, generated, peak_beyond_parse

MOST = 2.0
ROUNDS = 15


def test_a_byte_of_a_large_page_costs_no_more_than_of_a_small_one(
    shipped: Detector, own: dict[str, OwnPage]
) -> None:
    pages = [page.html for page in own.values()]
    for small, large in (
        (generated(100_000), generated(1_000_000)),
        (concatenated(pages, 100_000), concatenated(pages, 1_000_000)),
    ):
        costs = {small: float("inf"), large: float("inf")}
        for _ in range(ROUNDS):
            for html in costs:
                started = time.process_time()
                shipped.detect(html)
                costs[html] = min(costs[html], (time.process_time() - started) / len(html))
            if costs[large] < MOST * costs[small]:
                break
        else:
            raise AssertionError(f"{costs[large] / costs[small]:.1f} times the cost of a byte")


@pytest.mark.skipif(compiled.MATRIX is None, reason="numpy makes whole columns")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_memory_beyond_the_tree_is_half_the_page_and_a_little(own: dict[str, OwnPage]) -> None:
    """The largest has all the blocks that are read of a page; see `training.speed` for others."""
    pages = [page.html for page in own.values()]
    for html in (generated(1_000_000), generated(8_000_000), concatenated(pages, 2_000_000)):
        assert peak_beyond_parse(html) < 0.5 * len(html) + 30e6


def test_pages_have_the_size_that_was_asked_for() -> None:
    assert 0 <= len(generated(5000)) - 5000 < 1000
    assert len(concatenated([b"abc", b"de"], 7)) == 7
    assert concatenated([b"abc", b"de"], 7) == b"abcdeab"
