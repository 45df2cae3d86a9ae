"""Spark: a column of pages to a column of results, and a job from WARC files to Parquet.

The job is `python -m detector.spark OUT WARC...`. Needs the extra `[spark]`, and `[warc]` for the
job. The bundle is loaded once in each Python worker.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from detector.batch.parquet import write_file
from detector.batch.records import Record, Recorder
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

_UNFINISHED: Final = ".new"


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
        from pyspark.sql.functions import pandas_udf  # type: ignore[attr-defined, misc, untyped-decorator, unused-ignore]
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
    again over the same inputs. An input that can't be read is counted, and has no file.

    Args:
        spark: the session to run in.
        warcs: paths that every worker can open, or addresses that pyarrow knows, such as `s3://`.
        output: folder that every worker and this process can write to, or such an address. One
            job at a time may write there.

    Returns:
        Counts: files, done before, unread, pages, errors, consent (pages with a banner).
    """
    paths = spark.sparkContext.parallelize(list(warcs), max(len(warcs), 1))
    totals = dict.fromkeys(("files", "done before", "unread", "pages", "errors", "consent"), 0)
    for counts in paths.map(functools.partial(_write, output)).collect():
        for name, count in counts.items():
            totals[name] += count
    _sweep(output)
    return totals


class _Unread(Exception):
    """An input can't be opened or fetched."""


def _write(output: str, warc: str) -> dict[str, int]:
    """The Parquet file of one WARC file, named after it and its whole path."""
    files, folder = _place(output)
    digest = hashlib.sha256(warc.encode()).hexdigest()[:12]
    name = f"{PurePosixPath(warc.partition('?')[0]).name}-{digest}.parquet"
    target = f"{folder}/{name}"
    if files.get_file_info(target).is_file:
        return {"files": 1, "done before": 1}
    files.create_dir(folder)
    # Named at random: Spark may try a file again while another worker still tries it.
    new = f"{folder}/.{name}.{secrets.token_hex(4)}{_UNFINISHED}"
    counts = {"files": 1, "pages": 0, "errors": 0, "consent": 0}

    def counted() -> Iterator[Record]:
        for record in _records(Recorder(_detector(), JOB_FIELDS), warc):
            counts["pages"] += 1
            counts["errors"] += "error" in record
            counts["consent"] += bool(record.get("banners"))
            yield record

    try:
        write_file(files, new, JOB_FIELDS, counted())
    except _Unread as error:
        print(f"detector.spark: {warc}: {error}", file=sys.stderr)
        return {"files": 1, "unread": 1}
    files.move(new, target)
    return counts


def _records(recorder: Recorder, warc: str) -> Iterator[Record]:
    with tempfile.TemporaryDirectory() as scratch:
        try:
            path = _local(warc, Path(scratch))
            yield from map(recorder, read_warc(path, warc, Skipped()))
        except OSError as error:
            raise _Unread(str(error)) from error


def _local(warc: str, scratch: Path) -> Path:
    """The WARC file as a path, fetched where it is not one."""
    if "://" not in warc:
        return Path(warc)
    from pyarrow.fs import LocalFileSystem, copy_files

    files, remote = _place(warc)
    path = scratch / PurePosixPath(remote).name
    copy_files(remote, str(path), source_filesystem=files, destination_filesystem=LocalFileSystem())
    return path


def _sweep(output: str) -> None:
    """Remove what workers that died have left behind."""
    from pyarrow.fs import FileSelector

    files, folder = _place(output)
    for found in files.get_file_info(FileSelector(folder, allow_not_found=True)):
        if found.base_name.endswith(_UNFINISHED):
            files.delete_file(found.path)


def _place(address: str) -> tuple[Any, str]:
    """The file system of a path or an address, and the path there."""
    from pyarrow.fs import FileSystem, LocalFileSystem

    if "://" in address:
        files, path = FileSystem.from_uri(address)
        return files, path
    return LocalFileSystem(), str(Path(address).absolute())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; returns the exit status, 1 where an input could not be read."""
    parser = argparse.ArgumentParser(
        prog="detector.spark", description=run.__doc__, fromfile_prefix_chars="@"
    )
    parser.add_argument("output", help="folder for the Parquet files")
    parser.add_argument("warcs", nargs="+", help="WARC files; @FILE reads them from a file's lines")
    options = parser.parse_args(arguments)
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        print(f"detector.spark: {error}: pip install 'detector[spark]'", file=sys.stderr)
        return 1
    spark = SparkSession.builder.appName("detector").getOrCreate()
    counts = run(spark, options.warcs, options.output)
    print(", ".join(f"{name}: {count:,}" for name, count in counts.items()))
    spark.stop()
    return 1 if counts["unread"] else 0


if __name__ == "__main__":
    from detector.spark import main as by_name  # workers find its functions by their module

    sys.exit(by_name())
