"""From probabilities to scores and slices."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from detector.page_types import PAGE_TYPES
from training.crossval import cross_validate
from training.dataset import page_rows
from training.evaluate import table
from training.fit import Prediction
from training.own import own_labelled_pages
from training.scoring import (
    CUTS,
    MEASURES,
    WORDS,
    choose_cut,
    page_f1,
    slices_of,
    summary,
    text_of,
)

PAGES = own_labelled_pages()


def test_the_cut_is_one_of_the_choices() -> None:
    rows = [page_rows(page) for page in PAGES[:4]]
    types = np.eye(len(PAGE_TYPES))[0]
    perfect = [Prediction((page.coverage > 0.5).astype(float), types) for page in rows]
    cut = choose_cut(rows, perfect, np.ones(4))
    assert cut in CUTS
    for page, labelled, prediction in zip(rows, PAGES, perfect, strict=False):
        assert page_f1(labelled, text_of(page, prediction, cut)) > 0.97


def test_empty_gold_asks_for_an_empty_text() -> None:
    page = dataclasses.replace(PAGES[0], gold=None)
    assert page_f1(page, "") == 1.0
    assert page_f1(page, "something") == 0.0


def test_measures_are_those_of_the_sets() -> None:
    page = dataclasses.replace(own_labelled_pages()[0], with_=("a b",), without=("c",))
    gold = page.gold or ""
    for measure in (WORDS, MEASURES["aeb"]):
        rows = [measure.of_page(page, gold), measure.of_page(page, "")]
        assert measure.f1(np.array(rows[:1])) == pytest.approx(1.0)
        assert measure.f1(np.array(rows[1:])) == 0.0
    figures = np.array([MEASURES["traf"].of_page(page, "x a  b")])
    assert MEASURES["traf"].f1(figures) == 1.0
    assert MEASURES["traf"].row(figures) == {
        "precision": 1.0, "recall": 1.0, "f1": 1.0, "low": 1.0, "high": 1.0, "pages": 1,
    }  # fmt: skip
    assert set(WORDS.row([[0.5]])) == {"f1", "low", "high", "pages"}


def test_waddle_is_the_mean_of_its_languages() -> None:
    pages = [
        dataclasses.replace(PAGES[0], set="waddle", lang=lang) for lang in ("ru", "ru", "ru", "el")
    ]
    report = summary(np.array([0.6, 0.6, 0.6, 1.0]), slices_of(pages))
    assert report["waddle"]["f1"] == pytest.approx(0.8)
    assert report["waddle ru"]["pages"] == 3
    assert "| waddle el | 1 | 1.0000 |" in table(report)


def test_wcxb_is_sliced_by_type() -> None:
    pages = [dataclasses.replace(PAGES[0], set="wcxb", page_type=t) for t in ("forum", "article")]
    assert list(slices_of(pages)) == ["wcxb", "wcxb article", "wcxb forum"]


def test_cross_validation_scores_every_page() -> None:
    scored = cross_validate(PAGES[::4], seeds=1)
    assert [score.page for score in scored] == PAGES[::4]
    assert np.mean([score.f1 for score in scored]) > 0.5
