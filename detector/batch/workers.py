"""Work shared among processes: results in the order of the tasks, bounded memory, no task lost.

Python's own pools don't do: their workers wait for ever when the parent is killed, and one that
dies breaks all that was under way.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Generic, TypeVar

from detector.errors import DetectorError

T = TypeVar("T")
R = TypeVar("R")

AHEAD: Final = 16
"""Tasks a worker that are read ahead of the oldest one not yet given back: bounds memory."""

LIFE: Final = 10_000
"""Tasks after which a worker is replaced: libxml2 keeps every name of an element or attribute that
a process has met, and gives it back when that ends."""

_CHUNK: Final = 4  # tasks in one message: fewer waits of a worker for its parent


def in_order(
    work: Callable[[T], R], tasks: Iterable[T], workers: int, lost: Callable[[T], R]
) -> Iterator[tuple[T, R]]:
    """Do the work for each task: pairs of task and result, in the order of the tasks.

    Args:
        work: raises nothing; with more than one worker, it, tasks and results are pickled.
        tasks: taken as they are needed.
        workers: processes; 1 works in this one.
        lost: makes the result of a task that took its process down.

    Raises:
        ValueError: `workers` is less than 1.
        DetectorError: processes can't be started.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    if workers == 1:
        return ((task, work(task)) for task in tasks)
    return _over_processes(work, iter(tasks), workers, lost)


@dataclass(slots=True)
class _Chunk(Generic[T, R]):
    """Tasks that go to a worker together, and their results once they are there."""

    tasks: list[T]
    sent: bool = False
    results: list[R] = field(default_factory=list)


def _over_processes(
    work: Callable[[T], R], tasks: Iterator[T], workers: int, lost: Callable[[T], R]
) -> Iterator[tuple[T, R]]:
    queue: deque[_Chunk[T, R]] = deque()  # in the order of the tasks
    crew = [_Worker[T, R](work) for _ in range(workers)]
    more = True
    try:
        while True:
            _hand_out(crew, queue, work)
            if queue and queue[0].results:
                done = queue.popleft()
                yield from zip(done.tasks, done.results, strict=True)
                continue
            busy = {worker.connection: worker for worker in crew if worker.chunk}
            full = not more or len(queue) * _CHUNK >= workers * AHEAD
            if not full and not wait(busy, timeout=0):
                chunk = list(islice(tasks, _CHUNK))
                more = len(chunk) == _CHUNK
                if chunk:
                    queue.append(_Chunk(chunk))
                continue
            if not queue:
                return
            for connection in wait(busy):
                worker = busy[connection]  # type: ignore[index]
                if not worker.collect():
                    _replace(crew, worker, queue, work, lost)
    finally:
        for worker in crew:
            worker.stop()


def _hand_out(
    crew: list[_Worker[T, R]], queue: deque[_Chunk[T, R]], work: Callable[[T], R]
) -> None:
    waiting = (chunk for chunk in queue if not chunk.sent)
    for place, worker in enumerate(crew):
        if worker.chunk is None:
            chunk = next(waiting, None)
            if chunk is None:
                return
            if worker.done >= LIFE:
                worker.stop()
                crew[place] = _Worker(work)
            crew[place].send(chunk)


def _replace(
    crew: list[_Worker[T, R]],
    worker: _Worker[T, R],
    queue: deque[_Chunk[T, R]],
    work: Callable[[T], R],
    lost: Callable[[T], R],
) -> None:
    """A worker has died: of several tasks each is tried alone, so that only one is lost."""
    chunk = worker.chunk
    worker.stop()
    if not worker.ready:
        raise DetectorError(
            "a worker process ended before it could work; a script that starts processes needs "
            '`if __name__ == "__main__":` round what it does'
        )
    crew[crew.index(worker)] = _Worker(work)
    assert chunk is not None
    if len(chunk.tasks) == 1:
        chunk.results.append(lost(chunk.tasks[0]))
        return
    place = queue.index(chunk)
    del queue[place]
    for task in reversed(chunk.tasks):
        queue.insert(place, _Chunk([task]))


class _Worker(Generic[T, R]):
    """A process, and what it is working on."""

    def __init__(self, work: Callable[[T], R]) -> None:
        context = multiprocessing.get_context()
        self.connection, theirs = context.Pipe()
        # What is large goes through our pipe: that of `spawn` blocks if the child dies early.
        inherited = work if context.get_start_method() == "fork" else None
        self.process = context.Process(target=_serve, args=(theirs, inherited), daemon=True)
        self.process.start()
        theirs.close()  # so that the pipe ends with the process
        if inherited is None:
            with suppress(OSError):  # it has died: `collect` will see
                self.connection.send(work)
        self.chunk: _Chunk[T, R] | None = None
        self.ready = False
        self.done = 0

    def send(self, chunk: _Chunk[T, R]) -> None:
        chunk.sent = True
        self.chunk = chunk
        with suppress(OSError):  # it has died: `collect` will see
            _send_tasks(self.connection, chunk.tasks)

    def collect(self) -> bool:
        """Take what the worker has sent; False if it is dead."""
        assert self.chunk is not None
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            return False
        if message is None:  # says that it has started
            self.ready = True
        else:
            self.chunk.results = message
            self.chunk = None
            self.done += len(message)
        return True

    def stop(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.join()


def _serve(connection: Connection, work: Callable[[Any], Any] | None) -> None:
    """What a worker does: it ends with its parent, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection.send(None)
    if work is None:
        work = connection.recv()
    for tasks in _tasks(connection):
        connection.send([work(task) for task in tasks])


def _send_tasks(connection: Connection, tasks: Sequence[Any]) -> None:
    if sys.platform == "win32":  # where a connection is no file
        connection.send(tasks)
    else:
        pickle.dump(tasks, _Pages(connection.fileno()), pickle.HIGHEST_PROTOCOL)


def _tasks(connection: Connection) -> Iterator[Sequence[Any]]:
    """What `_send_tasks` sends."""
    if sys.platform == "win32":
        while True:
            yield connection.recv()
    # `pickle` reads a large page straight into the object that it becomes.
    with open(connection.fileno(), "rb", closefd=False) as file:
        while True:
            yield pickle.load(file)


class _Pages:
    """A file to pickle to, without a buffer: a large page goes from where it lies to the worker,
    and nothing is left to be written to a descriptor that has been closed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: bytes) -> int:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        return len(data)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
