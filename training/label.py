"""`python -m training.label DIR`: correct the model's labels in a browser, on this machine alone.

Serves the pages of a folder on localhost, the most uncertain first, as their blocks with the labels
they have: those saved beside them, or else the model's. Every change is saved to `<name>.json`, in
the form of `docs/retrain.md`. Nothing of a page is shown but its text.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import unquote

import numpy as np
from lxml import etree

from detector.detector import Detector
from detector.errors import DetectorError
from detector.page import Block, Page
from detector.selectors import Paths
from training.consent.rows import KIND_CLASS
from training.corpora import CorpusError
from training.corpora.page import read_bytes
from training.pageset import form_fault, page_paths
from training.progress import track

DOCUMENT: Final = Path(__file__).with_name("label.html")
MOST_BYTES: Final = 16 << 20


class PageLabels:
    """The pages of a folder and their labels, on disk."""

    def __init__(self, folder: Path, detector: Detector) -> None:
        self.folder = folder
        self._detector = detector
        self._lock = Lock()
        paths = page_paths(folder)
        doubt = {
            path.stem: self._doubt(path) for path in track(paths, len(paths), "pages detected")
        }
        self.names = sorted(doubt, key=lambda name: (-doubt[name], name))

    def _doubt(self, path: Path) -> float:
        """Share of a page's words that the model expects to label wrongly."""
        page = self._detect(path, _fields(path))
        words = np.array([len(block.text.split()) for block in page.blocks], np.float64)
        chance = np.array([block.probability for block in page.blocks])
        return float((words * np.minimum(chance, 1 - chance)).sum() / max(words.sum(), 1))

    def _detect(self, path: Path, fields: dict[str, Any]) -> Page:
        return self._detector.detect(
            read_bytes(path), url=fields.get("url"), encoding=fields.get("encoding")
        )

    def overview(self) -> list[dict[str, Any]]:
        """Every page's name, the most uncertain first, and whether it has labels."""
        return [
            {"name": name, "labelled": "blocks" in _fields(self.folder / f"{name}.html")}
            for name in self.names
        ]

    def show(self, name: str) -> dict[str, Any]:
        """A page as the browser gets it: its blocks, its consent roots and their controls."""
        path = self.folder / f"{name}.html"
        fields = _fields(path)
        page = self._detect(path, fields)
        labels = _labels(page, fields)
        roots = fields["consent"] if "consent" in fields else _roots(page)
        inside = _root_of(page, roots)
        return {
            "name": name,
            "title": page.title,
            "url": page.url,
            "blocks": [
                {
                    "text": b.text,
                    "label": label,
                    "doubt": min(b.probability, 1 - b.probability),
                    "root": root,
                }
                for b, label, root in zip(page.blocks, labels, inside, strict=True)
            ],
            "roots": [_with_controls(page, root) for root in roots],
        }

    def save(self, name: str, given: dict[str, Any]) -> None:
        """Write a page's labels: `labels` of its blocks, in order, and its consent `roots`.

        Blocks that are consent and stand in no root make one of their own: the largest element
        that holds consent alone.

        Raises:
            ValueError: what was given has another form.
        """
        path = self.folder / f"{name}.html"
        with self._lock:
            fields = _fields(path)
            page = self._detect(path, fields)
            labels, roots = given.get("labels"), given.get("roots")
            if not isinstance(labels, list) or len(labels) != len(page.blocks):
                raise ValueError("labels is no list of a label for each block")
            if not isinstance(roots, list):
                raise ValueError("roots is no list")
            pairs = [[label, b.text] for label, b in zip(labels, page.blocks, strict=True)]
            fields = {**fields, "blocks": pairs, "consent": roots}
            fields.pop("gold", None)
            if fault := form_fault(fields):
                raise ValueError(fault)
            fields["consent"] = [*roots, *_new_roots(page, labels, roots)]
            temporary = path.with_suffix(".json.new")
            text = json.dumps(fields, ensure_ascii=False, indent=1) + "\n"
            temporary.write_text(text, "utf-8")
            temporary.replace(path.with_suffix(".json"))


def _fields(path: Path) -> dict[str, Any]:
    labels = path.with_suffix(".json")
    found: dict[str, Any] = json.loads(labels.read_text("utf-8")) if labels.exists() else {}
    return found


def _labels(page: Page, fields: dict[str, Any]) -> list[str]:
    """The saved label of each block, by its text; the model's where there is none."""
    saved = defaultdict(list)
    for label, text in fields.get("blocks", ()):
        saved[text].append(label)
    return [saved[b.text].pop(0) if saved[b.text] else b.label for b in page.blocks]


def _roots(page: Page) -> list[dict[str, Any]]:
    return [
        {
            "xpath": banner.xpath,
            "kind": banner.kind if banner.kind in KIND_CLASS else "banner",
            "buttons": [{"xpath": b.xpath, "role": b.role} for b in banner.buttons],
        }
        for banner in page.banners
    ]


def _at(page: Page, xpath: str) -> etree._Element | None:
    """The element at a path."""
    found = page._table.elements[0].getroottree().xpath(xpath)
    first = found[0] if isinstance(found, list) and found else None
    return first if isinstance(first, etree._Element) else None


def _root_of(page: Page, roots: Sequence[dict[str, Any]]) -> list[int]:
    """The number of the root that each block stands in, -1 for none."""
    numbers = {_at(page, root["xpath"]): number for number, root in enumerate(roots)}
    return [
        next((numbers[each] for each in _up(_element_of(block)) if each in numbers), -1)
        for block in page.blocks
    ]


