from __future__ import annotations

import json
from collections import defaultdict

import numpy as np
import pytest

from detector.consent.banner import describe
from detector.consent.model import ConsentModel
from detector.consent.roots import find_roots
from training.consent.buttons import page_button_rows
from training.consent.fit import ROOT_COLUMNS, page_weights
from training.consent.graft import GRAFTED, SHORT_BANNERS, grafted_rows
from training.consent.labels import (
    FOLDER,
    ButtonLabel,
    ConsentLabels,
    ConsentPage,
    RootLabel,
    read_labels,
    rendered_folder,
    rendered_pages,
)
from training.consent.recipe import choose_thresholds, fit_files
from training.consent.rows import context_of, root_rows

ROLES = {"accept_all", "reject_all", "save", "settings", "close", "info_link"}


def test_labels_are_well_formed() -> None:
    for name in ("real", "rendered"):
        labels = read_labels(name)
        assert len({each.page for each in labels}) == len(labels)
        for each in labels:
            assert len(each.sha256) == 64
            for root in each.roots:
                assert root.xpath.startswith(("/html", "/*"))
                assert {button.role for button in root.buttons} <= ROLES


def test_no_site_is_in_two_folds() -> None:
    folds = defaultdict(set)
    for each in read_labels("real"):
        folds[each.group].add(each.fold)
    assert all(len(found) == 1 for found in folds.values())


def test_label_files_hold_no_text() -> None:
    for name in ("real", "rendered"):
        for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            assert "text" not in row
            assert all("text" not in button for root in row["roots"] for button in root["buttons"])


def page(number: int, *, banner: bool) -> ConsentPage:
    ask = (
        f"<div class=b{number}><p>We use cookies to measure our visits on page {number}.</p>"
        "<button>Accept all</button><button>Reject all</button></div>"
    )
    story = "<p>A long story about bread and a cookie jar, told at length by the baker.</p>" * 3
    markup = f"<html><body><main>{story}</main>{ask if banner else ''}</body></html>"
    root = RootLabel(
        "/html/body/div",
        "banner",
        None,
        "en",
        None,
        (
            ButtonLabel("/html/body/div/button[1]", "accept_all", None),
            ButtonLabel("/html/body/div/button[2]", "reject_all", None),
        ),
    )
    labels = ConsentLabels(
        f"own/{number}", "", f"{number}.example", "en", 0, "banner", (root,) if banner else (), (),
        (), (),
    )  # fmt: skip
    html = markup.encode()
    return ConsentPage(f"own/{number}", "own", html, None, f"{number}.example", None, labels, None)


def test_rows_mark_the_labelled_root() -> None:
    rows = root_rows(page(1, banner=True))
    assert rows.matrix.shape[1] == len(ROOT_COLUMNS)
    assert (rows.target == 1).sum() == 1
    assert rows.iou.max() == 1.0
    controls = page_button_rows(page(1, banner=True))
    assert controls.target.tolist() == [1, 2]


def test_a_model_fitted_on_banners_finds_them() -> None:
    pages = [page(number, banner=number % 2 == 0) for number in range(60)]
    files = fit_files([root_rows(p) for p in pages], [page_button_rows(p) for p in pages], 0)
    again = fit_files([root_rows(p) for p in pages], [page_button_rows(p) for p in pages], 0)
    assert files == again
    model = ConsentModel.from_files(
        files, {"consent_banner": 0.5, "consent_reopen": 0.5, "consent_button": 0.3}
    )
    evidence, roots = find_roots(context_of(page(100, banner=True)), model)
    assert evidence is not None
    (found,) = describe(evidence, roots, model)
    assert found.xpath == "/html/body/div"
    reject = found.preferred("reject")
    assert reject is not None
    assert reject.text == "Reject all"
    assert find_roots(context_of(page(101, banner=False)), model)[1] == ()


def test_of_thresholds_that_are_as_good_the_middle_one_is_chosen() -> None:
    rows = [root_rows(page(number, banner=True)) for number in range(4)]

    def probable(values: list[float]) -> list[np.ndarray]:
        found = [np.tile([1.0, 0.0, 0.0, 0.0], (len(row.matrix), 1)) for row in rows]
        for each, row, value in zip(found, rows, values, strict=True):
            each[row.iou[:, 0].argmax()] = 1 - value, value, 0.0, 0.0
        return found

    assert choose_thresholds(rows, probable([0.9] * 4))["consent_banner"] == 0.5
    assert choose_thresholds(rows, probable([0.9, 0.9, 0.9, 0.42]))["consent_banner"] == 0.4


def test_each_banner_is_moved_and_quoted_within_its_fold() -> None:
    pages = [page(number, banner=number < 2) for number in range(6)]
    rows = grafted_rows(pages, [0, 1, 0, 0, 1, 1], 0)
    made = 2 + SHORT_BANNERS
    assert [fold for fold, _ in rows] == [0] * made + [1] * made
    hosts = {0: {"2.example", "3.example"}, 1: {"4.example", "5.example"}}
    for fold, row in rows:
        assert row.page.set == GRAFTED
        assert row.page.site in hosts[fold]
    for (_, moved), (_, quoted) in zip(rows[::made], rows[1::made], strict=True):
        assert (moved.target == 1).sum() == 1
        assert len(quoted.target)
        assert not quoted.target.any()


def test_the_same_seed_makes_the_same_pages() -> None:
    pages = [page(number, banner=number == 0) for number in range(4)]
    one, other = (grafted_rows(pages, [0] * 4, 3) for _ in range(2))
    for (_, a), (_, b) in zip(one, other, strict=True):
        assert np.array_equal(a.matrix, b.matrix)


def test_snapshots_weigh_by_tool() -> None:
    if not rendered_folder().is_dir():
        pytest.skip("needs the rendered snapshots in ../shared")
    one = next(rendered_pages())
    rows = root_rows(one)
    assert np.allclose(page_weights([rows] * 24), 0.5)
