"""Consent UI on whole pages of our own, none of which was trained on."""

from __future__ import annotations

import json
import pickle

import pytest

from detector import Detector
from detector.cli import main
from training.own import FOLDER, OwnPage, own_pages

PRESS = "fr-article-presse"
PAGES = tuple(own_pages())


def test_the_press_banner_is_found_and_its_buttons_named(
    shipped: Detector, own: dict[str, OwnPage]
) -> None:
    page = shipped.detect(own[PRESS].html)
    banner = page.banner
    assert banner is not None
    assert banner.kind in ("banner", "modal")
    assert banner.language == "fr"
    assert banner.text.startswith("Votre vie privée")
    roles = {button.text: button.role for button in banner.buttons}
    assert roles["Tout accepter"] == "accept_all"
    assert roles["Tout refuser"] == "reject_all"
    assert roles["Paramétrer vos choix"] == "settings"
    reject = banner.preferred("reject")
    assert reject is not None
    assert reject.text == "Tout refuser"
    first = page.blocks[0]._element
    assert first is not None
    (element,) = first.getroottree().xpath(reject.xpath)
    assert "".join(element.itertext()).strip() == "Tout refuser"


def test_its_six_blocks_are_consent_and_not_in_the_text(
    shipped: Detector, own: dict[str, OwnPage]
) -> None:
    page = shipped.detect(own[PRESS].html)
    consent = [block.text for block in page.blocks if block.label == "consent"]
    assert consent == [text for label, text in own[PRESS].blocks if label == "consent"]
    assert len(consent) == 6
    assert not any(text in page.text for text in consent)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_content_is_taken_for_consent(shipped: Detector, page: OwnPage) -> None:
    blocks = zip(shipped.detect(page.html, url=page.url).blocks, page.blocks, strict=True)
    taken = [
        text for block, (gold, text) in blocks if (block.label, gold) == ("consent", "content")
    ]
    assert taken == []


def test_most_consent_blocks_are_found(shipped: Detector, own: dict[str, OwnPage]) -> None:
    found = total = 0
    for page in own.values():
        labels = [block.label for block in shipped.detect(page.html, url=page.url).blocks]
        for label, (gold, _) in zip(labels, page.blocks, strict=True):
            total += gold == "consent"
            found += (label, gold) == ("consent", "consent")
    assert found / total > 0.85


BANNERS = {page.name: page for page in PAGES if page.banner is not None}
"""Pages in two dozen languages with what should be found on them; nothing learns from them."""


def shortcomings(shipped: Detector, page: OwnPage) -> list[str]:
    """What is not as expected of a page's banner."""
    assert page.banner is not None
    found = shipped.detect(page.html, url=page.url).banner
    if found is None:
        return [f"{page.name}: no banner"]
    wrong = [] if found.kind == page.banner.kind else [f"{page.name}: {found.kind}"]
    given = {button.text: button.role for button in found.buttons}
    for role, text in page.banner.buttons:
        if given.get(text) != role:
            wrong.append(f"{page.name}: {text!r} is {given.get(text)}")
    return wrong


def test_banners_in_many_languages_are_found_and_their_buttons_named(shipped: Detector) -> None:
    wrong = [line for page in BANNERS.values() for line in shortcomings(shipped, page)]
    whole = len(BANNERS) - len({line.partition(":")[0] for line in wrong})
    assert whole >= WHOLE, "\n".join(wrong)


WHOLE = 20
"""Pages of `BANNERS` on which the kind and every button are right."""


def test_the_own_pages_have_banners_in_forty_languages(own: dict[str, OwnPage]) -> None:
    consent = [page for page in own.values() if any(label == "consent" for label, _ in page.blocks)]
    assert len({page.language for page in consent}) >= 40


LOOK_ALIKES = {
    "age gate": "en-service-distillery-age-gate",
    "newsletter pop-up": "en-collection-loose-teas",
    "newsletter pop-up and login": "en-forum-login-newsletter",
    "paywall without a cookie choice": "fr-article-mur-payant",
    "region picker": "en-product-region-picker",
    "comment consent and Akismet's notice": "en-article-comment-notice",
    "GDPR guide": "en-article-gdpr-guide",
    "privacy policy": "en-service-privacy-policy",
    "cookie policy": "de-service-cookie-richtlinie",
    "biscuit recipe": "en-article-biscuit-recipe",
    "Set-Cookie, with cookies-not-set on body": "en-documentation-set-cookie",
    "setting cookies": "de-documentation-cookies-setzen",
    "Adobe's cmp- classes": "en-product-kettle-cmp-classes",
    "documentation": "ru-documentation-ochered",
    "news": "ko-article-uchegug",
    "jobs": "vi-listing-vieclam",
}


@pytest.mark.parametrize("name", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_look_alikes_are_no_banners(shipped: Detector, own: dict[str, OwnPage], name: str) -> None:
    assert all(label != "consent" for label, _ in own[name].blocks)
    assert shipped.detect(own[name].html).banners == ()


@pytest.mark.parametrize("name", ["hu-article-suti", "en-article-cookie-law"])
def test_texts_about_cookies_keep_their_words_beside_a_banner(
    shipped: Detector, own: dict[str, OwnPage], name: str
) -> None:
    page = shipped.detect(own[name].html)
    assert page.banner is not None
    for block, (gold, text) in zip(page.blocks, own[name].blocks, strict=True):
        assert (block.label == "consent") == (gold == "consent"), text


def test_a_wall_is_told(shipped: Detector) -> None:
    wall = (
        "<div id='cookie-consent' role='dialog'><h2>We use cookies</h2><p>We and our partners set "
        "cookies to measure the audience and to show advertising that fits you. Choose whether "
        "you accept all cookies or reject them.</p><button>Accept all</button>"
        "<button>Reject all</button><a href='/cookies'>Cookie policy</a></div>"
    )
    page = shipped.detect(f"<html><body>{wall}</body></html>")
    assert page.is_consent_wall
    assert page.text == ""
    story = "<article><h1>Rain</h1>" + "<p>It has rained for nine days in the valley.</p>" * 30
    assert not shipped.detect(f"<html><body>{story}</article>{wall}</body></html>").is_consent_wall


def test_platforms_are_named_without_a_banner(shipped: Detector) -> None:
    page = shipped.detect(
        "<script src='https://cdn.cookielaw.org/scripttemplates/otSDKStub.js'></script><p>Text</p>"
    )
    assert page.cmps == ("OneTrust",)
    assert page.banner is None


def test_banners_outlive_pickling_and_processes(shipped: Detector, own: dict[str, OwnPage]) -> None:
    html = own[PRESS].html
    page = shipped.detect(html)
    assert pickle.loads(pickle.dumps(page)).banners == page.banners
    (other,) = shipped.detect_many([html], workers=2)
    assert other.banners == page.banners  # type: ignore[union-attr]


def test_the_command_prints_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(FOLDER / f"{PRESS}.html"), "--consent"]) == 0
    record = json.loads(capsys.readouterr().out)
    roles = [button["role"] for button in record["banners"][0]["buttons"]]
    assert {"accept_all", "reject_all", "settings"} <= set(roles)
