"""`detector batch`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from detector.batch.inputs import STANDARD_INPUT
from detector.batch.records import ABOUT, DEFAULT_FIELDS, FIELDS, Recorder
from detector.batch.run import SUFFIXES, Job, run
from detector.decide import MODES
from detector.detector import Detector
from detector.errors import DetectorError

_INTERRUPTED = 130  # what shells say of a command that Control-C has ended


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        job = Job(
            inputs=tuple(options.inputs),
            output=options.output,
            recorder=Recorder(Detector(options.model), options.fields, options.mode),
            workers=options.workers,
            resume=options.resume,
        )
        for name in job.inputs:
            if name != STANDARD_INPUT:
                Path(name).stat()
        if not run(job):
            print(f"detector batch: {job.output} is complete", file=sys.stderr)
    except OSError as error:
        return _fail(f"{error.filename or options.output}: {error.strerror or error}")
    except DetectorError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        print(f"\ndetector batch: stopped; --resume goes on with {options.output}", file=sys.stderr)
        return _INTERRUPTED
    return 0


def _fail(message: str) -> int:
    print(f"detector batch: {message}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="detector batch", description="Detect many pages, one record for each."
    )
    parser.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="+",
        help="a WARC file (.warc, .warc.gz), a folder of HTML or WARC files, JSON Lines with an "
        "html field (.jsonl, .jsonl.gz), an HTML file, or - for a list of such on standard input",
    )
    parser.add_argument(
        "-o",
        dest="output",
        metavar="OUT",
        type=_output,
        required=True,
        help=f"file to write: {', '.join(SUFFIXES)}",
    )
    parser.add_argument(
        "--fields",
        type=_fields,
        default=DEFAULT_FIELDS,
        help=f"what a record says, of {','.join((*ABOUT, *FIELDS))} ({','.join(DEFAULT_FIELDS)})",
    )
    parser.add_argument("--workers", type=_workers, default=1, help="processes (%(default)s)")
    parser.add_argument(
        "--resume", action="store_true", help="go on with an output whose batch was killed"
    )
    parser.add_argument(
        "--mode", choices=MODES, default="balanced", help="what to lean to in doubt (%(default)s)"
    )
    parser.add_argument("--model", type=Path, help="directory of another model bundle")
    return parser


def _output(name: str) -> Path:
    if not name.lower().endswith(SUFFIXES):
        raise argparse.ArgumentTypeError(f"{name!r} must end in {', '.join(SUFFIXES)}")
    return Path(name)


def _fields(names: str) -> tuple[str, ...]:
    fields = tuple(dict.fromkeys(name.strip() for name in names.split(",")))
    wrong = [name for name in fields if name not in FIELDS and name not in ABOUT]
    if wrong:
        raise argparse.ArgumentTypeError(f"there is no field {', '.join(map(repr, wrong))}")
    return fields


def _workers(number: str) -> int:
    workers = int(number)
    if workers < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return workers
