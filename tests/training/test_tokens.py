from __future__ import annotations

import math

import numpy as np
import pytest

from detector.blocks import walk
from detector.document import parse
from detector.features.context import Context
from detector.metadata import read_metadata
from detector.names import NameTable
from training.tokens import MIN_SITES, MIN_TEXT_SITES, PRIOR_SITES, count_tokens, page_token_shares


def shares_of(html: str, content: list[bool]) -> dict[str, float]:
    """Shares of a page's tokens, by which of its blocks are content."""
    root = parse(html).root
    context = Context(walk(root), read_metadata(root, None), NameTable({}))
    assert context.n == len(content)
    return page_token_shares(context, context.words * np.array(content))


def test_shares_under_elements() -> None:
    shares = shares_of(
        "<div class=outer><p id=lead>one two three</p><p class=ad>four</p></div>"
        "<p class=ad>five</p><p class=empty></p>",
        [True, False, False],
    )
    assert shares["couter"] == shares["wouter"] == pytest.approx(3 / 4)
    assert shares["ilead"] == 1
    assert shares["cad"] == shares["wad"] == 0
    assert not {"cempty", "wempty"} & set(shares)


def test_elements_of_the_same_token_are_taken_together() -> None:
    html = "<p class='item big'>one two three</p><p class='item small'>four</p>"
    shares = shares_of(html, [True, False])
    assert (shares["citem"], shares["cbig"], shares["csmall"]) == (0.75, 1, 0)


def test_part_of_a_block_may_be_content() -> None:
    root = parse("<p class=post>one two three four").root
    context = Context(walk(root), read_metadata(root, None), NameTable({}))
    assert page_token_shares(context, np.array([1.0]))["cpost"] == pytest.approx(0.25)


def test_a_page_without_names() -> None:
    assert shares_of("<p>one", [True]) == {"tone": 1.0}
    assert shares_of("", []) == {}


def test_a_site_counts_once() -> None:
    pages = [{"cpost": 1.0}, {"cpost": 0.0}, {"cpost": 0.5, "cad": 0.0}, {"cpost": 0.25}]
    counts = count_tokens(pages, [7, 7, 7, 2])
    rows = {
        (int(site), counts.vocabulary[token]): share
        for site, token, share in zip(counts.site, counts.token, counts.share, strict=True)
    }
    assert rows == {(7, "cpost"): 0.5, (7, "cad"): 0.0, (2, "cpost"): 0.25}


def test_no_pages() -> None:
    counts = count_tokens([], [])
    assert counts.vocabulary == []
    assert counts.fit(np.zeros(0, bool)) == {}


def test_scores() -> None:
    pages = [
        {"cpost": 1.0, "cad": 0.0, "crare": 1.0},
        {"cpost": 1.0, "cad": 0.0, "crare": 1.0},
        {"cpost": 0.5, "cad": 0.0, "cmid": 0.5},
        {"cmid": 0.5, "cpost": 0.9},
        {"cmid": 0.5},
    ]
    counts = count_tokens(pages, range(5))
    scores = counts.fit(np.ones(5, bool))
    assert list(scores) == ["cpost", "cad", "cmid"]  # the rare one stands on too few sites
    assert scores["cpost"] > scores["cmid"] > scores["cad"]
    # Smoothed log-odds, against those of the average token.
    average = float(np.mean([share for page in pages for share in page.values()]))
    odds = (3.4 + PRIOR_SITES * average) / (0.6 + PRIOR_SITES * (1 - average))
    assert scores["cpost"] == pytest.approx(math.log(odds / (average / (1 - average))), abs=1e-4)


def test_scores_of_some_sites_do_not_see_the_others() -> None:
    pages = [{"cpost": 1.0, "cad": 0.0}] * 4 + [{"cpost": 0.0, "cad": 1.0, "cnew": 1.0}] * 4
    counts = count_tokens(pages, range(8))
    first = np.arange(8) < 4
    assert counts.fit(first) == count_tokens(pages[:4], range(4)).fit(np.ones(4, bool))
    assert "cnew" not in counts.fit(first)
    assert counts.fit(first)["cpost"] > 0 > counts.fit(~first)["cpost"]
    assert counts.fit(np.arange(8) < MIN_SITES - 1) == {}


def test_an_average_token_scores_nothing() -> None:
    pages = [{"ca": 0.5, "cb": 0.5}] * MIN_SITES
    assert count_tokens(pages, range(MIN_SITES)).fit(np.ones(MIN_SITES, bool)) == {"ca": 0, "cb": 0}


def test_words_of_the_text_count_once_a_block() -> None:
    shares = shares_of(
        "<p>Share share this</p><p>Some share the harbour, and some the harbour road</p>",
        [False, True],
    )
    assert (shares["tshare"], shares["tthis"], shares["tharbou"]) == (0.5, 0, 1)


def test_names_and_words_have_their_own_average() -> None:
    pages = [{"cpost": 1.0, "tone": 0.0, "ttwo": 0.5}] * MIN_TEXT_SITES
    scores = count_tokens(pages, list(range(MIN_TEXT_SITES))).fit(np.ones(MIN_TEXT_SITES, bool))
    assert scores["tone"] < 0 < scores["ttwo"]
    fewer = count_tokens(pages[:-1], list(range(MIN_TEXT_SITES - 1)))
    assert set(fewer.fit(np.ones(MIN_TEXT_SITES - 1, bool))) == {"cpost"}
