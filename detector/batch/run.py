"""A batch from its inputs to its output, and on from where a killed one ended."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from detector.batch.inputs import STANDARD_INPUT, Position, files_of, read, size_of
from detector.batch.items import Fault, Item
from detector.batch.journal import START, Checkpoint, Journal
from detector.batch.many import LOST
from detector.batch.outputs import GzippedLines, JsonLines, Output, Written
from detector.batch.parquet import Parquet
from detector.batch.progress import Progress
from detector.batch.records import Record, Recorder
from detector.batch.warc import Skipped
from detector.batch.workers import in_order

SUFFIXES: Final = (".jsonl", ".jsonl.gz", ".parquet")
"""What an output's name may end in."""

_Task = tuple[Position, int, Item]  # an item, as `read` gives it


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done.

    Attributes:
        inputs: files, folders, or "-" for a list of them on standard input.
        output: a file whose name ends in one of `SUFFIXES`.
        recorder: makes the records.
        workers: processes to share the work among.
        resume: whether to go on with an output that is there.
    """

    inputs: tuple[str, ...]
    output: Path
    recorder: Recorder
    workers: int = 1
    resume: bool = False

    def identity(self) -> dict[str, Any]:
        """What two runs must share to be one batch, as JSON has it."""
        return {
            "inputs": list(self.inputs),
            "fields": list(self.recorder.fields),
            "mode": self.recorder.mode,
            "model": dict(self.recorder.detector.model.manifest.files),
        }


def run(job: Job) -> bool:
    """Do a batch, with its progress on standard error; False if it was complete before.

    Raises:
        DetectorError: the output can't be begun or gone on with, or an extra is missing.
        OSError: the output can't be written.
    """
    journal = Journal.open(job.output, job.identity(), resume=job.resume)
    if journal is None:
        return False
    output = None
    done = False
    try:
        output = _open(job, journal.checkpoint.written)
        if not output.complete:
            _write(job, output, journal)
        output.finish()
        done = True
    finally:
        if output is not None and not done:
            with suppress(OSError):  # such as a full disk, which has been said already
                output.close()
        nothing = journal.fresh and not (output and output.written.records)
        if nothing and not done and output is not None:
            output.remove()
        journal.close(remove=done or nothing)
    return True


def _open(job: Job, known: Written) -> Output:
    name = job.output.name.lower()
    if name.endswith(".parquet"):
        return Parquet(job.output, job.recorder.fields)
    return (GzippedLines if name.endswith(".gz") else JsonLines)(job.output, known)


def _write(job: Job, output: Output, journal: Journal) -> None:
    checkpoint = journal.checkpoint
    if checkpoint.written.records > output.written.records:
        checkpoint = START  # the output has lost some: trust what is there
    total = None
    if sys.stderr.isatty() and STANDARD_INPUT not in job.inputs:
        total = sum(map(size_of, files_of(job.inputs, ())))
    skipped = Skipped()
    progress = Progress(total)
    tasks: Iterator[_Task] = read(
        files_of(job.inputs, sys.stdin.buffer), checkpoint.position, skipped
    )
    tasks = islice(tasks, output.written.records - checkpoint.written.records, None)
    work, lost = partial(_work, job.recorder), partial(_lost, job.recorder)
    flushed = time.monotonic()
    for (position, behind, _), record in in_order(work, tasks, job.workers, lost):
        output.write(record)
        progress.count("error" in record, behind)
        if time.monotonic() - flushed > output.interval:
            output.flush()
            journal.note(Checkpoint(output.written, position))
            flushed = time.monotonic()
    progress.end(skipped.count)


def _work(recorder: Recorder, task: _Task) -> Record:
    return recorder(task[2])


def _lost(recorder: Recorder, task: _Task) -> Record:
    return recorder.error(task[2], Fault(*LOST))
