"""Extractors in processes of their own: a page that takes too long costs its process, no more."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from training.benchmark.extractors import NODE_FOLDER, Extractor, Task

START_SECONDS: Final = 60.0
WALL: Final = 10.0
"""Time-outs are CPU seconds, so that a busy machine fails no page; of real ones so many more."""
_FIRST: Final = Task(
    "<title>A day</title><h1>A day</h1><p>It rained, and then it did not.</p>", None, "en"
)
_ROOT: Final = Path(__file__).parents[2]


class WorkerError(Exception):
    """An extractor's process does not start."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a page.

    Attributes:
        output: as the extractor gave it; "" where it failed.
        failure: name of the exception, "timeout" or "crash"; None where it went well.
        cpu: CPU seconds of the call; None where its process did not live to tell.
        peak_kib: the most memory that the process had held by then.
    """

    output: str
    failure: str | None
    cpu: float | None
    peak_kib: int | None


def command_of(extractor: Extractor) -> list[str]:
    """How an extractor's process is started."""
    if extractor.runtime == "node":
        return ["node", str(NODE_FOLDER / "worker.mjs"), extractor.name]
    return [sys.executable, "-m", "training.benchmark.worker", extractor.name]


class Worker:
    """A process that answers for one extractor; started when first needed, and after a kill."""

    def __init__(self, extractor: Extractor, timeout: float) -> None:
        self.extractor = extractor
        self.timeout = timeout
        self.start_cpu = 0.0
        self.start_kib = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = b""

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process, if it is not there: imports, and a first page of a few words.

        Raises:
            WorkerError: it ended, or was not ready in `START_SECONDS`.
        """
        if self._process is not None:
            return
        self._process = subprocess.Popen(
            command_of(self.extractor),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
        )
        try:
            ready = self._read(START_SECONDS)
        except (TimeoutError, EOFError) as error:
            self.stop()
            raise WorkerError(f"{self.extractor.name}: its process does not start") from error
        first = self.run(_FIRST)
        self.start_cpu = ready["cpu"] + (first.cpu or 0.0)
        self.start_kib = first.peak_kib or ready["peak_kib"]

    def run(self, task: Task) -> Answer:
        """Give it a page and wait; a process that is late or dead is replaced for the next page."""
        self.start()
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(asdict(task)).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self.stop()
            return Answer("", "crash", None, None)
        try:
            found = self._read(self.timeout)
        except (TimeoutError, EOFError) as error:
            self.stop()
            failure = "timeout" if isinstance(error, TimeoutError) else "crash"
            return Answer("", failure, None, None)
        return Answer(
            found.get("output") or "", found.get("error"), found["cpu"], found["peak_kib"]
        )

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process, self._buffer = None, b""

    def _read(self, seconds: float) -> dict[str, Any]:
        """The next line. Raises TimeoutError, or EOFError where the process has ended."""
        assert self._process is not None
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        parts = [self._buffer]
        patience = time.monotonic() + WALL * seconds
        end = _cpu_seconds(self._process.pid) + seconds
        while b"\n" not in parts[-1]:
            if not select.select([pipe], [], [], 1.0)[0]:
                if time.monotonic() > patience or _cpu_seconds(self._process.pid) > end:
                    raise TimeoutError
                continue
            parts.append(os.read(pipe, 1 << 20))
            if not parts[-1]:
                raise EOFError
        line, self._buffer = b"".join(parts).split(b"\n", 1)
        answer: dict[str, Any] = json.loads(line)
        return answer


def _cpu_seconds(pid: int) -> float:
    """CPU time that a process has spent; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
