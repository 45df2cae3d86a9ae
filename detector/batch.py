"""Many pages: in order, over processes, one result for each, whatever a page does."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from detector.page import Page, Source

if TYPE_CHECKING:
    from detector.detector import Detector

AHEAD: Final = 8
"""Pages a worker that are read ahead of the oldest one not yet given back: bounds memory."""


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
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    tasks = (_task(index, item) for index, item in enumerate(pages))
    if workers == 1:
        return (_detect(detector, task) for task in tasks)
    return _over_processes(detector, tasks, workers)


def _task(index: int, item: Any) -> _Task:
    if isinstance(item, tuple) and len(item) == 2:
        return _Task(index, item[0], item[1])
    return _Task(index, item, None)


def _detect(detector: Detector, task: _Task) -> Page | PageError:
    try:
        return detector.detect(task.html, url=task.url)
    except Exception as error:  # this boundary owns every error: a batch outlives any page
        return _error(task, type(error).__name__, str(error))


def _error(task: _Task, kind: str, message: str) -> PageError:
    url = task.url if isinstance(task.url, str) else None
    return PageError(task.index, url, kind, message)


def _over_processes(
    detector: Detector, tasks: Iterator[_Task], workers: int
) -> Iterator[Page | PageError]:
    waiting: deque[tuple[_Task, Future[Page | PageError]]] = deque()
    pool = _pool(detector, workers)
    try:
        while True:
            for task in tasks:
                sendable = _sendable(task)
                waiting.append((sendable, _submit(pool, sendable)))
                if len(waiting) >= workers * AHEAD:
                    break
            if not waiting:
                return
            task, future = waiting.popleft()
            try:
                yield _with_source(detector, task, future.result())
            except BrokenProcessPool:
                # Some page took its process down, and with it all that were under way: each is
                # tried by itself, so that only the one at fault is lost.
                pool.shutdown(wait=True, cancel_futures=True)
                suspects = [task, *(other for other, _ in waiting)]
                waiting.clear()
                for suspect in suspects:
                    yield _alone(detector, suspect)
                pool = _pool(detector, workers)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _pool(detector: Detector, workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context(),
        initializer=_adopt,
        initargs=(detector,),
    )


_adopted: list[Detector] = []


def _adopt(detector: Detector) -> None:
    """Run once in each worker: the detector comes over once, not with every page."""
    _adopted[:] = [detector]


def _work(task: _Task) -> Page | PageError:
    result = _detect(_adopted[0], task)
    if isinstance(result, Page):
        # The input stays where it came from: the parent has it.
        return result.with_source(Source(b"", None, 0, 0))
    return result


def _submit(pool: ProcessPoolExecutor, task: _Task) -> Future[Page | PageError]:
    try:
        return pool.submit(_work, task)
    except BrokenProcessPool as error:
        broken: Future[Page | PageError] = Future()
        broken.set_exception(error)
        return broken


def _alone(detector: Detector, task: _Task) -> Page | PageError:
    with _pool(detector, 1) as pool:
        try:
            return _with_source(detector, task, _submit(pool, task).result())
        except BrokenProcessPool:
            return _error(task, "WorkerDied", "the process that worked on the page was lost")


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
