"""Batches: in order, one result for each input, whatever a page does."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from lxml import html as lxml_html

import detector
from detector import Detector, Page, PageError
from detector.batch import workers
from detector.batch.workers import _CHUNK, AHEAD
from training.own import OwnPage


@pytest.mark.parametrize("workers", [1, 2])
def test_results_are_those_of_detect_in_order(
    shipped: Detector, own: dict[str, OwnPage], workers: int
) -> None:
    pages = [(page.html, page.url) for page in own.values()][:20]
    results = list(shipped.detect_many(pages, workers=workers))
    assert len(results) == len(pages)
    for (html, url), result in zip(pages, results, strict=True):
        assert isinstance(result, Page)
        assert result.to_dict() == shipped.detect(html, url=url).to_dict()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bad_page_is_an_error_record(shipped: Detector, workers: int) -> None:
    tree = lxml_html.fromstring("<div><p>A tree may be among the pages, too.</p></div>")
    pages: list[Any] = ["<p>first of the pages</p>", (7, "http://x.example/"), None, tree]
    first, second, third, fourth = shipped.detect_many(pages, workers=workers)
    assert isinstance(first, Page)
    assert isinstance(second, PageError)
    assert (second.index, second.url, second.kind) == (1, "http://x.example/", "TypeError")
    assert "bytes, str or an lxml element" in second.message
    assert isinstance(third, PageError)
    assert isinstance(fourth, Page)
    assert [block.text for block in fourth.blocks] == ["A tree may be among the pages, too."]


class _Deadly(Detector):
    """Loses its process on one page."""

    def detect(self, html: Any, **options: Any) -> Page:
        if html == "die":
            os._exit(1)
        return super().detect(html, **options)


def test_a_lost_process_costs_one_page() -> None:
    pages = ["<p>before</p>"] * 5 + ["die"] + ["<p>after it</p>"] * 30
    results = list(_Deadly().detect_many(pages, workers=2))
    kinds = [result.kind if isinstance(result, PageError) else "page" for result in results]
    assert kinds == ["page"] * 5 + ["WorkerDied"] + ["page"] * 30


def test_input_is_read_as_it_is_needed(shipped: Detector) -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield "<p>one of many pages</p>"

    results = shipped.detect_many(endless(), workers=2)
    for _ in range(5):
        next(results)
    assert read <= 5 + 2 * AHEAD
    results.close()  # type: ignore[attr-defined]


class _Numbered(Detector):
    """Gives a page its process's number for a title."""

    def detect(self, html: Any, **options: Any) -> Page:
        return replace(super().detect(html, **options), title=str(os.getpid()))


def test_workers_are_replaced_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "LIFE", 10)
    pages = [f"<p>page {number} of many</p>" for number in range(60)]
    results = list(_Numbered().detect_many(pages, workers=2))
    assert [page.blocks[0].text for page in results if isinstance(page, Page)] == [
        html[3:-4] for html in pages
    ]
    lives = Counter(page.title for page in results if isinstance(page, Page))
    assert max(lives.values()) < 10 + _CHUNK
    assert len(lives) > 4


def test_no_workers_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        detector.detect_many([], workers=0)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_large_tasks_arrive_as_they_were(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    context = multiprocessing.get_context(start)
    monkeypatch.setattr(multiprocessing, "get_context", lambda: context)
    large = 3_000_001  # bytes, far more than a pipe holds
    tasks: list[Any] = [os.urandom(large), "", "zażółć 𝄞 " * (large // 9), b"", None, "end"]
    results = workers.in_order(_digest, tasks, 2, lost=repr)
    assert [result for _, result in results] == [_digest(task) for task in tasks]


def test_a_process_lost_between_large_tasks_costs_one() -> None:
    tasks: list[Any] = [bytes([number]) * 3_000_001 for number in range(9)]
    tasks[4] = "dies"
    results = [result for _, result in workers.in_order(_digest, tasks, 2, lost=lambda _: "lost")]
    assert results == [_digest(task) if task != "dies" else "lost" for task in tasks]


def _digest(task: Any) -> str:
    if task == "dies":
        os._exit(1)
    return hashlib.sha256(repr(task).encode()).hexdigest()
