"""Spark, really running on two local cores."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyspark", reason="needs the extra detector[spark]")
pytest.importorskip("fastwarc", reason="WARC files need the extra detector[warc]")
pytest.importorskip("pyarrow", reason="needs the extra detector[parquet]")

import pyarrow.parquet as parquet
from warcs import response, zipped

from detector import Detector
from detector.batch.records import Recorder
from detector.batch.warc import Skipped, read_warc
from detector.spark import JOB_FIELDS, detect_column, run
from training.own import OwnPage

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.filterwarnings("ignore")  # pyspark's own


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = str(ROOT)
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


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """All rows of the files of a folder, in which there is nothing else."""
    rows = [row for path in folder.iterdir() for row in parquet.read_table(path).to_pylist()]
    return sorted(rows, key=lambda row: str(row["place"]))


def submit(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the job as its users do, with the `spark-submit` that pyspark brings."""
    import pyspark

    program = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    command = [str(program), "--master", "local[2]", "--conf", "spark.ui.enabled=false"]
    environment = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    return subprocess.run(
        [*command, str(ROOT / "examples" / "spark_job.py"), *arguments],
        capture_output=True,
        check=check,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        text=True,
    )


def test_the_job_as_it_is_submitted(
    tmp_path: Path, own: dict[str, OwnPage], shipped: Detector
) -> None:
    """Paths and addresses, a list in a file, an input that is not there; then all once more."""
    warcs = archives(tmp_path, own)
    addresses = [*warcs[:2], Path(warcs[2]).as_uri(), warcs[3]]
    output = tmp_path / "out"
    (tmp_path / "list").write_text("\n".join([*addresses, str(tmp_path / "none.warc.gz")]))
    done = submit(output.as_uri(), f"@{tmp_path / 'list'}", check=False)
    assert done.returncode == 1, done.stderr
    assert "none.warc.gz" in done.stderr
    assert "files: 5, done before: 0, unread: 1" in done.stdout
    recorder = Recorder(shipped, JOB_FIELDS)
    expected = [
        recorder(item)
        for path, address in zip(warcs, addresses, strict=True)
        for item in read_warc(Path(path), address, Skipped())
    ]
    found = rows_of(output)
    assert len(found) == len(expected)
    for row, record in zip(found, sorted(expected, key=itemgetter("place")), strict=True):
        assert row == {name: record.get(name) for name in row}
    assert sum(row["error"] is not None for row in found) == 1

    before = {path: path.stat().st_mtime_ns for path in output.iterdir()}
    done = submit(str(output), *addresses)
    assert "files: 4, done before: 4, unread: 0, pages: 0" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in output.iterdir()} == before


def test_a_worker_that_is_killed_costs_nothing(
    spark: Any, tmp_path: Path, own: dict[str, OwnPage]
) -> None:
    warcs = archives(tmp_path, own)
    once = tmp_path / "killed"
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
write = job._write
"""
    (tmp_path / "deadly.py").write_text(program)
    spark.sparkContext.addPyFile(str(tmp_path / "deadly.py"))
    output = tmp_path / "out"

    def arm(paths: Iterator[str]) -> Iterator[Any]:
        import deadly  # type: ignore[import-not-found]

        for path in paths:
            yield deadly.write(str(output), path)

    counts = spark.sparkContext.parallelize(warcs, 4).mapPartitions(arm).collect()
    assert once.exists()
    assert sum(each["pages"] for each in counts) == len(own)
    left = [path for path in output.iterdir() if path.name.startswith(".")]
    assert len(left) == 1  # what the dead one had begun
    assert run(spark, warcs, str(output))["done before"] == 4
    assert not left[0].exists()
    rows = rows_of(output)
    assert sorted(row["url"] for row in rows) == sorted(page.url for page in own.values())
