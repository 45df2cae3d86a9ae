"""What `training.speed` prints beside the stages: start, cost by size of page, peak of memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from detector import Detector

SIZES: Final = (10_000, 100_000, 1_000_000, 5_000_000, 20_000_000)
LARGE: Final = 20_000_000
_ROUNDS: Final = 3

_PARAGRAPH: Final = (
    "<div class='entry c{0}'><h2>Part {0}</h2><p>Some words of part {0}, over and over, with a "
    "<a href='/p/{0}'>link {0}</a> in them; and 1,234 other things that nobody reads.</p>"
    "<ul><li><a href=/a{0}>One</a><li><a href=/b{0}>Two</a></ul></div>\n"
)


def generated(size: int) -> bytes:
    """A page of about so many bytes, of ever new words and names."""
    pieces, n = ["<title>Parts</title><body>"], 0
    while n < size:
        pieces.append(_PARAGRAPH.format(len(pieces)))
        n += len(pieces[-1])
    return "".join(pieces).encode()


def concatenated(pages: Sequence[bytes], size: int) -> bytes:
    """Pages one after the other, until there are so many bytes."""
    found: list[bytes] = []
    n = 0
    while n < size:
        found.append(pages[len(found) % len(pages)])
        n += len(found[-1])
    return b"".join(found)[:size]


def by_size(detector: Detector, pages: Sequence[bytes]) -> Iterator[tuple[int, float, float]]:
    """For each of `SIZES`: ms of CPU per MB of a generated page, and of real ones in a row."""
    for size in SIZES:
        costs = []
        for html in (generated(size), concatenated(pages, size)):
            spent = min(_seconds(detector, html) for _ in range(_ROUNDS))
            costs.append(spent * 1e9 / len(html))
        yield size, costs[0], costs[1]


def _seconds(detector: Detector, html: bytes) -> float:
    started = time.process_time()
    detector.detect(html)
    return time.process_time() - started


_PEAK: Final = """
import sys
from pathlib import Path
from detector.detector import detect
from detector.document import parse
from training.memory import peak_kib
detect("<p>We use cookies. <button>Accept</button>")
html = Path(sys.argv[2]).read_bytes()
found = {"parse": parse, "detect": detect}[sys.argv[1]](html)
print(peak_kib() * 1024)
"""


def peak_beyond_parse(html: bytes) -> int:
    """Bytes by which the peak of `detect` is above that of the parse, each in its own process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.html")
        path.write_bytes(html)
        peaks = [int(_run("-c", _PEAK, what, str(path))) for what in ("parse", "detect")]
    return peaks[1] - peaks[0]


def starts(page: Path) -> Iterator[tuple[str, float]]:
    """Seconds of CPU of short runs, each in a process of its own, the least of some."""
    runs = {
        "bare Python": ("-c", ""),
        "import numpy, lxml": ("-c", "import numpy, lxml.etree"),
        "import detector": ("-c", "import detector"),
        "and detect a page": (
            "-c",
            f"import detector; detector.detect(open({str(page)!r}, 'rb').read())",
        ),
        "the command": ("-m", "detector", str(page)),
    }
    for name, arguments in runs.items():
        yield name, min(_child_seconds(*arguments) for _ in range(_ROUNDS))


def _child_seconds(*arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(*arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _run(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run(command, env=env, capture_output=True, check=True, text=True).stdout
