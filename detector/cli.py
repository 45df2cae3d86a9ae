"""The `detector` command."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import detector
from detector import compiled
from detector.decide import MODES
from detector.detector import Detector
from detector.encoding import codec_of, decode
from detector.errors import DetectorError
from detector.page import Block, Page

_COLOURS: Final = {"content": "32", "boilerplate": "90", "consent": "35"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0, 1 for input that can't be used, 2 for usage."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["batch"]:
        from detector.batch.command import main as batch

        return batch(arguments[1:])
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.text and (options.url or options.report or options.mode != "balanced"):
        parser.error("--url, --report and --mode are of web pages, not of --text")
    try:
        data = sys.stdin.buffer.read() if options.page == "-" else Path(options.page).read_bytes()
        known = Detector(options.model)
        found = _detect(known, data, options)
        if options.report:
            options.report.write_text(known.report(found, name=options.page), "utf-8")
    except OSError as error:
        return _fail(f"{error.filename or options.page}: {error.strerror or error}")
    except DetectorError as error:
        return _fail(str(error))
    for warning in found.warnings:
        print(f"detector: {options.page}: {warning.message}", file=sys.stderr)
    if options.report:
        return 0
    try:
        sys.stdout.write(_render(found, options))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _detect(known: Detector, data: bytes, options: argparse.Namespace) -> Page:
    if not options.text:
        return known.detect(data, url=options.url, encoding=options.encoding, mode=options.mode)
    codec = codec_of(options.encoding) if options.encoding else None
    if options.encoding and not codec:
        raise DetectorError(f"unknown encoding {options.encoding!r}")
    return known.detect_text(decode(data, codec)[0])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="detector",
        description="Print what a web page was made to say.",
        epilog="Many pages: detector batch --help. A file of that name can be given as ./batch.",
        formatter_class=argparse.RawDescriptionHelpFormatter,  # --version is one line
    )
    parser.add_argument("page", metavar="PAGE", help="an HTML file, or - for standard input")
    parser.add_argument(
        "--text", action="store_true", help="the file is text that was extracted, without markup"
    )
    parser.add_argument(
        "--format", choices=["text", "html", "json"], default="text", help="(%(default)s)"
    )
    parser.add_argument(
        "--blocks", action="store_true", help="show every block with its label and probability"
    )
    parser.add_argument(
        "--consent", action="store_true", help="print banners and their buttons as JSON"
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="OUT.html",
        help="write an HTML report instead: every block, its label and why",
    )
    parser.add_argument(
        "--mode", choices=MODES, default="balanced", help="what to lean to in doubt (%(default)s)"
    )
    parser.add_argument("--url", help="the page's address")
    parser.add_argument("--encoding", help="the charset that the transport named")
    parser.add_argument("--model", type=Path, help="directory of another model bundle")
    version = f"detector {detector.__version__} ({compiled.description()})"
    parser.add_argument("--version", action="version", version=version)
    return parser


def _fail(message: str) -> int:
    print(f"detector: {message}", file=sys.stderr)
    return 1


def _render(page: Page, options: argparse.Namespace) -> str:
    if options.consent:
        return json.dumps(page.consent_dict(), ensure_ascii=False, indent=1) + "\n"
    if options.format == "json":
        return json.dumps(page.to_dict(), ensure_ascii=False, indent=1) + "\n"
    if options.blocks:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        return "".join(_line(block, colour) for block in page.blocks)
    if options.format == "html":
        return page.html()
    return page.text + "\n" if page.text else ""


def _line(block: Block, colour: bool) -> str:
    text = block.text.replace("\n", " / ")
    line = f"{block.label:<11} {block.probability:.2f} {block.tag:<10} {text}"
    return f"\x1b[{_COLOURS[block.label]}m{line}\x1b[0m\n" if colour else line + "\n"
