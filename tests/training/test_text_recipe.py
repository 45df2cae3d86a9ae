from __future__ import annotations

import numpy as np

from detector.page import BOILERPLATE, CONSENT, CONTENT, LABELS
from detector.text.model import TEXT_THRESHOLDS
from training.corpora import LabelledPage
from training.text.evaluate import measures
from training.text.fit import fit_files, text_rows
from training.text.pages import text_page
from training.text.recipe import choose_decision, count, cross_fit, f1, given_labels
from training.text.simulate import LabelledText, fold_of

DECISION = {"text_consent": 0.5, "text_content": 0.5, "text_switch": 0.0}


def text(site: str) -> LabelledText:
    texts = ("The lake froze. It held.", "Home", "We use cookies.", "Accept all", "Cookie settings")
    label = np.array([CONTENT, BOILERPLATE, CONSENT, CONSENT, CONSENT], np.int8)
    reopen = np.array([0, 0, 0, 0, 1], bool)
    return LabelledText(f"own/{site}", site, "own", "en", "raw", texts, label, reopen)


def test_counts_leave_re_open_controls_out_unless_asked() -> None:
    rows = text_rows(text("a.example"))
    certain = np.eye(len(LABELS))[[CONTENT, CONTENT, CONSENT, CONSENT, BOILERPLATE]]
    given = given_labels(rows, certain, DECISION)
    counts = count(rows, given)
    assert counts.tolist() == [[1, 1, 0], [0, 0, 1], [2, 0, 0]]
    assert count(rows, given, reopen=True)[CONSENT].tolist() == [2, 0, 1]
    assert np.allclose(f1(counts), [2 / 3, 0, 1])


def test_texts_are_predicted_and_measured_by_models_that_did_not_see_the_site() -> None:
    sites = [f"site{number}.example" for number in range(300)]
    assert {fold_of(site) for site in sites} == set(range(5))
    rows = [text_rows(text(site)) for site in sites]
    probabilities = cross_fit(rows, 0)
    assert [len(p) for p in probabilities] == [5] * 300
    assert np.allclose(probabilities[0].sum(axis=1), 1, atol=1e-4)
    decision = choose_decision(rows, probabilities)
    assert set(decision) == set(DECISION)
    found = measures(rows, probabilities)
    measure = found["text, raw: macro F1"]
    assert measure["low"] <= measure["f1"] <= measure["high"]
    assert measure["pages"] == 300
    assert measure["f1"] > 0.9


def test_the_same_rows_and_seed_give_the_same_bytes() -> None:
    rows = [text_rows(text(f"site{number}.example")) for number in range(40)]
    assert fit_files(rows, 3) == fit_files(rows, 3)


def test_a_page_is_labelled_by_its_gold_and_its_roots() -> None:
    html = (
        b"<html><body><nav>Home</nav><p>The lake froze in one night.</p>"
        b"<div id=c><p>We use cookies.</p><button>OK</button></div>"
        b"<footer><a id=r>Cookie settings</a> </footer><hr>***</body></html>"
    )
    page = LabelledPage(
        set="own",
        id="own/lake",
        html=html,
        url=None,
        site="lake.example",
        lang="en",
        page_type=None,
        gold="The lake froze in one night.",
        with_=(),
        without=(),
        sha256="",
    )
    roots = [("/html/body/div", "banner"), ("/html/body/footer", "reopen")]
    found = text_page(page, roots)
    assert [
        (text, LABELS[label]) for text, label in zip(found.texts, found.label, strict=True)
    ] == [
        ("Home", "boilerplate"),
        ("The lake froze in one night.", "content"),
        ("We use cookies.", "consent"),
        ("OK", "consent"),
        ("Cookie settings", "consent"),
    ]
    assert found.reopen.tolist() == [False, False, False, False, True]


def test_the_thresholds_are_those_that_the_model_reads() -> None:
    assert set(DECISION) == set(TEXT_THRESHOLDS)
