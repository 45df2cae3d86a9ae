"""`detect_many`: one result for each page, in the order of the input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from lxml import etree

from detector.batch.workers import in_order
from detector.page import Page, Source

if TYPE_CHECKING:
    from detector.detector import Detector

LOST = ("WorkerDied", "the process that worked on the page was lost")
"""Kind and message of the error that stands for a page that took its process down."""


@dataclass(frozen=True, slots=True)
class PageError:
    """Stands in a batch's results for a page that could not be detected.

    Attributes:
        index: place of the page in the input, from 0.
        url: its address, if it was given.
        kind: name of the exception, or "WorkerDied" if the process was lost with the page.
        message: what the exception said.
    """

    index: int
    url: str | None
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class _Task:
    index: int
    html: Any
    url: str | None


def detect_in_order(
    detector: Detector, pages: Iterable[Any], workers: int
) -> Iterator[Page | PageError]:
    """See `Detector.detect_many`."""
    tasks = (_task(index, item) for index, item in enumerate(pages))
    if workers == 1:
        return (_detect(detector, task) for task in tasks)
    work = partial(_detect_elsewhere, detector)
    pairs = in_order(work, map(_sendable, tasks), workers, _lost)
    return (_with_source(detector, task, result) for task, result in pairs)


def _task(index: int, item: Any) -> _Task:
    if isinstance(item, tuple) and len(item) == 2:
        return _Task(index, item[0], item[1])
    return _Task(index, item, None)


def _detect(detector: Detector, task: _Task) -> Page | PageError:
    try:
        return detector.detect(task.html, url=task.url)
    except Exception as error:  # this boundary owns every error: a batch outlives any page
        return _error(task, type(error).__name__, str(error))


def _detect_elsewhere(detector: Detector, task: _Task) -> Page | PageError:
    result = _detect(detector, task)
    if isinstance(result, Page):
        # The input stays where it came from: the parent has it.
        return result.with_source(Source(b"", None, 0, 0))
    return result


def _error(task: _Task, kind: str, message: str) -> PageError:
    url = task.url if isinstance(task.url, str) else None
    return PageError(task.index, url, kind, message)


def _lost(task: _Task) -> PageError:
    return _error(task, *LOST)


def _sendable(task: _Task) -> _Task:
    """Trees can't go to another process; their serialisation can."""
    html = task.html
    if isinstance(html, (etree._Element, etree._ElementTree)):
        text = etree.tostring(html, encoding="unicode", method="html", with_tail=False)
        return replace(task, html=text)
    if isinstance(html, (bytearray, memoryview)):
        return replace(task, html=bytes(html))
    return task


def _with_source(detector: Detector, task: _Task, result: Page | PageError) -> Page | PageError:
    if isinstance(result, PageError):
        return result
    source = Source(task.html, None, detector.max_bytes, detector.max_blocks)
    return result.with_source(source)
