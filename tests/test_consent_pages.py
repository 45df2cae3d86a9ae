"""Consent UI on whole pages of our own, none of which was trained on."""

from __future__ import annotations

import json
import pickle

import pytest

from detector import Detector
from detector.cli import main
from training.own import FOLDER, OwnPage

PRESS = "fr-article-presse"


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


def test_most_consent_blocks_are_found_and_no_content_is_lost(
    shipped: Detector, own: dict[str, OwnPage]
) -> None:
    found = total = 0
    for page in own.values():
        labels = [block.label for block in shipped.detect(page.html, url=page.url).blocks]
        for label, (gold, text) in zip(labels, page.blocks, strict=True):
            assert (label, gold) != ("consent", "content"), (page.name, text)
            total += gold == "consent"
            found += (label, gold) == ("consent", "consent")
    assert found / total > 0.75


@pytest.mark.parametrize(
    "name",
    [
        "en-service-distillery-age-gate",
        "en-article-biscuit-recipe",
        "en-documentation-set-cookie",
        "en-product-kettle-cmp-classes",
        "ru-documentation-ochered",
        "ko-article-uchegug",
        "vi-listing-vieclam",
    ],
)
def test_look_alikes_are_no_banners(shipped: Detector, own: dict[str, OwnPage], name: str) -> None:
    assert shipped.detect(own[name].html).banners == ()


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
