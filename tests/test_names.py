from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.blocks import walk
from detector.columns import numbers
from detector.document import parse
from detector.names import (
    GROUP_NAMES,
    GROUPS,
    NameFacts,
    NameTable,
    TokenScores,
    read_names,
    tokens,
)


def entry(html: str) -> str:
    """The entry of a page's only element with names."""
    (name,) = walk(parse(html).root).name_strings[1:]
    return name


def facts_of(name_strings: list[str], scores: TokenScores) -> NameFacts:
    n = len(name_strings)
    return read_names(name_strings, numbers(range(n)), numbers([1] * n), NameTable(scores))


ROWS = [
    ("<p class=entry-content>", ["centry-content", "wentry", "wcontent"]),
    ("<p id=mainBody>", ["imainbody", "wmain", "wbody"]),
    ("<p role=note>", ["rnote", "wnote"]),
    ("<p itemprop=articleBody>", ["particlebody", "warticle", "wbody"]),
    ("<p class='post  big'>", ["cpost", "cbig", "wpost", "wbig"]),
    ("<p class='post\nbig'>", ["cpost", "cbig", "wpost", "wbig"]),
    ("<p class=post id=post>", ["cpost", "ipost", "wpost", "wpost"]),
    ("<p class=post-123 id=n4x56>", ["cpost-000", "in0x00", "wpost"]),
    ("<p class=col-md-6>", ["ccol-md-0", "wcol", "wmd"]),
    ("<p class=a__b--cd>", ["ca__b--cd", "wcd"]),
    ("<p class=NAV-BAR>", ["cnav-bar", "wnav", "wbar"]),
    ("<p class='Überschrift заголовок 標題'>", None),
    ("<p class='{{cls}} $x @media:hover'>", None),
    ("<p class=x>", ["cx"]),
    ("<p class=7>", ["c0"]),
]


@pytest.mark.parametrize(("html", "found"), ROWS)
def test_tokens(html: str, found: list[str] | None) -> None:
    words = tokens(entry(html))
    assert words or not found
    if found is not None:
        assert words == found


def test_tokens_of_nothing() -> None:
    assert tokens("") == []
    (nameless, blank) = walk(parse("<p class=' '>").root).name_strings
    assert (nameless, tokens(blank)) == ("", [])


def test_sites_do_not_teach_their_numbers() -> None:
    assert tokens(entry("<p id=post-1234>")) == tokens(entry("<p id=post-8021>"))


def test_groups() -> None:
    strings = [
        "",
        entry("<p class='site-nav related'>"),
        entry("<p id=articleBody>"),
        entry("<p class=qwertz>"),
        entry("<p role=navigation>"),
    ]
    bits = facts_of(strings, {}).groups
    named = [{name for number, name in enumerate(GROUP_NAMES) if bit >> number & 1} for bit in bits]
    assert named == [set(), {"navigation", "related"}, {"article"}, set(), {"navigation"}]


def test_every_word_of_every_group_is_found() -> None:
    for number, (name, words) in enumerate(GROUPS.items()):
        for word in words.split():
            (bits,) = facts_of(["\0c " + word], {}).groups
            assert bits >> number & 1, (name, word)


def test_a_word_inside_another_is_none() -> None:
    assert facts_of([entry("<p class='heading adapt navy'>")], {}).groups.tolist() == [0]


def test_scores() -> None:
    scores = {"cmain": 2.0, "wmain": 1.0, "isidebar": -3.0}
    strings = ["", entry("<p class=main>"), entry("<p class='main x'>"), entry("<p id=sidebar>")]
    facts = facts_of([*strings, entry("<p class=sidebar>")], scores)
    assert facts.scores[1:4].tolist() == [1.5, 1.5, -3.0]
    assert math.isnan(facts.scores[0])
    assert math.isnan(facts.scores[4])


def test_names_that_nobody_asks_for() -> None:
    strings = ["", entry("<p class=nav>"), entry("<p id=nav>")]
    names, words = numbers([0, 1, 2, 2]), numbers([5, 0, 0, 3])
    facts = read_names(strings, names, words, NameTable({"wnav": 1.0}))
    # What one element with words is called, others are as well.
    assert facts.groups[1] == 0 != facts.groups[2] == facts.groups[3]
    assert [math.isnan(score) for score in facts.scores] == [True, True, False, False]


NAMES = st.text(
    st.sampled_from("abcXYZ019-_:/.{}$ éßİЖ文\t\x1c\x85\xa0\u2028\n\x01"), max_size=12
)  # what splits text, what changes length with its case


@given(st.lists(st.lists(st.tuples(st.sampled_from("cirp"), NAMES), max_size=4), max_size=5))
def test_a_page_at_once_says_what_each_entry_says(entries: list[list[tuple[str, str]]]) -> None:
    strings = ["".join(f"\0{kind} {name}" for kind, name in found) for found in entries]
    known = sorted({token for string in strings for token in tokens(string)})
    scores = {token: float(number) for number, token in enumerate(known) if number % 2}
    facts = facts_of(strings, scores)
    assert facts.groups.shape == facts.scores.shape == (len(strings),)
    for string, score in zip(strings, facts.scores.tolist(), strict=True):
        values = [scores[token] for token in tokens(string) if token in scores]
        if values:
            assert score == pytest.approx(sum(values) / len(values))
        else:
            assert math.isnan(score)
