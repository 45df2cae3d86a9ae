"""What a page costs by the byte does not grow with the page."""

from __future__ import annotations

import time

from detector import Detector
from training.own import OwnPage
from training.scaling import concatenated, generated

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


def test_pages_have_the_size_that_was_asked_for() -> None:
    assert 0 <= len(generated(5000)) - 5000 < 1000
    assert len(concatenated([b"abc", b"de"], 7)) == 7
    assert concatenated([b"abc", b"de"], 7) == b"abcdeab"
