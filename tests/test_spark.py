"""Spark, really running on two local cores."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyspark", reason="needs the extra detector[spark]")
pytest.importorskip("fastwarc", reason="WARC files need the extra detector[warc]")
pytest.importorskip("pyarrow", reason="needs the extra detector[parquet]")

import pyarrow.parquet as parquet
from warcs import response, zipped

from detector import Detector
from detector.spark import detect_column, run
from training.own import FOLDER, OwnPage

pytestmark = pytest.mark.filterwarnings("ignore")  # pyspark's own


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = str(FOLDER.parents[1])
    builder = SparkSession.builder.master("local[2, 4]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
    yield session
    session.stop()


def test_a_column_of_pages(spark: Any, shipped: Detector, own: dict[str, OwnPage]) -> None:
    pages = [page.html for page in own.values()][:30]
    frame = spark.createDataFrame([(page,) for page in [*pages, None]], "html binary")
    rows = frame.select(detect_column(frame.html).alias("found")).collect()
    expected = [shipped.detect(page) for page in pages]
    assert [row.found.text for row in rows[:-1]] == [page.text for page in expected]
    assert [row.found.banner for row in rows[:-1]] == [bool(page.banner) for page in expected]
    assert rows[-1].found.text is None


def archives(folder: Path, own: dict[str, OwnPage]) -> list[str]:
    pages = list(own.values())
    paths = []
    for number in range(4):
        records = [response(page.url, page.html) for page in pages[number::4]]
        data = b"".join(zipped(records))
        path = folder / f"{number}.warc.gz"
        path.write_bytes(data[:-50] if number == 3 else data)
        paths.append(str(path))
    return paths


def test_the_job_is_done_once_for_each_file(
    spark: Any, tmp_path: Path, own: dict[str, OwnPage]
) -> None:
    warcs = archives(tmp_path, own)
    output = tmp_path / "out"
    counts = run(spark, warcs[:2], str(output))
    assert counts["files"] == 2
    assert counts["errors"] == counts["done before"] == 0
    before = {path: path.stat().st_mtime_ns for path in output.iterdir()}
    counts = run(spark, warcs, str(output))
    assert counts["done before"] == 2
    assert counts["errors"] == 1
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    rows = [row for path in output.iterdir() for row in parquet.read_table(path).to_pylist()]
    assert sorted(row["url"] for row in rows) == sorted(page.url for page in own.values())
    assert sum(bool(row["banners"]) for row in rows) > counts["consent"] > 0


def test_a_worker_that_is_killed_costs_nothing(
    spark: Any, tmp_path: Path, own: dict[str, OwnPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    warcs = archives(tmp_path, own)
    (tmp_path / "bomb").mkdir()
    once = tmp_path / "bomb" / "killed"
    program = f"""
import os, signal
from pathlib import Path
import detector.spark as job
records = job._records
def deadly(recorder, warc):
    for number, record in enumerate(records(recorder, warc)):
        if number == 5 and not Path({str(once)!r}).exists():
            Path({str(once)!r}).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        yield record
job._records = deadly
"""
    (tmp_path / "bomb" / "deadly.py").write_text(program)
    spark.sparkContext.addPyFile(str(tmp_path / "bomb" / "deadly.py"))

    def arm(paths: Iterator[str]) -> Iterator[Any]:
        import deadly  # type: ignore[import-not-found]  # noqa: F401

        from detector.spark import _write

        for path in paths:
            yield _write(tmp_path / "out", path)

    counts = spark.sparkContext.parallelize(warcs, 4).mapPartitions(arm).collect()
    assert once.exists()
    assert sum(each["pages"] for each in counts) == len(own)
    rows = [
        row
        for path in (tmp_path / "out").glob("*.parquet")
        for row in parquet.read_table(path).to_pylist()
    ]
    assert sorted(row["url"] for row in rows) == sorted(page.url for page in own.values())
    assert len(list((tmp_path / "out").iterdir())) == 4
