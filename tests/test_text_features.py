from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.text.context import TextContext, distance, shift, window
from detector.text.features import FEATURES, TEXT_COLUMNS, featurise


def column(name: str, *texts: str) -> list[float]:
    values: list[float] = featurise(texts)[:, TEXT_COLUMNS.index(name)].tolist()
    return values


def test_names_are_distinct() -> None:
    assert len(set(TEXT_COLUMNS)) == len(FEATURES)


def test_glued_labels_are_counted() -> None:
    assert column("glued", "Tout AccepterTout refuserParamétrer vos choix", "Tout Accepter") == [
        2.0,
        0.0,
    ]


def test_a_closing_quote_does_not_hide_the_end_of_a_sentence() -> None:
    assert column("ends_terminal", "“It holds.”", "A heading", "Ende.") == [1.0, 0.0, 1.0]


def test_consent_terms_reach_the_neighbours() -> None:
    texts = ["A quiet heading", "This site uses cookies.", "Plain", "Plain", "Plain", "Plain"]
    assert column("strong_after_1", *texts)[0] > 0
    assert column("strong_before_1", *texts)[2] > 0
    assert column("strong_within_3", *texts)[5] == 0


def test_a_run_of_consent_evidence_is_measured_as_a_whole() -> None:
    banner = ["We use cookies on this site.", "It is fast.", "Accept all cookies"]
    texts = ["A story.", "It goes on.", "And on.", *banner]
    assert column("run_blocks", *texts) == [0, 0, 0, 3, 3, 3]
    assert column("run_to_end", *texts)[3:] == [1.0, 1.0, 1.0]


def test_repeated_lines_are_counted_whatever_their_case() -> None:
    assert column("copies", "Read more", "Other", "READ MORE") == [2, 1, 2]


def test_words_that_the_running_text_shares_are_its_topic() -> None:
    story = "The orchard behind the church holds sixty apple trees, and " + "twelve rare " * 8
    texts = [f"{story}varieties.", "Orchard varieties", "Weather tomorrow"]
    assert column("topic_long", *texts)[1:] == [1.0, 0.0]


def test_shift_window_and_distance() -> None:
    values = np.array([1.0, 2.0, 4.0])
    assert shift(values, 1).tolist() == [2.0, 4.0, 0.0]
    assert shift(values, -2).tolist() == [0.0, 0.0, 1.0]
    assert shift(values, 5).tolist() == [0.0, 0.0, 0.0]
    assert window(values, 1).tolist() == [3.0, 7.0, 6.0]
    before, after = distance(np.array([True, False, False, True]), far=9)
    assert before.tolist() == [9, 1, 2, 3]
    assert after.tolist() == [3, 2, 1, 9]


def test_no_blocks_give_no_rows() -> None:
    assert featurise([]).shape == (0, len(FEATURES))


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=30).filter(lambda t: bool(t.strip())), min_size=1))
def test_any_blocks_give_finite_numbers(texts: list[str]) -> None:
    matrix = featurise(texts)
    assert matrix.shape == (len(texts), len(FEATURES))
    assert np.isfinite(matrix).all()


@pytest.mark.parametrize("text", ["café", "字字", "\ud800 lone", "𠀋𠀋 beyond the plane"])
def test_words_are_counted_in_any_script(text: str) -> None:
    assert TextContext([text]).words[0] >= 1
