"""Training from rows to a bundle, on the project's own pages."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from detector import BundleError, Detector
from training.boosting import TrainingError, import_lightgbm
from training.fit import Rows, row_weights
from training.own import own_labelled_pages, own_pages
from training.train import build_rows, main, pages_digest, shipped_parts, train


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trained") / "small"
    pages = own_labelled_pages()[::3]
    train(pages, shipped_parts(), path, seed=1)
    return path


def test_the_same_pages_and_seed_give_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    pages = own_labelled_pages()[::3]
    train(pages, shipped_parts(), tmp_path / "small", seed=1)
    files = sorted(path.name for path in bundle.iterdir())
    assert files == sorted(path.name for path in (tmp_path / "small").iterdir())
    for name in files:
        assert (bundle / name).read_bytes() == (tmp_path / "small" / name).read_bytes(), name


def test_a_trained_bundle_can_be_used(bundle: Path) -> None:
    detector = Detector(model=bundle)
    pages = list(own_pages())
    found = detector.detect(pages[0].html)  # one that it was trained on
    words = set(pages[0].gold.split())
    assert len(words & set(found.text.split())) > 0.8 * len(words)
    card = (bundle / "CARD.md").read_text()
    assert "pages of own" in card


def test_an_altered_model_is_refused(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "altered"
    copy.mkdir()
    for path in bundle.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    model = copy / "tokens.tsv"
    model.write_text(model.read_text().replace("\t", "\t "))
    with pytest.raises(BundleError, match=r"tokens\.tsv was altered"):
        Detector(model=copy)


def test_rows_are_weighed_by_their_share_of_words() -> None:
    pages = build_rows(own_labelled_pages()[:3])
    rows = Rows(pages)
    assert len(rows.label) == len(rows.words) == len(rows.static) == rows.start[-1]
    for page in pages:
        weights = row_weights(page)
        assert np.all(np.diff(weights[np.argsort(page.words)]) >= 0)


def test_own_labels_come_back_from_the_gold_text() -> None:
    """Aligning an own page's gold finds the blocks that were labelled by hand."""
    right = total = 0
    for page, rows in zip(own_pages(), build_rows(own_labelled_pages()), strict=True):
        labels = dict.fromkeys((text for _, text in page.blocks), "")
        labels |= {text: label for label, text in page.blocks}
        for text, share in zip(rows.texts, rows.coverage, strict=True):
            if len(text.split()) > 4:
                right += (share >= 0.5) == (labels[text] == "content")
                total += 1
    assert right / total > 0.98


def test_the_digest_names_the_pages() -> None:
    pages = own_labelled_pages()
    assert pages_digest(pages) == pages_digest(list(pages))
    assert pages_digest(pages) != pages_digest(pages[1:])


def test_without_page_sets_the_command_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DETECTOR_CACHE", str(tmp_path))
    assert main(["--output", str(tmp_path / "bundle")]) == 1
    assert "python -m training.fetch" in capsys.readouterr().err


def test_without_lightgbm_training_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(TrainingError, match="pip install lightgbm"):
        import_lightgbm()