def _with_controls(page: Page, root: dict[str, Any]) -> dict[str, Any]:
    """A root, its text, and every control in it with the role that it has, or none."""
    roles = {button["xpath"]: button["role"] for button in root.get("buttons", ())}
    element = _at(page, root["xpath"])
    paths = Paths(page._table.elements[0])
    controls = []
    for each in () if element is None else element.iter("*"):
        is_control = each.tag in ("button", "a") or each.get("role") == "button"
        is_control |= each.tag == "input" and each.get("type") in ("button", "submit")
        xpath = paths.xpath(each)
        if is_control or xpath in roles:
            text = _text(each) or each.get("value") or str(each.tag)
            controls.append({"xpath": xpath, "text": text, "role": roles.get(xpath, "")})
    text = "" if element is None else _text(element)[:400]
    return {"xpath": root["xpath"], "kind": root["kind"], "text": text, "controls": controls}


def _text(element: etree._Element) -> str:
    return " ".join(" ".join(map(str, element.itertext())).split())


def _new_roots(
    page: Page, labels: Sequence[str], roots: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Roots around the consent blocks that stand in none."""
    other = [b for b, label in zip(page.blocks, labels, strict=True) if label != "consent"]
    outside = {above for block in other for above in _up(_element_of(block))}
    known: list[etree._Element] = []
    made: list[dict[str, Any]] = []
    inside = _root_of(page, roots)
    for block, label, root in zip(page.blocks, labels, inside, strict=True):
        above = _up(_element_of(block))
        if label == "consent" and root < 0 and not any(each in known for each in above):
            largest = _largest(block, outside)
            known.append(largest)
            made.append({"xpath": _xpath_of(block, largest), "kind": "banner", "buttons": []})
    return made


def _largest(block: Block, outside: set[etree._Element]) -> etree._Element:
    """The largest element around a block that holds nothing else than consent."""
    best = _element_of(block)
    for above in _up(_element_of(block)):
        if above in outside:
            break
        best = above
    return best


def _element_of(block: Block) -> etree._Element:
    assert block._element is not None  # it is of an HTML page
    return block._element


def _xpath_of(block: Block, element: etree._Element) -> str:
    assert block._paths is not None
    return block._paths.xpath(element)


def _up(element: etree._Element) -> list[etree._Element]:
    return [element, *element.iterancestors()]


class _Handler(BaseHTTPRequestHandler):
    labels: PageLabels
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The document, the list of pages, or a page."""
        if not self._is_local():
            return
        if self.path == "/":
            self._answer(HTTPStatus.OK, DOCUMENT.read_bytes(), "text/html; charset=utf-8")
        elif self.path == "/pages":
            self._json(self.labels.overview())
        elif name := self._name():
            self._json(self.labels.show(name))

    def do_POST(self) -> None:
        """Save a page's labels; answers with the page as it now is."""
        if not self._is_local() or not (name := self._name()):
            return
        size = int(self.headers.get("Content-Length") or 0)
        kind = self.headers.get("Content-Type") or ""
        # A page elsewhere can't send this type without asking first, and is not answered.
        if kind != "application/json" or not 0 < size <= MOST_BYTES:
            self._answer(HTTPStatus.BAD_REQUEST, b"labels as JSON are expected", "text/plain")
            return
        try:
            self.labels.save(name, dict(json.loads(self.rfile.read(size))))
        except (ValueError, TypeError) as error:
            self._answer(HTTPStatus.BAD_REQUEST, str(error).encode(), "text/plain")
            return
        self._json(self.labels.show(name))

    def log_message(self, format: str, *values: Any) -> None:
        """Say nothing: what is saved is in the files."""

    def _is_local(self) -> bool:
        # Another site's name may be made to lead here; it does not come with our host.
        host, _, port = (self.headers.get("Host") or "").partition(":")
        own = host in ("127.0.0.1", "localhost") and port == str(self.connection.getsockname()[1])
        if not own:
            self._answer(HTTPStatus.FORBIDDEN, b"not this host", "text/plain")
        return own

    def _name(self) -> str:
        name = unquote(self.path.removeprefix("/page/"))
        if self.path.startswith("/page/") and name in self.labels.names:
            return name
        self._answer(HTTPStatus.NOT_FOUND, b"no such page", "text/plain")
        return ""

    def _json(self, value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False).encode()
        self._answer(HTTPStatus.OK, text, "application/json")

    def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


def serve(labels: PageLabels, port: int) -> ThreadingHTTPServer:
    """A server on localhost, not yet running. Raises OSError where the port is taken."""
    handler = type("Handler", (_Handler,), {"labels": labels})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.label", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path, help="a folder of HTML files")
    parser.add_argument("--model", type=Path, help="directory of another model bundle")
    parser.add_argument("--port", type=int, default=8765, help="(%(default)s)")
    options = parser.parse_args(arguments)
    try:
        server = serve(PageLabels(options.folder, Detector(options.model)), options.port)
    except OSError as error:
        print(f"label: port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    except (CorpusError, DetectorError, ValueError) as error:
        print(f"label: {error}", file=sys.stderr)
        return 1
    print(f"http://127.0.0.1:{server.server_address[1]}/ (Ctrl-C ends)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
