"""The compiled parts, where they are in use: `WALK` and others, and a word on them for `--version`.

They do what Python and numpy do elsewhere, faster and with the same results, and are optional:
where they were not built, or where lxml has another libxml2 than they were built for (they read
its structs), the Python code does the work. The environment variable `DETECTOR_CORE=python`
chooses that outright; it is read once, when the package is imported.
"""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from types import ModuleType
from typing import Final

from lxml import etree

from detector.errors import DetectorError

CORE_VARIABLE: Final = "DETECTOR_CORE"


def check_choice() -> None:
    """Raise DetectorError where the environment asks for what there is not."""
    choice = os.environ.get(CORE_VARIABLE, "")
    if choice not in ("", "python"):
        raise DetectorError(f"{CORE_VARIABLE} is {choice!r}; it can be 'python', or unset")


def _load(name: str) -> ModuleType | None:
    if os.environ.get(CORE_VARIABLE):
        return None
    with warnings.catch_warnings():
        # Of an object of lxml's that is larger than it was: it may be laid out otherwise, too.
        warnings.simplefilter("error", RuntimeWarning)
        try:
            return import_module(f"detector.{name}")
        # Besides ImportError what Cython raises where lxml's API is not what it was built for.
        except (ImportError, TypeError, ValueError, RuntimeWarning):
            return None


def _load_for_nodes(name: str) -> ModuleType | None:
    """A part that reads libxml2's structs."""
    module = _load(name)
    return module if module and etree.LIBXML_VERSION[:2] == module.LIBXML else None


BYTES: Final = _load("_bytes")
WALK: Final = _load_for_nodes("_walk")
ATTRIBUTES: Final = _load("_attributes") if WALK else None
BLOCKS: Final = _load("_blocks")
FOREST: Final = _load("_forest")
DECIDE: Final = _load("_decide")
TEXT: Final = _load("_text")
NAMES: Final = _load("_names")
WORDS: Final = _load("_words")
TOPIC: Final = _load("_topic")
TREE: Final = _load("_tree")
MATRIX: Final = _load("_matrix")
REPETITION: Final = _load("_repetition")
SCORES: Final = _load("_scores")
LEXICON: Final = _load("_lexicon")
CONSENT: Final = _load("_consent")
CANDIDATES: Final = _load("_candidates")


_PARTS: Final = {
    "bytes": BYTES,
    "walk": WALK,
    "blocks": BLOCKS,
    "text": TEXT,
    "names": NAMES,
    "words": WORDS,
    "topic": TOPIC,
    "tree": TREE,
    "matrix": MATRIX,
    "repetition": REPETITION,
    "scores": SCORES,
    "lexicon": LEXICON,
    "consent": CONSENT,
    "candidates": CANDIDATES,
    "attributes": ATTRIBUTES,
    "forest": FOREST,
    "decide": DECIDE,
}


def complete() -> bool:
    """Whether all parts are in use."""
    return None not in _PARTS.values()


def description() -> str:
    """Which parts are in use, for people."""
    used = [name for name, module in _PARTS.items() if module is not None]
    return f"compiled: {', '.join(used) or 'nothing'}"
