"""The table of extractors, and how each is called.

Every extractor runs in a process of its own (`worker.py`, or `node/worker.mjs`), so nothing here
imports one before it is asked to. All get the same decoded text of a page.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Final, Literal

NODE_FOLDER: Final = Path(__file__).parent / "node"


@dataclass(frozen=True, slots=True)
class Task:
    """What an extractor is given: a page as text, its address and language ("und": unknown)."""

    html: str
    url: str | None
    lang: str


Run = Callable[[Task], str]
"""A page -> what the extractor gives for it; raises whatever it raises."""


@dataclass(frozen=True, slots=True)
class Extractor:
    """A row of the table.

    Attributes:
        name: as tables show it.
        package: whose version names the results; "detector" for this project.
        runtime: what the worker is: this Python, or Node.
        output: what `load`'s function returns; HTML is turned to text block by block, untimed.
        load: imports the extractor; None for Node's, which `node/worker.mjs` holds.
        baseline: a bare parse, timed beside the others and scored nowhere.
    """

    name: str
    package: str
    load: Callable[[], Run] | None
    runtime: Literal["python", "node"] = "python"
    output: Literal["text", "html"] = "text"
    baseline: bool = False

    @property
    def remedy(self) -> str:
        """What to do where it is absent."""
        if self.runtime == "node":
            return f"npm install --prefix {NODE_FOLDER.relative_to(Path(__file__).parents[2])}"
        return "pip install 'detector[bench]' (pip 24 or newer)"

    def version(self) -> str | None:
        """The installed version; None where the extractor is absent."""
        if self.runtime == "node":
            package = NODE_FOLDER / "node_modules" / self.package / "package.json"
            if not shutil.which("node") or not package.is_file():
                return None
            return _node_version(package)
        try:
            return metadata.version(self.package)
        except metadata.PackageNotFoundError:
            return None


def _node_version(package: Path) -> str:
    import json

    return str(json.loads(package.read_text("utf-8"))["version"])


def _detector() -> Run:
    detect = import_module("detector").Detector().detect
    return lambda task: str(detect(task.html, url=task.url).text)


def _trafilatura(**options: Any) -> Run:
    extract = import_module("trafilatura").extract
    return lambda task: extract(task.html, url=task.url, **options) or ""


def _readability() -> Run:
    document = import_module("readability").Document
    return lambda task: str(document(task.html, url=task.url).summary())


def _resiliparse() -> Run:
    extract = import_module("resiliparse.extract.html2text").extract_plain_text
    return lambda task: str(extract(task.html, main_content=True))


_STOPLISTS: Final = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
}


def _justext() -> Run:
    module = import_module("justext")
    load = functools.cache(module.get_stoplist)

    def run(task: Task) -> str:
        # Its manual's way for a language without a stop list: an empty one, and both limits 0.
        name = "English" if task.lang == "und" else _STOPLISTS.get(task.lang)
        options = {} if name else {"stopwords_low": 0.0, "stopwords_high": 0.0}
        found = module.justext(task.html, load(name) if name else frozenset(), **options)
        return "\n\n".join(each.text for each in found if not each.is_boilerplate)

    return run


def _boilerpy3() -> Run:
    extractor = import_module("boilerpy3.extractors").ArticleExtractor()
    return lambda task: str(extractor.get_content(task.html))


def _newspaper() -> Run:
    module = import_module("newspaper")

    def run(task: Task) -> str:
        article = module.Article(task.url or "https://unknown.example/", fetch_images=False)
        article.download(input_html=task.html)
        article.parse()
        return str(article.text)

    return run


_GOOSE_WORDS: Final = {"ar": "Arabic", "ko": "Korean", "zh": "Chinese"}


def _goose() -> Run:
    module, words = import_module("goose3").Goose, import_module("goose3.text")

    @functools.cache
    def goose(lang: str) -> Any:
        # Its manual's way for languages that are cut into words otherwise.
        name = _GOOSE_WORDS.get(lang)
        own = {"stopwords_class": getattr(words, f"StopWords{name}")} if name else {}
        return module({"enable_image_fetching": False, **own})

    return lambda task: goose(task.lang).extract(raw_html=task.html).cleaned_text or ""


def _lxml() -> Run:
    module = import_module("lxml.html")
    options = {"encoding": "utf-8", "huge_tree": True}

    def run(task: Task) -> str:
        parser = module.HTMLParser(**options)
        module.document_fromstring(task.html.encode("utf-8", "replace"), parser=parser)
        return ""

    return run


def _resiliparse_parse() -> Run:
    tree = import_module("resiliparse.parse.html").HTMLTree

    def run(task: Task) -> str:
        tree.parse(task.html)
        return ""

    return run


OURS: Final = "detector"
EXTRACTORS: Final = (
    Extractor(OURS, "detector", _detector),
    Extractor("trafilatura", "trafilatura", _trafilatura),
    Extractor("trafilatura, fast", "trafilatura", functools.partial(_trafilatura, fast=True)),
    Extractor(
        "trafilatura, no comments",
        "trafilatura",
        functools.partial(_trafilatura, include_comments=False),
    ),
    Extractor("readability-lxml", "readability-lxml", _readability, output="html"),
    Extractor("resiliparse", "resiliparse", _resiliparse),
    Extractor("jusText", "justext", _justext),
    Extractor("boilerpy3", "boilerpy3", _boilerpy3),
    Extractor("newspaper4k", "newspaper4k", _newspaper),
    Extractor("goose3", "goose3", _goose),
    Extractor("Readability.js", "@mozilla/readability", None, runtime="node", output="html"),
    Extractor("defuddle", "defuddle", None, runtime="node", output="html"),
    Extractor("lxml parse", "lxml", _lxml, baseline=True),
    Extractor("resiliparse parse", "resiliparse", _resiliparse_parse, baseline=True),
)
BY_NAME: Final = {extractor.name: extractor for extractor in EXTRACTORS}
