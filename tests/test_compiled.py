"""What is compiled gives what Python gives: the same tables, features and labels on every page."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from parts import assert_same_pages, needs_all

from detector import Detector
from detector.errors import DetectorError
from training.corpora import CorpusError, read_corpus
from training.own import OwnPage


@needs_all
def test_own_pages(shipped: Detector, own: dict[str, OwnPage]) -> None:
    assert_same_pages((page.html for page in own.values()), shipped)


@needs_all
@pytest.mark.parametrize("corpus", ["wcxb", "waddle", "zh", "aeb", "traf"])
def test_fetched_pages(corpus: str, shipped: Detector) -> None:
    try:
        pages = [page.html for page in read_corpus(corpus)]
    except CorpusError as error:
        pytest.skip(f"the page set is not here: {error}")
    sample = random.Random(1).sample(pages, 20)
    assert_same_pages(sample, shipped)


ROOT = Path(__file__).parents[1]


def run(code: str, **environment: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def test_python_by_choice() -> None:
    code = "import sys; from detector import compiled; print(compiled.description(), *sys.modules)"
    said, *modules = run(code, DETECTOR_CORE="python").split("nothing")
    assert said == "compiled: "
    assert "detector._walk" not in modules[0].split()


def test_unknown_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETECTOR_CORE", "rust")
    with pytest.raises(DetectorError, match="DETECTOR_CORE is 'rust'"):
        Detector()


@needs_all
def test_another_libxml2_is_not_walked() -> None:
    code = (
        "from lxml import etree\n"
        "etree.LIBXML_VERSION = (2, 99, 0)\n"
        "from detector import compiled\n"
        "print(compiled.WALK, compiled.description())"
    )
    parts = "bytes blocks text names words topic tree matrix repetition scores lexicon consent"
    parts = ", ".join(f"{parts} candidates forest decide".split())
    assert run(code) == f"None compiled: {parts}\n"
