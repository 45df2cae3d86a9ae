"""The lexicon's and consent's compiled parts find what Python finds."""

from __future__ import annotations

from typing import Any

import pytest
from hostile import GENERATORS
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from parts import in_python, needs_all, without

from detector.blocks import walk
from detector.columns import numbers
from detector.consent import candidates as candidates_module
from detector.consent import evidence as evidence_module
from detector.consent import features as features_module
from detector.document import parse
from detector.features.context import Context
from detector.lexicon import ROLES, Term, compile_terms, load_matcher
from detector.lexicon import folding as folding_module
from detector.lexicon import matcher as matcher_module
from detector.lexicon.terms import load_rows
from detector.metadata import read_metadata
from detector.names import NameTable
from training.own import OwnPage

LETTERS = st.text("aBcé İß.,;\n\xad\u200bжЖא中文カ\ud800😀", max_size=30)


@needs_all
@given(LETTERS)
def test_folding_of_any_text(text: str) -> None:
    found = folding_module.fold(text)
    expected = without("LEXICON", lambda: folding_module.fold(text))
    assert found.text == expected.text
    for name in ("codes", "origin", "starts", "dense"):
        one, other = getattr(found, name), getattr(expected, name)
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist(), name


@needs_all
def test_the_lexicon_is_read_as_by_python() -> None:
    def terms() -> list[Term]:
        rows = load_rows()
        matcher = matcher_module.Matcher(rows)
        return [matcher.term(number) for number in range(len(rows))]

    assert terms() == without("LEXICON", terms)


@needs_all
def test_pages_ask_for_no_column_of_the_lexicon() -> None:
    rows = load_rows()
    matcher = matcher_module.Matcher(rows)
    assert matcher.label_scores(["✕", "×", "Accept all cookies", "OK", "»"]).any()
    assert matcher.languages([matcher.spans("We use cookies")[0][2]])
    assert not vars(rows).keys() & {"_cells", "roles", "texts"}
    assert "_lines" not in vars(matcher)


TERM_TEXTS = st.sampled_from(["cookies", "COOKIES", "keks*", "中文", "✕", "×", "a ✕"]) | LETTERS
TERM_STRENGTHS = st.sampled_from(["strong", "weak", "label", "none"])


@needs_all
@given(st.lists(st.tuples(TERM_TEXTS, st.sampled_from(ROLES), TERM_STRENGTHS), max_size=6))
def test_any_terms_are_read_as_by_python(rows: list[tuple[str, str, Any]]) -> None:
    terms = [Term(role, text, strength, ("xx",), "own") for text, role, strength in rows]

    def read() -> list[Term] | str:
        try:
            matcher = compile_terms(terms)
        except ValueError as error:
            return str(error)
        return [matcher.term(number) for number in range(len(terms))]

    assert read() == without("LEXICON", read)


PIECES = ["We use cookies ", "accept", "All", "iPhone", "ALL 12.", "a, b; \u201cc\u201d", "\xa0\n"]
ODD = ["\xe9", "\xad", "\u4e2d", "\U0001f600"]


def assert_same_terms(text: str, step: int) -> None:
    matcher = load_matcher()
    places = numbers(range(0, len(text), step))
    spaces = numbers(at for at in places.tolist() if text[at] == " ")

    def look() -> list[Any]:
        return [matcher.span_table(text, each).tolist() for each in (None, places, spaces)]

    assert look() == without("LEXICON", look)


@needs_all
@given(st.lists(st.sampled_from(3 * PIECES + ODD), min_size=20, max_size=60), st.integers(1, 40))
def test_terms_of_long_texts(pieces: list[str], step: int) -> None:
    """As they are folded many characters at once where nothing is out of the ordinary."""
    assert_same_terms("".join(pieces), step)


@needs_all
@pytest.mark.parametrize("odd", ["", "\u2026", *ODD])
def test_terms_wherever_what_is_folded_at_once_ends(odd: str) -> None:
    for before in range(70):
        plain = "-" * before + "acceptAll, we use cookies. " * 4
        assert_same_terms(plain + odd + plain, 1)


@needs_all
def test_terms_of_own_pages(own: dict[str, OwnPage]) -> None:
    matcher = load_matcher()
    texts = [str(parse(page.html).root.xpath("string()")) for page in own.values()]
    texts.append(" ".join("\n".join(texts).split())[: 2 * matcher_module._PIECE])  # one long line

    def look() -> tuple[list[Any], ...]:
        spans = [matcher.spans(text) for text in texts]
        breaks = (numbers(range(5, len(text), 77)) for text in texts)
        broken = [matcher.span_table(*each).tolist() for each in zip(texts, breaks, strict=True)]
        return spans, broken, matcher.label_scores(" ".join(texts).split()[::9]).tolist()

    found = look()
    assert found == without("LEXICON", look)
    assert any(found[0])


