from __future__ import annotations

import numpy as np
import pytest
from lxml import html as lxml_html

from detector.blocks import walk
from detector.consent.banner import Button, ConsentBanner
from detector.consent.buttons import BUTTON_COLUMNS, button_rows, controls_of
from detector.consent.candidates import Candidates
from detector.consent.controls import UNREAD, control_label, read_control
from detector.consent.evidence import gather
from detector.consent.features import FEATURES, featurise
from detector.consent.names import read_names
from detector.consent.platforms import page_platforms, platform_of
from detector.consent.roots import choose_roots
from detector.document import parse
from detector.features.context import Context
from detector.metadata import read_metadata
from detector.names import NameTable

BANNER = (
    "<div id=cookie-banner role=dialog><p>We use cookies to measure visits. "
    '<a href="/cookie-policy">Cookie policy</a></p>'
    "<button>Accept all</button><button>Reject all</button>"
    '<button aria-label="Close"><svg></svg></button></div>'
)


def context_of(markup: str) -> Context:
    root = parse(markup).root
    return Context(walk(root), read_metadata(root, None), NameTable({}))


def test_a_page_without_evidence_is_left_at_once() -> None:
    assert gather(context_of("<p>Flour, sugar and butter.</p>")) is None


def test_body_names_are_no_evidence() -> None:
    assert gather(context_of('<body class="cookies-not-set cookie-banner"><p>Bread.</p>')) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("\0i cookie-banner", 2),
        ("\0c gdpr", 2),
        ("\0c privacy-notice", 1),
        ("\0c comment-form-cookies-consent", 0),
        ("\0c not-cookied", 0),
        ("\0c cmp-teaser cmp-text", 0),
        ("\0c shopify-buyer-consent", 0),
        ("\0c newsletter-consent", 0),
    ],
)
def test_consent_names(name: str, found: int) -> None:
    assert read_names(["", name]).named.tolist() == [0, found]


def test_names_whose_lower_case_is_longer_keep_their_places() -> None:
    assert read_names(["\0c \u0130\u0130", "\0c cookie-bar"]).named.tolist() == [0, 2]


def test_candidates_are_the_outermost_elements_of_the_same_text() -> None:
    context = context_of(f"<p>News of the day.</p><section><div>{BANNER}</div></section>")
    evidence = gather(context)
    assert evidence is not None
    candidates = Candidates(evidence)
    tags = {context.table.elements[number].tag for number in candidates.top}
    assert "section" in tags
    assert "div" not in tags
    assert "body" not in tags


def test_candidates_know_the_page_s_text_and_their_level() -> None:
    story = "".join(
        f"<p>{'It has rained in the valley, and the ford is closed. ' * 6}</p>" for _ in "abc"
    )
    page = f"<div><main><h1>Rain</h1>{story}</main><div>{BANNER}</div></div>"
    evidence = gather(context_of(f"<title>Rain</title>{page}"))
    assert evidence is not None
    rows = featurise(Candidates(evidence))
    columns = [feature.name for feature in FEATURES]
    whole, banner = rows[0], rows[1]
    for name, of_whole, of_banner in (
        ("holds_title", 1, 0),
        ("holds_region", 1, 0),
        ("text_share", pytest.approx(0.9, abs=0.1), 0),
        ("levels", 1, 2),
        ("words_beside_after", 0, 0),
    ):
        assert whole[columns.index(name)] == of_whole, name
        assert banner[columns.index(name)] == of_banner, name


def test_features_are_finite_and_named_once() -> None:
    evidence = gather(context_of(BANNER))
    assert evidence is not None
    for links in (True, False):
        matrix = featurise(Candidates(evidence, links=links))
        assert matrix.shape[1] == len(FEATURES)
        assert np.isfinite(matrix).all()
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)
    unread = [feature.name for feature in FEATURES].index("policy")
    assert (matrix[:, unread] == UNREAD).all()


def test_controls_and_their_labels() -> None:
    context = context_of(BANNER)
    evidence = gather(context)
    assert evidence is not None
    root = int(np.flatnonzero(context.tagged("div"))[0])
    controls = controls_of(evidence, root)
    assert [control.label for control in controls] == [
        "Cookie policy",
        "Accept all",
        "Reject all",
        "Close",
    ]
    assert control_label(evidence, controls[3].element) == "Close"


def test_a_root_without_controls_is_its_own() -> None:
    context = context_of("<p>Text.</p><div class=cookie-settings>Cookie settings</div>")
    evidence = gather(context)
    assert evidence is not None
    root = int(np.flatnonzero(context.tagged("div"))[0])
    assert [control.element for control in controls_of(evidence, root)] == [root]


def test_a_backdrop_that_closes_gives_way_to_the_buttons_in_it() -> None:
    context = context_of(f'<p>Text.</p><div role=button aria-label="Close">{BANNER}</div>')
    evidence = gather(context)
    assert evidence is not None
    root = int(np.flatnonzero(context.tagged("div"))[0])
    labels = [control.label for control in controls_of(evidence, root)]
    assert labels == ["Cookie policy", "Accept all", "Reject all", "Close"]


