from __future__ import annotations

import numpy as np

from detector import Detector
from detector.decide import Cut
from detector.page_types import PAGE_TYPES
from training.consent.labels import ConsentPage
from training.consent.leak import Contents, Opinion, leaks, text_of
from training.consent.rows import context_of

STORY = "<p>" + "It has rained on the valley for nine days, and the ford is closed. " * 8 + "</p>"
ASK = "<div>We use cookies to count our visits, and you may refuse them.</div>"


def page(html: str) -> ConsentPage:
    return ConsentPage("own/1", "own", html.encode(), None, "own.example", None, None, None)


def test_five_words_in_a_row_leak() -> None:
    root = "We use cookies to count visits"
    assert leaks("Rain. We use cookies to count sheep.", [root])
    assert not leaks("We use cookies, and to count visits is dull.", [root])
    assert not leaks("We use cookies", ["We use cookies"])


def test_text_is_what_the_opinion_keeps_but_for_consent() -> None:
    context = context_of(page(STORY + ASK))
    sure = Opinion(np.array([0.9, 0.9]), np.eye(len(PAGE_TYPES))[0], Cut())
    opinion = Contents({"own/1": sure}, Detector().model).opinion(page(""), context)
    assert opinion is sure
    assert "cookies" in text_of(opinion, context, np.array([False, False]))
    assert "cookies" not in text_of(opinion, context, np.array([False, True]))


def test_pages_that_are_not_known_are_asked_of_the_model() -> None:
    context = context_of(page(STORY + ASK))
    opinion = Contents({}, Detector().model).opinion(page(""), context)
    assert text_of(opinion, context, np.array([False, True])).startswith("It has rained")
