"""Spark: a column of pages to a column of results, and a job from WARC files to Parquet.

The job is `python -m detector.spark OUT WARC...`. Needs the extra `[spark]`, and `[warc]` for the
job. The bundle is loaded once in each Python worker.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from detector.batch.parquet import Parquet
from detector.batch.records import Recorder
from detector.batch.warc import Skipped, read_warc
from detector.detector import Detector
from detector.errors import DetectorError

if TYPE_CHECKING:
    import pandas
    from pyspark.sql import Column, SparkSession

COLUMN_TYPE: Final = "struct<title:string,text:string,language:string,banner:boolean,wall:boolean>"
"""What `detect_column` makes of a page; null of what is no page."""

JOB_FIELDS: Final = ("place", "url", "title", "text", "language", "banners", "is_consent_wall")
"""What the job writes of a page; see `detector batch`."""


@functools.cache
def _detector() -> Detector:
    return Detector()


def detect_column(html: Column) -> Column:
    """Detect a column of HTML, of strings or binary; the result is a column of `COLUMN_TYPE`.

    Raises:
        DetectorError: pyspark or pandas is not installed.
    """
    try:
        import pandas
        from pyspark.sql.functions import pandas_udf  # type: ignore[misc, untyped-decorator, unused-ignore]
    except ImportError as error:
        message = f"detect_column needs pyspark and pandas ({error}): pip install 'detector[spark]'"
        raise DetectorError(message) from error

    def detect(pages: pandas.Series) -> pandas.DataFrame:
        return pandas.DataFrame([_row(page) for page in pages], columns=list(_NAMES))

    # Spark reads the types from the annotations, which are strings here.
    detect.__annotations__ = {"pages": pandas.Series, "return": pandas.DataFrame}
    column: Column = pandas_udf(detect, COLUMN_TYPE)(html)
    return column


_NAMES: Final = ("title", "text", "language", "banner", "wall")


def _row(html: bytes | str | None) -> tuple[Any, ...]:
    if html is None:
        return (None,) * len(_NAMES)
    page = _detector().detect(bytes(html) if isinstance(html, bytearray) else html)
    return page.title, page.text, page.language, page.banner is not None, page.is_consent_wall


def run(spark: SparkSession, warcs: Sequence[str], output: str) -> dict[str, int]:
    """Write a Parquet file for each WARC file into a folder; one that is there is left alone.

    A file appears whole or not at all, whatever becomes of a worker, so that the job can be run
    again over the same inputs.

    Args:
        spark: the session to run in.
        warcs: paths that every worker can open.
        output: folder that every worker can write to.

    Returns:
        Counts: files, done before, pages, errors, consent (pages with a banner).
    """
    paths = spark.sparkContext.parallelize(list(warcs), max(len(warcs), 1))
    work = functools.partial(_write, Path(output))
    totals = dict.fromkeys(("files", "done before", "pages", "errors", "consent"), 0)
    for counts in paths.map(work).collect():
        for name, count in counts.items():
            totals[name] += count
    return totals


def _write(folder: Path, warc: str) -> dict[str, int]:
    """The Parquet file of one WARC file, named after it and its whole path."""
    digest = hashlib.sha256(warc.encode()).hexdigest()[:12]
    target = folder / f"{Path(warc).name}-{digest}.parquet"
    if target.exists():
        return {"files": 1, "done before": 1}
    folder.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(_detector(), JOB_FIELDS)
    counts = {"files": 1, "pages": 0, "errors": 0, "consent": 0}
    output = Parquet.fresh(target, JOB_FIELDS)
    for record in _records(recorder, warc):
        output.write(record)
        counts["pages"] += 1
        counts["errors"] += "error" in record
        counts["consent"] += bool(record.get("banners"))
    output.finish()
    return counts


def _records(recorder: Recorder, warc: str) -> Iterator[dict[str, Any]]:
    return map(recorder, read_warc(Path(warc), warc, Skipped()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; returns the exit status."""
    parser = argparse.ArgumentParser(prog="detector.spark", description=run.__doc__)
    parser.add_argument("output", help="folder for the Parquet files")
    parser.add_argument("warcs", nargs="+", help="WARC files")
    options = parser.parse_args(arguments)
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        print(f"detector.spark: {error}: pip install 'detector[spark]'", file=sys.stderr)
        return 1
    spark = SparkSession.builder.appName("detector").getOrCreate()
    print(run(spark, options.warcs, options.output))
    spark.stop()
    return 0


if __name__ == "__main__":
    from detector.spark import main as by_name  # workers find its functions by their module

    sys.exit(by_name())
