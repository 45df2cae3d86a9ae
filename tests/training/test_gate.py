"""The gate on figures made up for the purpose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from training.evaluate import SETS
from training.gate import SLACK, digests, faults, updated

BASELINE = {
    "digests": {"own": "d1"},
    "floors": {"own": 0.9, "aeb": 0.95},
    "ceilings": {"leak": 0.01},
}


def row(f1: float) -> dict[str, float]:
    return {"f1": f1, "low": f1, "high": f1, "pages": 10}


def test_scores_at_their_floors_pass() -> None:
    assert faults(BASELINE, {"own": row(0.9), "aeb": row(0.96)}, {"own": "d1"}) == []


def test_a_score_below_its_floor_is_named() -> None:
    (fault,) = faults(BASELINE, {"own": row(0.8999)}, {"own": "d1"})
    assert fault == "own: 0.8999 is below its floor 0.9000"


def test_changed_pages_are_named() -> None:
    (fault,) = faults(BASELINE, {"own": row(0.95)}, {"own": "d2"})
    assert fault.startswith("own: the pages are not those")


def loss(value: float) -> dict[str, float | bool]:
    return {"value": value, "low": value, "high": value, "pages": 10, "loss": True, "slack": 0.001}


def test_a_loss_above_its_ceiling_is_named() -> None:
    assert faults(BASELINE, {"leak": loss(0.01)}, {}) == []
    (fault,) = faults(BASELINE, {"leak": loss(0.0101)}, {})
    assert fault == "leak: 0.0101 is above its ceiling 0.0100"


def test_an_update_lowers_ceilings_and_raises_none_unless_told() -> None:
    assert updated(BASELINE, {"leak": loss(0.004)}, {}, allow_lower=False)["ceilings"] == {
        "leak": pytest.approx(0.005)
    }
    with pytest.raises(ValueError, match="leak would rise from"):
        updated(BASELINE, {"leak": loss(0.02)}, {}, allow_lower=False)


def test_an_update_raises_floors() -> None:
    new = updated(BASELINE, {"own": row(0.97)}, {"own": "d2"}, allow_lower=False)
    assert new["floors"] == {"own": pytest.approx(0.97 - SLACK), "aeb": 0.95}
    assert new["digests"] == {"own": "d2"}


def test_an_update_lowers_no_floor_unless_told() -> None:
    with pytest.raises(ValueError, match="own would fall from"):
        updated(BASELINE, {"own": row(0.8)}, {}, allow_lower=False)
    new = updated(BASELINE, {"own": row(0.8)}, {}, allow_lower=True)
    assert new["floors"]["own"] == pytest.approx(0.8 - SLACK)


def test_own_pages_and_consent_labels_have_a_digest() -> None:
    assert {name: len(digest) for name, digest in digests(["own", "consent"]).items()} == {
        "own": 64,
        "consent": 64,
    }


def test_texts_are_made_of_the_other_sets_and_have_no_digest() -> None:
    assert set(digests(["own", "text"])) == {"own"}


def test_the_two_runs_of_ci_leave_no_set_out() -> None:
    script = Path(__file__).parents[2].joinpath(".ci", "run").read_text()
    named = re.findall(r"training\.gate --sets ([a-z ]*[a-z])", script)
    assert sorted(" ".join(named).split()) == sorted(SETS)