def test_what_is_said_to_screen_readers_is_a_column_of_its_own() -> None:
    context = context_of("<p>We use cookies.</p><button aria-label='Accept cookies'>Sure</button>")
    evidence = gather(context)
    assert evidence is not None
    body = int(np.flatnonzero(context.tagged("body"))[0])
    (row,) = button_rows(evidence, body, np.array([1.0, 0, 0]), controls_of(evidence, body))
    said = dict(zip(BUTTON_COLUMNS, row.tolist(), strict=True))
    assert said["hint_accept_all"] == 1.0
    assert said["label_accept_all"] < said["hint_accept_all"]


def test_links_that_lead_nowhere() -> None:
    for address in ("#", "", "javascript:void(0)", "/#", "https://a.example/#prefs"):
        assert read_control(lxml_html.fromstring(f'<a href="{address}">x</a>')).nowhere
    assert not read_control(lxml_html.fromstring('<a href="/cookies#prefs">x</a>')).nowhere
    assert read_control(lxml_html.fromstring('<a href="#cookie-settings">x</a>')).opens
    facts = read_control(lxml_html.fromstring('<a href="/privacy" data-cc="cookie">x</a>'))
    assert facts.policy
    assert facts.opens
    assert not facts.nowhere


def test_roots_never_overlap_and_the_best_wins() -> None:
    spans = np.array([[1, 20], [2, 10], [12, 15], [30, 35]])
    probabilities = np.array(
        [[0.6, 0.4, 0, 0], [0.1, 0.9, 0, 0], [0.55, 0, 0.45, 0], [0.6, 0, 0, 0.4]]
    )
    assert choose_roots(spans, probabilities, banner=0.4, reopen=0.5) == [1, 2]
    assert choose_roots(spans, probabilities, banner=0.4, reopen=0.3) == [1, 2, 3]


def test_of_nested_likely_roots_the_outermost_is_one() -> None:
    spans = np.array([[1, 20], [2, 10], [4, 6], [25, 40], [27, 28]])
    probabilities = np.array(
        [[0.3, 0.7, 0, 0], [0.1, 0.9, 0, 0], [0, 0, 0, 1], [0.4, 0, 0, 0.6], [0.1, 0, 0, 0.9]]
    )
    assert choose_roots(spans, probabilities, banner=0.4, reopen=0.4) == [0, 4]


def test_a_page_around_a_sure_root_is_none() -> None:
    spans = np.array([[1, 90], [60, 70]])
    probabilities = np.array([[0.4, 0.6, 0, 0], [0.03, 0.97, 0, 0]])
    assert choose_roots(spans, probabilities, banner=0.4, reopen=0.4) == [1]


@pytest.mark.parametrize(
    ("words", "roots"),
    [
        ([[400, 500], [390, 410], [0.5, 60]], [2]),  # the page, its wrapper, and the banner
        ([[30, 90], [30, 90], [25, 60]], [0]),  # nothing but a banner: its own words are in doubt
        ([[8, 15], [8, 15], [0.1, 5]], [0]),  # too few to tell
    ],
)
def test_no_root_takes_content(words: list[list[float]], roots: list[int]) -> None:
    spans = np.array([[1, 90], [2, 90], [60, 70]])
    probabilities = np.array([[0.2, 0.8, 0, 0], [0.2, 0.8, 0, 0], [0.1, 0.9, 0, 0]])
    assert choose_roots(spans, probabilities, banner=0.4, reopen=0.4) == [0]
    found = choose_roots(spans, probabilities, banner=0.4, reopen=0.4, words=np.array(words))
    assert found == roots


def test_platforms_that_a_page_names() -> None:
    page = parse(
        '<script src="https://cdn.cookielaw.org/scripttemplates/otSDKStub.js"></script>'
        "<script>window.Didomi = {}</script><p>Text"
    )
    assert set(page_platforms(page.root)) >= {"OneTrust", "Didomi"}
    assert page_platforms(parse("<p>No script").root) == ()


def test_the_platform_of_a_root() -> None:
    facts = read_names(["", "\0c bar", "\0i onetrust-banner-sdk"]).facts
    assert list(facts) == [2]
    assert platform_of(facts[2]) == "OneTrust"
    assert platform_of(()) is None


def banner(*buttons: Button) -> ConsentBanner:
    return ConsentBanner(
        "banner", None, "We use cookies", 0.9, "en", True, buttons, "/html/body/div", "#c"
    )


def test_preferred_button() -> None:
    accept = Button("accept_all", "OK", "/a", "a", 0.9)
    close = Button("close", "x", "/b", "b", 0.9)
    assert banner(accept, close).preferred("accept") is accept
    assert banner(accept, close).preferred("reject") is None
    with pytest.raises(ValueError, match="choice must be"):
        banner().preferred("everything")  # type: ignore[arg-type]