LABELS = st.text("oOkK .×✕ⓧ[]\u2028\n同意する ǂ*acepttollrjc", max_size=14)


@needs_all
@given(st.lists(LABELS | st.sampled_from(["Accept all", "alle Cookies zulassen", "Nein", "x"])))
def test_labels_of_any_text(texts: list[str]) -> None:
    matcher = load_matcher()
    texts += ["".join(texts), " ".join(texts)]
    found = matcher.label_scores(texts).tolist()
    assert found == without("LEXICON", lambda: matcher.label_scores(texts).tolist())


def assert_same_consent(root: etree._Element, owned: bool) -> None:
    """Evidence, candidates and their rows are the same, to the bit."""

    def look() -> list[Any]:
        table = walk(root, owned=owned)
        context = Context(table, read_metadata(root, None), NameTable({}))
        evidence = evidence_module.gather(context)
        if evidence is None:
            return []
        names = evidence.names
        found = [
            names.named.tolist(), names.facts, names.controls.tolist(), names.dialogs.tolist(),
            evidence.spans.tolist(), evidence.seeds.tolist(), evidence.controls.tolist(),
            [evidence.text_span(element) for element in range(context.n_elements)],
        ]  # fmt: skip
        for links in (True, False):
            c = candidates_module.Candidates(evidence, links=links)
            found += [c.top.tolist(), c.bottom.tolist(), c.levels.tolist(), c.chains.tolist()]
            if len(c):
                rows = features_module.featurise(c)
                found.append(dict(zip(COLUMNS, rows.T.tolist(), strict=True)))
        return found

    assert look() == in_python(look, "CONSENT", "CANDIDATES", "ATTRIBUTES", "LEXICON")


COLUMNS = [feature.name for feature in features_module.FEATURES]


@needs_all
@pytest.mark.parametrize("owned", [False, True])
def test_consent_of_own_pages(own: dict[str, OwnPage], owned: bool) -> None:
    for page in own.values():
        assert_same_consent(parse(page.html).root, owned)


@needs_all
@pytest.mark.parametrize("kind", GENERATORS)
def test_consent_of_hostile_pages(kind: str) -> None:
    for size in (7, 700):
        banner = (
            b"<div id=cookie-bar><p>We use cookies<a href=/x>Accept</a><a href=#>Reject</a></div>"
        )
        assert_same_consent(parse(GENERATORS[kind](size) + banner).root, True)


# With letters that are the same as one in ASCII, case aside: long s, dotless i, sign of Kelvin.
KEYS = (
    "href class id type role style onclick title aria-label data-cmp alt value aria-modal tabindex "
    "{urn:x}href coo\u212aie"
).split()
SAYINGS = (
    "javascript:void(0)|http://a.b/#c|https://a.b|HTTP://x/JavaScript:|about:blank|\n| # |\u2003#|"
    "/a/JAVASCRIPT:VOID|https:/a|/cookies#cmp|cmp|xcmp-|cmp\xe9|COOKIE|coo\u212aie|LEGAL|\u017f|"
    "checkbox|Radio|EMAIL|switch|button|Dialog|alertdialog|x btn|abtn|btns_|1close|closed|"
    "position: FIXED|z-index:999|cursor:pointer|true|Accept all|preferencecent|onetrust-banner-sdk"
).split("|")
ATTRIBUTE = st.tuples(
    st.sampled_from(KEYS),
    st.text("/#?:cmpK\u212a ıſjavscripthtcooke\u2003\n", max_size=12) | st.sampled_from(SAYINGS),
)
ELEMENT = st.tuples(
    st.sampled_from("a button input textarea div img svg title span p".split()),
    st.lists(ATTRIBUTE, max_size=4),
    st.sampled_from("| |x|Accept all|We use cookies|Reject|Datenschutz|同意".split("|")),
    st.integers(0, 3),
)


@needs_all
@settings(max_examples=300)
@given(st.lists(ELEMENT, max_size=12))
def test_consent_of_any_elements(elements: list[Any]) -> None:
    root = etree.Element("html")
    body = etree.SubElement(root, "body")
    open_ = [body]
    for tag, attributes, text, up in elements:
        del open_[max(1, len(open_) - up) :]
        node = etree.SubElement(open_[-1], tag)
        for key, value in attributes:
            node.set(key, value)
        node.text, node.tail = text, text[::-1]
        open_.append(node)
    etree.SubElement(body, "div", id="cookie-banner").text = "We use cookies. Accept all?"
    for owned in (False, True):
        assert_same_consent(root, owned)
