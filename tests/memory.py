"""`python tests/memory.py PAGES [names]`: many different pages through one process.

Made of the project's own pages: no word, class or id of one is another's; with `names` each has
twenty elements and attributes of new names, too, which libxml2 keeps as long as the process lives.
Prints the resident memory in kB after every tenth of the pages.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from detector import Detector
from training.own import FOLDER

_WORD = re.compile(r"(?<![<\w/])\w+(?=[ \"<.,])")  # of a text or a value, no tag's name
_NEW_NAMES = 20


def pages(count: int, *, names: bool) -> Iterator[bytes]:
    """So many pages, each with its number at the end of every word and attribute's value."""
    own = [path.read_text("utf-8") for path in sorted(FOLDER.glob("*.html"))]
    for number in range(count):
        head, body, rest = own[number % len(own)].partition("<body")
        html = head + body + _WORD.sub(rf"\g<0>x{number}", rest)
        if names:
            new = (f"<x-{number}-{n} data-{number}-{n}=1>" for n in range(_NEW_NAMES))
            html += "".join(new)
        yield html.encode()


def resident() -> int:
    """Resident memory of this process in kB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def main() -> None:
    """Print what the docstring says."""
    count = int(sys.argv[1])
    detector = Detector()
    for number, html in enumerate(pages(count, names="names" in sys.argv), 1):
        detector.detect(html).to_dict()
        if number % (count // 10) == 0:
            print(number, resident(), flush=True)


if __name__ == "__main__":
    main()
