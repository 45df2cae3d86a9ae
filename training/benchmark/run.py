"""The two passes: outputs of all pages, and CPU time on some; both go on where they stopped."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from training.benchmark.extractors import EXTRACTORS, Extractor
from training.benchmark.pages import html_text, task_of
from training.benchmark.processes import Worker
from training.benchmark.store import Lines, Output, Store, store_folder, version_of
from training.corpora import LabelledPage
from training.progress import track

TIMEOUT: Final = 30.0
SPEED_PAGES: Final = 300


def present() -> list[Extractor]:
    """The extractors that are installed; says on standard error what to do about the others."""
    found = []
    for extractor in EXTRACTORS:
        if extractor.version() is None:
            print(f"{extractor.name} is not installed: {extractor.remedy}", file=sys.stderr)
        else:
            found.append(extractor)
    return found


def collect(
    extractors: Sequence[Extractor],
    pages: Sequence[LabelledPage],
    timeout: float = TIMEOUT,
    folder: Path | None = None,
) -> None:
    """Store what each extractor gives for each page, where that is not known yet."""
    stores = [Store(extractor, folder) for extractor in extractors]
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(Worker(extractor, timeout)) for extractor in extractors]
        for page in track(pages, len(pages), "pages extracted"):
            missing = [pair for pair in zip(workers, stores, strict=True) if page not in pair[1]]
            if not missing:
                continue
            task = task_of(page)
            for worker, store in missing:
                answer = worker.run(task)
                html = worker.extractor.output == "html"
                text = html_text(answer.output) if html else answer.output
                store.add(Output(page.id, page.sha256, text, answer.failure))


def time_extractors(
    extractors: Sequence[Extractor],
    pages: Sequence[LabelledPage],
    count: int = SPEED_PAGES,
    timeout: float = TIMEOUT,
    folder: Path | None = None,
) -> list[dict[str, Any]]:
    """CPU time of each extractor on a sample of the pages, the extractors taking turns.

    Returns:
        One record a page: its `id`, its `bytes`, and by extractor the seconds of `cpu`, the
        process's `peak_kib`, and `start_cpu` and `start_kib` of its imports. A page that took too
        long counts with the time-out.
    """
    sample = random.Random(0).sample(list(pages), min(count, len(pages)))
    versions = {extractor.name: version_of(extractor) for extractor in extractors}
    key = hashlib.sha256(json.dumps([versions, count], sort_keys=True).encode()).hexdigest()[:16]
    lines = Lines((folder or store_folder()) / f"speed-{key}.jsonl")
    known = {record["id"]: record for record in lines.read()}
    order = random.Random(1)
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(Worker(extractor, timeout)) for extractor in extractors]
        warm = False
        for page in track(sample, len(sample), "pages timed"):
            if page.id in known:
                continue
            task = task_of(page)
            if not warm:  # imports and loads what is used later
                for worker in workers:
                    worker.run(task)
                warm = True
            record: dict[str, Any] = {"id": page.id, "bytes": len(page.html), "extractors": {}}
            for worker in order.sample(workers, len(workers)):
                answer = worker.run(task)
                record["extractors"][worker.extractor.name] = {
                    "cpu": timeout if answer.cpu is None else answer.cpu,
                    "peak_kib": answer.peak_kib or 0,
                    "start_cpu": worker.start_cpu,
                    "start_kib": worker.start_kib,
                }
            known[page.id] = record
            lines.add(record)
    return [known[page.id] for page in sample]
