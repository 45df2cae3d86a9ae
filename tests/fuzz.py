"""`python tests/fuzz.py TARGET [libFuzzer's options]`: coverage-guided fuzzing, with atheris.

Seeded with the project's own pages; the targets are the functions of `TARGETS`. It ends with a
trace and the input in a file `crash-...` when something escapes that must not. The `warc` and
`bundle` targets write files: TMPDIR=/dev/shm makes them ten times as fast.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["detector"]):
    from detector import BundleError, Detector
    from detector.batch.items import Fault
    from detector.batch.warc import Skipped, read_warc
    from detector.bundle import MANIFEST
    from detector.model import DEFAULT_BUNDLE

from harmless import assert_harmless, markup
from lightgbm import Booster
from parts import assert_same_page, in_python
from warcs import response

from training.own import FOLDER

_SCRATCH: Final = Path(tempfile.mkdtemp())
_LABELS: Final = (None, "utf-8", "shift_jis", "utf-16", "iso-2022-jp", "gb18030", "no such")
_PIECE: Final = 1500
"""Bytes of a page that make a seed: what is said in small is found sooner."""


def detect(data: bytes) -> None:
    """Any bytes, in any encoding, give a page that can be asked for everything."""
    page = _shipped().detect(data, encoding=_LABELS[len(data) % len(_LABELS)])
    json.dumps(page.to_dict())
    html = page.html()
    html.encode("utf-8")
    assert_harmless(html)


def core(data: bytes) -> None:
    """What is compiled makes of any bytes what Python makes of them."""
    assert_same_page(data, _shipped(), _python())


def text(data: bytes) -> None:
    """Any text, lone surrogates and all, gives a page that can be asked for everything."""
    page = _shipped().detect_text(data.decode("utf-8", "surrogateescape"))
    json.dumps(page.to_dict())
    assert_harmless(page.html())
    shown = [block.text for block in page.blocks if block.label == "content"]
    assert page.text.split() == " ".join(shown).split()


def report(data: bytes) -> None:
    """No element or attribute of a page gets into its report."""
    detector = Detector(_small_bundle())
    html = detector.report(detector.detect(data, url="https://a.example/"))
    assert markup(html) <= _markup_of_reports()


def warc(data: bytes) -> None:
    """Any bytes give items; a fault has a reason."""
    path = _SCRATCH / "fuzzed.warc"
    path.write_bytes(data)
    for item in read_warc(path, "fuzzed.warc", Skipped()):
        assert not isinstance(item.page, Fault) or item.page.message


def bundle(data: bytes) -> None:
    """A bundle with one file altered, its digest put right, works or is refused with a reason.

    The first bytes say which file, where, and how many bytes go; the others come in their place.
    """
    folder, texts = _small_bundle(), _small_texts()
    which, *place, length = data[:4].ljust(4, b"\0")
    altered = sorted(texts)[which % len(texts)]
    start = int.from_bytes(place, "big") % (len(texts[altered]) + 1)
    files = {altered: texts[altered][:start] + data[4:] + texts[altered][start + length :]}
    if altered != MANIFEST:
        manifest = json.loads(texts[MANIFEST])
        manifest["files"][altered] = hashlib.sha256(files[altered]).hexdigest()
        files[MANIFEST] = json.dumps(manifest).encode()
    try:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        detector = Detector(folder)
        detector.detect(_FIRST).to_dict()
        detector.detect_text("We use cookies.\n\nIt rained, and then it did not.").to_dict()
    except BundleError:
        pass
    finally:
        for name in files:
            (folder / name).write_bytes(texts[name])


_FIRST: Final = b"<p>It rained.</p><div id=cookie>We use cookies.<button>Accept all</button></div>"


@cache
def _shipped() -> Detector:
    return Detector()


@cache
def _python() -> Detector:
    return in_python(Detector)  # type: ignore[no-any-return]


@cache
def _small_bundle() -> Path:
    """The shipped bundle with a round of each model and fifty scores: loaded in no time."""
    folder = _SCRATCH / "bundle"
    folder.mkdir()
    for name, content in _small_texts().items():
        (folder / name).write_bytes(content)
    return folder


@cache
def _small_texts() -> dict[str, bytes]:
    texts = {path.name: path.read_bytes() for path in DEFAULT_BUNDLE.iterdir()}
    manifest = json.loads(texts[MANIFEST])
    for name in manifest["files"]:
        if name.endswith(".txt"):
            model = Booster(model_str=texts[name].decode())
            texts[name] = model.model_to_string(num_iteration=1).encode()
        elif name.endswith(".tsv"):
            texts[name] = b"".join(texts[name].splitlines(keepends=True)[:50])
        manifest["files"][name] = hashlib.sha256(texts[name]).hexdigest()
    texts[MANIFEST] = json.dumps(manifest).encode()
    return texts


@cache
def _markup_of_reports() -> frozenset[str]:
    pages = [*_pages()[:12], _FIRST, b"", b"\xff\xfe"]
    return frozenset().union(*(markup(_shipped().report(_shipped().detect(p))) for p in pages))


def _pages() -> list[bytes]:
    return [path.read_bytes() for path in sorted(FOLDER.glob("*.html"))]


def _pieces() -> list[bytes]:
    """Of each page its start, and a piece of its middle."""
    return [p[start:][:_PIECE] for p in _pages() for start in (0, p.find(b"<", len(p) // 2))]


def _texts() -> list[bytes]:
    read = map(_shipped().detect, _pages())
    return ["\n".join(block.text for block in page.blocks).encode()[-_PIECE:] for page in read]


def _archives() -> list[bytes]:
    records = [response("https://a.example/", page[:300]) for page in _pieces()[:20]]
    return [records[0] + records[1], *records, *map(gzip.compress, records)]


def _alterations() -> list[bytes]:
    return [bytes([number, number, 0, 7]) + b"0" * number for number in range(20)]


TARGETS: Final[dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]]] = {
    "detect": (detect, _pieces),
    "core": (core, _pieces),
    "text": (text, _texts),
    "report": (report, _pieces),
    "warc": (warc, _archives),
    "bundle": (bundle, _alterations),
}
"""What is fuzzed, and the seeds in the form that it reads."""


def main() -> None:
    """Fuzz what the command line says."""
    name, *options = sys.argv[1:]
    target, seeds = TARGETS[name]
    corpus = _SCRATCH / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds()):
        (corpus / f"{number:03}").write_bytes(seed)
    # The first folder is where new inputs go: one that is named keeps them for another run.
    atheris.Setup([sys.argv[0], *options, str(corpus)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
