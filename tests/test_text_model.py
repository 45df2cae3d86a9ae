from __future__ import annotations

import itertools

import numpy as np
import pytest

from detector.errors import BundleError
from detector.page import BOILERPLATE, CONSENT, CONTENT
from detector.text.blocks import split_blocks
from detector.text.features import featurise
from detector.text.model import (
    TEXT_FILES,
    TextModel,
    bridged,
    consent_runs,
    decide,
    is_about_consent,
    is_founded,
    is_offer,
    passages,
)
from detector.text.page import kept_text
from training.boosting import train_model


def test_consent_runs_are_the_best_of_all_sequences() -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        p = rng.random(int(rng.integers(1, 8)))
        threshold, switch = float(rng.uniform(0.2, 0.8)), float(rng.uniform(0, 2))
        gain = np.log(p / (1 - p)) - np.log(threshold / (1 - threshold))

        def score(labels: tuple[int, ...], gain: object = gain, switch: float = switch) -> float:
            changes = np.abs(np.diff((0, *labels))).sum()
            return float((np.array(labels) * gain).sum() - switch * changes)

        best = max(itertools.product((0, 1), repeat=len(p)), key=score)
        if p.max() >= 0.05:
            assert tuple(map(int, consent_runs(p, threshold, switch))) == best


def test_a_doubtful_block_goes_with_what_stands_around_it() -> None:
    inside = consent_runs(np.array([0.9, 0.4, 0.95]), 0.5, 1.0)
    alone = consent_runs(np.array([0.1, 0.6, 0.05]), 0.5, 1.0)
    assert inside.all()
    assert not alone.any()


def test_no_blocks_have_no_runs() -> None:
    assert consent_runs(np.zeros(0), 0.5, 1.0).tolist() == []


def test_content_is_weighed_against_boilerplate_alone() -> None:
    rows = np.array([[0.3, 0.2, 0.5], [0.2, 0.7, 0.1], [0.05, 0.05, 0.9]])
    matrix = featurise(["A lake.", "Home", "Accept all"])
    labels = decide(rows, matrix, consent=0.6, content=0.5, switch=0.0)
    assert labels.tolist() == [CONTENT, BOILERPLATE, CONSENT]


def test_kept_text_keeps_the_gaps() -> None:
    text = "One.\n\nad\n\nTwo.\nThree.\n \nFour."
    blocks = split_blocks(text)
    labels = np.array([CONTENT, BOILERPLATE, CONTENT, CONTENT, CONTENT], np.int8)
    assert kept_text(text, blocks, labels) == "One.\n\nTwo.\nThree.\n\nFour."


def test_lines_stay_lines_where_one_between_them_is_dropped() -> None:
    text = "One.\nad\nTwo."
    labels = np.array([CONTENT, BOILERPLATE, CONTENT], np.int8)
    assert kept_text(text, split_blocks(text), labels) == "One.\nTwo."


def test_passages_are_runs() -> None:
    assert passages(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert passages(np.zeros(0, bool)) == []


def test_a_text_about_consent_keeps_what_offers_no_choice() -> None:
    talk = ["Cookies keep a login.", "Third-party cookies follow people.", "Cookies expire."] * 2
    assert is_about_consent(featurise(talk))
    assert not is_about_consent(featurise(["A lake froze.", "Cookie policy"]))
    assert not is_about_consent(featurise(talk)[:0])
    doubt = np.array([0.6, 0.6])
    assert is_offer(doubt, featurise(["Accept all", "Reject all"]))
    assert not is_offer(doubt, featurise(["Accept all", "Cookies keep a login."]))
    assert is_offer(np.array([0.9, 0.9]), featurise(["Cookies", "Cookies keep a login."]))


def test_runs_are_joined_where_little_speaks_against_it() -> None:
    table = np.array([0.9, 0.1, 0.1, 0.9, 0.9])
    prose = np.array([0.9, 0.0, 0.01, 0.9, 0.9])
    assert bridged([(0, 1), (3, 5)], table) == [(0, 5)]
    assert bridged([(0, 1), (3, 5)], prose) == [(0, 1), (3, 5)]
    far = np.concatenate(([0.9], np.full(201, 0.2), [0.9]))
    assert bridged([(0, 1), (202, 203)], far) == [(0, 1), (202, 203)]
    assert bridged([], far) == []


def test_a_long_passage_in_doubt_must_speak_as_a_banner_does() -> None:
    talk = "Cookies are small files that a browser keeps and sends back to where they came from. "
    doubt, sure = np.array([0.5, 0.5]), np.array([0.9, 0.9])
    assert not is_founded(doubt, featurise([talk * 3, talk * 3]))
    assert is_founded(sure, featurise([talk * 3, talk * 3]))
    assert is_founded(doubt, featurise([talk, "Cookies"]))
    assert is_founded(doubt, featurise([talk * 3, "Accept all"]))


def test_a_model_of_other_features_is_refused() -> None:
    rows = np.random.default_rng(0).random((60, 2)).astype(np.float32)
    parameters = {"objective": "binary", "min_data_in_leaf": 5}
    text = train_model(rows, np.arange(60) % 2, np.ones(60), ["a", "b"], parameters, 1, 0)
    decision = {"text_consent": 0.5, "text_content": 0.5, "text_switch": 1.0}
    with pytest.raises(BundleError, match="other features"):
        TextModel.from_files(dict.fromkeys(TEXT_FILES, text), decision)
