"""The second look at a text: what its neighbours say of a block."""

from __future__ import annotations

import numpy as np

from detector.page import CONSENT, CONTENT, LABELS
from detector.predictor import Predictor
from detector.text.features import TEXT_COLUMNS, featurise
from detector.text.model import TEXT_PASSAGE_FILE, second_look
from detector.text.neighbours import PASSAGE_COLUMNS, with_neighbours
from training.boosting import train_model

TEXTS = ["Accept all", "Plain words", "Reject all", "The lake froze. It held.", "Home"]


def looked(consent: list[float]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    first = np.zeros((len(consent), len(LABELS)))
    first[:, CONSENT] = consent
    first[:, CONTENT] = 1 - first[:, CONSENT]
    return first


def test_columns_say_what_stands_before_and_after() -> None:
    matrix = featurise(TEXTS)
    wide = with_neighbours(matrix, looked([0.9, 0.1, 0.8, 0.0, 0.0]))
    assert wide.shape == (5, len(PASSAGE_COLUMNS))
    assert np.array_equal(wide[:, : len(TEXT_COLUMNS)], matrix)
    row = dict(zip(PASSAGE_COLUMNS, wide[1].tolist(), strict=True))
    assert np.allclose([row["consent_-1"], row["consent_+0"], row["consent_+1"]], [0.9, 0.1, 0.8])
    assert (row["consent_-2"], row["consent_+4"]) == (0, 0)
    assert np.allclose(row["consent_within_2"], 1.8 / 4)
    assert np.allclose([row["content_-1"], row["content_+2"]], [0.1, 1.0])
    assert np.allclose([row["consent_most"], row["consent_sum"]], [0.9, 1.8])
    assert with_neighbours(featurise([]), looked([])).shape == (0, len(PASSAGE_COLUMNS))


def test_a_second_look_raises_what_stands_in_a_passage() -> None:
    rng = np.random.default_rng(0)
    rows = np.zeros((400, len(PASSAGE_COLUMNS)), np.float32)
    before, after = (PASSAGE_COLUMNS.index(f"consent_{by}") for by in ("-1", "+1"))
    rows[:, [before, after]] = rng.random((400, 2))
    inside = (rows[:, before] > 0.5) & (rows[:, after] > 0.5)
    parameters = {"objective": "binary", "min_data_in_leaf": 5, "learning_rate": 0.3}
    text = train_model(rows, inside, np.ones(400), PASSAGE_COLUMNS, parameters, 20, 0)
    model = Predictor(text, TEXT_PASSAGE_FILE)
    first = looked([0.9, 0.1, 0.8, 0.1, 0.0])
    second = second_look(model, featurise(TEXTS), first)
    assert np.allclose(second.sum(axis=1), 1)
    assert second[1, CONSENT] > 0.5 > second[3, CONSENT]
    hopeless = looked([0.01] * 5)
    assert second_look(model, featurise(TEXTS), hopeless) is hopeless
