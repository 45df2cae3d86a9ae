from __future__ import annotations

import numpy as np

from detector.page import BOILERPLATE, CONSENT, CONTENT
from training.text.pages import Banner, TextPage
from training.text.simulate import FOLDS, donors, fold_of, labelled_texts

STORY = [f"Paragraph {number} tells how the ferry crossed the frozen lake." for number in range(9)]
LINKS = [f"Section {number}" for number in range(40)]
CONSENT_TEXTS = ("We use cookies on this site.", "Accept all", "Reject all", "Settings")
BANNER = Banner("tool.example", "en", CONSENT_TEXTS)


def page(site: str = "ferry.example", number: int = 0) -> TextPage:
    texts = ["The ferry", *STORY, "Read also: winter boats", *LINKS, *CONSENT_TEXTS, "Cookies"]
    kinds = [CONTENT] * 10 + [BOILERPLATE] * 41 + [CONSENT] * 5
    reopen = np.zeros(len(texts), bool)
    reopen[-1] = True
    return TextPage(
        id=f"own/{site}-{number}",
        set="own",
        site=site,
        lang="en",
        texts=tuple(texts),
        label=np.array(kinds, np.int8),
        reopen=reopen,
        gold=True,
    )


def test_a_page_gives_itself_and_two_extractor_outputs() -> None:
    source = page(number=1)
    given = donors([source], [BANNER])[fold_of(source.site)]
    raw, paragraphs, lines = list(labelled_texts(source, given, 0))[:3]
    assert raw.texts == source.texts
    assert raw.label.tolist() == source.label.tolist()
    assert raw.reopen.sum() == 1
    for text in (paragraphs, lines):
        kept = [t for t, label in zip(text.texts, text.label, strict=True) if label == CONTENT]
        assert kept == ["The ferry", *STORY]
        assert not text.reopen.any()


def test_only_boilerplate_near_the_content_is_kept() -> None:
    far = set(LINKS[15:])
    for number in range(20):
        source = page(number=number)
        given = donors([source], [BANNER])[fold_of(source.site)]
        for text in list(labelled_texts(source, given, 0))[1:3]:
            assert not far & set(text.texts)


def test_banners_stand_at_an_end_whole_or_glued() -> None:
    ends = set()
    glued = False
    walls = 0
    for number in range(60):
        source = page(number=number)
        given = donors([source], [BANNER])[fold_of(source.site)]
        for text in list(labelled_texts(source, given, 0))[1:3]:
            consent = np.flatnonzero(text.label == CONSENT)
            if not len(consent):
                continue
            assert (np.diff(consent) == 1).all()
            if len(consent) == len(text.label):
                walls += 1
                continue
            ends.add((bool(consent[0] == 0), bool(consent[-1] == len(text.label) - 1)))
            glued = glued or any("Accept allReject all" in line for line in text.texts)
    assert ends == {(True, False), (False, True)}
    assert glued
    assert 0 < walls < 15


def test_some_pages_are_made_to_be_about_cookies_their_labels_unchanged() -> None:
    pages = [page(number=number) for number in range(60)]
    given = donors(pages, [BANNER])[fold_of(pages[0].site)]
    texts = [text for each in pages for text in labelled_texts(each, given, 0)]
    about = [text for text in texts if text.style == "about"]
    assert 10 <= len(about) <= 35
    for text in about:
        content = [t for t, label in zip(text.texts, text.label, strict=True) if label == CONTENT]
        assert len(content) == 10
        assert content != ["The ferry", *STORY]
    assert any("cookies" in " ".join(text.texts[:10]) for text in about)


def test_nothing_crosses_the_folds() -> None:
    sites = [f"site{number}.example" for number in range(30)]
    pages = [page(site, number) for number, site in enumerate(sites)]
    given = donors(pages, [Banner(site, "en", CONSENT_TEXTS) for site in sites])
    assert len(given) == FOLDS
    for fold in range(FOLDS):
        assert all(fold_of(banner.site) == fold for banner in given[fold].banners)
    assert sum(len(each.banners) for each in given) == len(sites)


def test_the_same_seed_gives_the_same_texts() -> None:
    source = page()
    given = donors([source], [BANNER])[fold_of(source.site)]
    first = [text.texts for text in labelled_texts(source, given, 5)]
    assert first == [text.texts for text in labelled_texts(source, given, 5)]
    others = [[text.texts for text in labelled_texts(source, given, seed)] for seed in range(6)]
    assert any(other != first for other in others)


def test_a_page_without_blocks_gives_nothing() -> None:
    empty = TextPage(
        "own/x", "own", "x.example", "en", (), np.zeros(0, np.int8), np.zeros(0, bool), True
    )
    assert list(labelled_texts(empty, donors([empty], [])[0], 0)) == []
