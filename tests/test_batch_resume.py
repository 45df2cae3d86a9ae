"""A batch that is killed and gone on with is the batch that was never killed."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from warcs import response, zipped

from detector import Detector, Page
from detector.batch.outputs import GzippedLines, JsonLines, Written
from detector.batch.parquet import Parquet
from detector.batch.records import Recorder
from detector.batch.run import Job, run

pytest.importorskip("fastwarc", reason="WARC files need the extra detector[warc]")

FIELDS = ("place", "url", "title", "text", "warnings")
PAGE_SECONDS = 0.03  # a page takes at least this, so that no machine is done before its kills


class _Slow(Detector):
    def detect(self, html: Any, **options: Any) -> Page:
        time.sleep(PAGE_SECONDS)
        return super().detect(html, **options)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """An archive with damage in it, a folder, JSON Lines with a bad line, and the archive again."""
    folder = tmp_path_factory.mktemp("inputs")
    texts = [f"<h1>Page {number}</h1><p>{'Words of it. ' * 40}</p>" for number in range(200)]
    members = zipped([response(f"https://a.example/{n}", t.encode()) for n, t in enumerate(texts)])
    members[77] = members[77][:100]
    (folder / "a.warc.gz").write_bytes(b"".join(members))
    (folder / "pages").mkdir()
    for number in range(40):
        (folder / "pages" / f"{number:03}.html").write_text(texts[number])
    lines = [json.dumps({"html": text}) for text in texts[:150]]
    (folder / "lines.jsonl").write_text("\n".join([*lines[:9], "no page", *lines[9:]]))
    names = ("a.warc.gz", "pages", "lines.jsonl", "a.warc.gz")
    return tuple(str(folder / name) for name in names)


def content(path: Path) -> Any:
    if path.suffix == ".parquet":
        import pyarrow.parquet

        return pyarrow.parquet.read_table(path).to_pylist()
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def _start(job: Job) -> None:
    with Path(os.devnull).open("w") as quiet:
        os.dup2(quiet.fileno(), 2)
    os.setpgrp()
    run(job)


@pytest.mark.parametrize(
    ("name", "workers", "kills"),
    [("out.jsonl", 2, 50), ("out.jsonl.gz", 1, 12), ("out.parquet", 2, 12)],
)
def test_killed_at_random_moments(
    tmp_path: Path,
    inputs: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    workers: int,
    kills: int,
) -> None:
    if name.endswith(".parquet"):
        pytest.importorskip("pyarrow", reason="Parquet needs the extra detector[parquet]")
    for output in (JsonLines, GzippedLines, Parquet):
        monkeypatch.setattr(output, "interval", 0.03)
    slow = Recorder(_Slow(), FIELDS)
    slow.detector.detect(b"<p>loads what the children need</p>")
    fast = Recorder(Detector(), FIELDS)
    whole = tmp_path / f"whole-{name}"
    run(Job(inputs, whole, fast))
    target = tmp_path / name
    job = Job(inputs, target, slow, workers=workers, resume=True)
    chance = random.Random(name)
    fork = multiprocessing.get_context("fork")
    started = time.monotonic()
    first = fork.Process(target=_start, args=(job,))
    first.start()
    _until(lambda: _size(target) > 0)
    usual = time.monotonic() - started  # what this machine takes to come to its first records
    _kill(first)
    sizes = set()
    for _ in range(kills):
        process = fork.Process(target=_start, args=(job,))
        process.start()
        time.sleep(chance.uniform(0.0, 2 * usual))
        _kill(process)
        sizes.add(_size(target))
    assert len(sizes) >= 3  # the batch was moving on between them
    run(replace(job, recorder=fast))
    assert content(target) == content(whole)
    assert {each.name for each in tmp_path.iterdir()} == {name, f"whole-{name}"}


def _kill(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL


def _size(target: Path) -> int:
    parts = target.with_name(target.name + ".parts")
    size = 0
    for file in parts.glob("*.parquet") if target.suffix == ".parquet" else [target]:
        with suppress(FileNotFoundError):
            size += file.stat().st_size
    return size


@pytest.mark.parametrize("output", [JsonLines, GzippedLines])
def test_an_output_cut_at_any_byte_keeps_its_whole_records(
    tmp_path: Path, output: type[JsonLines]
) -> None:
    path = tmp_path / "out"
    sink = output(path, Written())
    for number in range(5):
        sink.write({"text": f"ünïcode {number}\n"})
        sink.flush()
    sink.finish()
    data = path.read_bytes()
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        again = output(path, Written())
        kept = again.written.records
        for number in range(kept, 5):
            again.write({"text": f"ünïcode {number}\n"})
        again.finish()
        found = gzip.decompress(path.read_bytes()) if output is GzippedLines else path.read_bytes()
        assert [json.loads(line)["text"] for line in found.split(b"\n")[:-1]] == [
            f"ünïcode {number}\n" for number in range(5)
        ]


def test_an_output_shorter_than_its_journal_says_is_counted_again(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('{"a":1}\n{"a":2}\n{"a"')
    output = JsonLines(path, Written(records=9, size=900))
    assert output.written == Written(2, 16)
    output.close()


def test_workers_end_with_a_killed_parent(tmp_path: Path, inputs: tuple[str, ...]) -> None:
    job = Job(inputs, tmp_path / "out.jsonl", Recorder(_Slow(), FIELDS), workers=3)
    process = multiprocessing.get_context("fork").Process(target=_start, args=(job,))
    process.start()
    assert process.pid is not None
    group = process.pid
    _until(lambda: len(_members(group)) == 4)
    _kill(process)
    _until(lambda: not _members(group))


def _members(group: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def _until(condition: Any) -> None:
    """Wait; a minute is what a hang is told by."""
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited for a minute")
