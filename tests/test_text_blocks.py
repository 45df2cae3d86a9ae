from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detector.text.blocks import split_blocks


def texts(text: str) -> list[str]:
    return [block.text for block in split_blocks(text)]


def test_blank_lines_part_paragraphs() -> None:
    assert texts("One.\n\nTwo.\r\n\r\nThree.\n \t\nFour.") == ["One.", "Two.", "Three.", "Four."]


def test_without_blank_lines_every_line_is_a_block() -> None:
    assert texts("One\nTwo\r\nThree\u2028Four") == ["One", "Two", "Three", "Four"]


def test_the_lines_of_a_list_are_blocks() -> None:
    assert texts("Things:\n- a pear\n- a plum\n\nThe end.") == [
        "Things:",
        "- a pear",
        "- a plum",
        "The end.",
    ]


def test_a_paragraph_wrapped_to_a_width_is_one_block() -> None:
    wrapped = (
        "The tram that runs at night carries nurses home, and\n"
        "bakers to work, and in the winter it is the only warm\n"
        "place in town."
    )
    assert texts(f"Night tram\n\n{wrapped}") == ["Night tram", wrapped]


def test_what_has_no_word_is_no_block() -> None:
    assert texts("") == texts(" \n\n***\n\n—\n") == []


@given(st.text(alphabet=st.sampled_from("ab \n\r\t\u2028\x0c*é字"), max_size=60))
def test_blocks_are_slices_of_the_text_in_order(text: str) -> None:
    last = 0
    for block in split_blocks(text):
        assert block.start >= last
        assert text[block.start : block.end] == block.text == block.text.strip()
        last = block.end
    joined = "".join(block.text for block in split_blocks(text))
    assert sorted(filter(str.isalnum, joined)) == sorted(filter(str.isalnum, text))
