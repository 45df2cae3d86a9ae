"""`python tests/fuzz.py TARGET [libFuzzer's options]`: coverage-guided fuzzing, with atheris.

Seeded with the project's own pages; the targets are the functions of `TARGETS`. It ends with a
trace and the input in a file `crash-...` when something escapes that must not.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["detector"]):
    from detector import BundleError, Detector
    from detector.batch.items import Fault
    from detector.batch.warc import Skipped, read_warc
    from detector.model import DEFAULT_BUNDLE, load_model

import contextlib

from warcs import response

from training.own import FOLDER

_DETECTOR: Final = Detector()
_SCRATCH: Final = Path(tempfile.mkdtemp())


def detect(data: bytes) -> None:
    """Any bytes, in any encoding, give a page that can be asked for everything."""
    labels = (None, "utf-8", "shift_jis", "utf-16", "iso-2022-jp", "gb18030", "no such")
    page = _DETECTOR.detect(data, encoding=labels[len(data) % len(labels)])
    json.dumps(page.to_dict())
    page.html().encode("utf-8")


def warc(data: bytes) -> None:
    """Any bytes give items; a fault has a reason."""
    path = _SCRATCH / "fuzzed.warc"
    path.write_bytes(data)
    for item in read_warc(path, "fuzzed.warc", Skipped()):
        assert not isinstance(item.page, Fault) or item.page.message


def bundle(data: bytes) -> None:
    """A bundle with one file altered, its digest put right, loads or is refused with a reason."""
    folder = _SCRATCH / "bundle"
    folder.mkdir(exist_ok=True)
    names = sorted(path.name for path in DEFAULT_BUNDLE.iterdir())
    altered = names[data[0] % len(names)] if data else names[0]
    texts = {name: (DEFAULT_BUNDLE / name).read_bytes() for name in names}
    place = int.from_bytes(data[1:4], "big") % (len(texts[altered]) + 1)
    texts[altered] = texts[altered][:place] + data[4:] + texts[altered][place + len(data) :]
    if altered != "manifest.json":
        manifest = json.loads(texts["manifest.json"])
        manifest["files"][altered] = hashlib.sha256(texts[altered]).hexdigest()
        texts["manifest.json"] = json.dumps(manifest).encode()
    for name, text in texts.items():
        (folder / name).write_bytes(text)
    with contextlib.suppress(BundleError):
        load_model(folder)


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "detect": detect,
    "warc": warc,
    "bundle": bundle,
}


def seeds(target: str) -> list[bytes]:
    """The own pages, in the form that the target reads."""
    pages = [path.read_bytes() for path in sorted(FOLDER.glob("*.html"))]
    if target == "detect":
        return pages
    if target == "warc":
        records = [response("https://a.example/", page) for page in pages[:20]]
        return [records[0] + records[1], *records, *map(gzip.compress, records)]
    return [bytes([number, 0, number, 7]) + b"0" * number for number in range(20)]


def main() -> None:
    """Fuzz what the command line says."""
    name, *options = sys.argv[1:]
    corpus = _SCRATCH / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds(name)):
        (corpus / f"{number:03}").write_bytes(seed)
    atheris.Setup([sys.argv[0], str(corpus), *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
