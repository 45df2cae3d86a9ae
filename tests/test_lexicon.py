from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from languages import BANNERS

from detector import lexicon
from detector.lexicon import ROLES, STRENGTHS, Term, compile_terms, load_matcher, load_platforms
from detector.lexicon.folding import fold
from detector.lexicon.terms import load_rows

MATCHER = load_matcher()
TERMS = lexicon.load_terms()
LANGUAGES = sorted({term.languages[0] for term in TERMS} - {"und"})
HERE = Path(lexicon.__file__).parent


def roles_in(text: str) -> set[str]:
    return {MATCHER.roles[role] for _, role, _ in MATCHER.spans(text)}


def term(text: str, role: str = "topic", strength: str = "strong") -> Term:
    return Term(role, text, strength, ("xx",), "own")  # type: ignore[arg-type]


SUBJECTS = {"topic", "purpose", "law"}  # what a text is about, where others say what it does


def said(label: str) -> dict[str, float]:
    """What a label says: role -> score, the greatest first; of equal ones what it does first."""
    [scores] = MATCHER.label_scores([label]).tolist()
    found = {role: score for role, score in zip(ROLES, scores, strict=True) if score}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0] in SUBJECTS)))


@pytest.mark.parametrize(("language", "notice", "accept", "reject"), BANNERS)
def test_a_banner_in_every_language(language: str, notice: str, accept: str, reject: str) -> None:
    assert roles_in(notice) & {"topic", "topic_weak"}
    for label, role in ((accept, "accept_all"), (reject, "reject_all")):
        scores = said(label)
        controls = [name for name in scores if name not in SUBJECTS]
        assert controls[0] == role, scores
        assert scores[role] >= 0.4
        ids = [
            term_id for _, role_id, term_id in MATCHER.spans(label)
            if MATCHER.roles[role_id].startswith(role)
        ]  # fmt: skip
        assert language in {lang for term_id in ids for lang in MATCHER.term(term_id).languages}


def test_every_language_has_a_row() -> None:
    assert sorted(row[0] for row in BANNERS) == LANGUAGES
    assert len(LANGUAGES) >= 45


@pytest.mark.parametrize(
    ("label", "role", "score"),
    [
        ("Accept all", "accept_all", 1.0),
        ("  ACCEPT \n ALL ", "accept_all", 1.0),
        ("OK, accept all cookies.", "accept_all", 1.0),
        ("Tout accepter", "accept_all", 1.0),
        ("J’accepte", "accept_all", 0.8),
        ("Got it!", "accept_all", 0.8),
        ("Yes", "accept_all", 0.6),
        ("Do not accept", "reject_all", 0.8),
        ("Opt-out", "reject_all", 0.8),
        ("Save & accept", "save", 1.0),
        ("Auswahl speichern", "save", 1.0),
        ("Cookie-Einstellungen", "settings", 1.0),
        ("Cookieeinstellungen", "settings", 1.0),
        ("PARAMETRER MES CHOIX", "settings", 1.0),
        ("Do Not Sell or Share My Personal Information", "settings", 1.0),
        ("×", "close", 0.6),
        ("✖\ufe0f", "close", 0.6),
        ("[ x ]", "close", 0.6),
        ("Privacy policy", "info_link", 0.8),
        ("同 意", "accept_all", 0.8),
    ],
)
def test_labels(label: str, role: str, score: float) -> None:
    scores = said(label)
    assert next(iter(scores)) == role, scores
    assert scores[role] == score


def test_a_part_of_a_label_is_worth_less_than_any_whole() -> None:
    scores = said("Accept all cookies and go on to the front page of our site")
    assert 0 < scores["accept_all"] < 0.5


@pytest.mark.parametrize("label", ["", "   ", "Home", "About us", "42", "…", "Add to basket"])
def test_labels_that_say_nothing(label: str) -> None:
    assert not said(label)


def test_labels_in_one_pass_are_as_each_alone() -> None:
    labels = [row[2] for row in BANNERS] + ["", "Home", "×", "Save"] + [row[3] for row in BANNERS]
    each = [MATCHER.label_scores([label])[0].tolist() for label in labels]
    assert MATCHER.label_scores(labels).tolist() == each
    assert MATCHER.label_scores([]).shape == (0, len(ROLES))


def test_longer_controls_hide_shorter_ones() -> None:
    assert roles_in("Continue without accepting") == {"reject_all"}
    assert roles_in("Save and accept") == {"save"}
    assert roles_in("Nicht akzeptieren") == {"reject_all_weak"}


def test_labels_glued_by_an_extractor() -> None:
    text = "Tout AccepterTout refuserParamétrer vos choix"
    found = [(text[at:], MATCHER.roles[role]) for at, role, _ in MATCHER.spans(text)]
    assert ("Tout AccepterTout refuserParamétrer vos choix", "accept_all") in found
    assert ("Tout refuserParamétrer vos choix", "reject_all") in found
    assert ("Paramétrer vos choix", "settings") in found


def test_terms_do_not_run_across_lines_or_sentences() -> None:
    assert "accept_all" in roles_in("Accept\tall")
    assert "accept_all" not in roles_in("Accept\nall")
    assert "accept_all" not in roles_in("What we accept. All of it")


@pytest.mark.parametrize(
    "text",
    [
        "The unaccepted offer was reacceptable at best",
        "Preakceptowany wniosek czeka na podpis",
        "Die Kleinanbieterin vermarktet ihre Ware selbst",
        "Un récepteur de signaux, des refuges et des refusniks",
        "discloses, enclosed, foreclose, disclosure",
        "The settling of the estate took years",
    ],
)
def test_nothing_inside_words(text: str) -> None:
    assert not MATCHER.spans(text)


@pytest.mark.parametrize(
    "text",
    [
        "A nagymama mézes süti receptje, ropogós sütikkel",
        "Recept za medene kolačiće s orasima",
        "Recette de galettes et de biscuits",
        "Vanilkové sušenky s ořechy",
        "バターたっぷりのクッキーのレシピ",
        "Save my name, email and website in this browser for the next time I comment",
        "I accept the terms, and you must be 18 or older to enter",
        "Subscribe to our newsletter. We respect your privacy",
        "Close the door, save the date, and settle the bill",
    ],
)
def test_everyday_text_has_no_strong_term(text: str) -> None:
    assert all(role.endswith("_weak") for role in roles_in(text))


def test_a_biscuit_recipe_may_say_cookies_and_no_more() -> None:
    text = "Bake the cookies for ten minutes, then let the cookies cool on a rack"
    assert roles_in(text) == {"topic"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Déjà vu ? Nous utilisons des cookies", "Nous"),
        ("De\u0301ja\u0300 vu : nous utilisons des cookies", "nous"),
        ("co\u00adokies inside: Tout accep\u00adter", "co\u00adokies"),
        ("😀 🍪 Wir verwenden Cookies", "Wir"),
        ("最新消息。本网站使用Cookie，并分析流量", "本网站"),
        ("关于 Cookie 与流量", "关于"),
        ("流量与 cookies", "cookies"),
        ("İstanbul İZMİR çerez politikamızı okuyun", "çerez"),
        ("\ud800 broken \udfff cookies", "cookies"),
    ],
)
def test_offsets_lead_back_to_the_text(text: str, word: str) -> None:
    assert text.index(word) in [at for at, _, _ in MATCHER.spans(text)]


def test_offsets_in_a_long_text() -> None:
    line = "Ein Satz, der nichts davon sagt; und noch einer.\n"
    text = line * 3000 + "Alle Cookies akzeptieren\n" + line * 10
    assert {at for at, _, _ in MATCHER.spans(text)} >= {len(line) * 3000}
    unbroken = "ab" * 50_000 + " we use cookies"
    assert [at for at, _, _ in MATCHER.spans(unbroken)] == [100_001]


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_will_do(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.codes) == len(folded.origin)
    assert (np.diff(folded.origin) >= 0).all()
    spans = MATCHER.spans(text)
    assert spans == sorted(spans, key=lambda span: span[0])
    assert all(0 <= at < len(text) for at, _, _ in spans)
    assert (MATCHER.label_scores([text]) <= 1).all()


@given(st.lists(st.sampled_from(BANNERS), max_size=6), st.text(max_size=30))
def test_blocks_do_not_disturb_each_other(rows: list[tuple[str, ...]], noise: str) -> None:
    blocks = [cell for row in rows for cell in row[1:]] + [noise.replace("\n", " "), "Tout refuser"]
    offsets = np.cumsum([0] + [len(block) + 1 for block in blocks[:-1]])
    counts = MATCHER.counts("\n".join(blocks), offsets)
    assert counts.shape == (len(blocks), len(MATCHER.roles))
    for block, row in zip(blocks, counts, strict=True):
        assert (MATCHER.counts(block, [0])[0] == row).all()


def test_counts_of_nothing() -> None:
    assert MATCHER.counts("", []).shape == (0, len(MATCHER.roles))
    assert not MATCHER.counts("plain words", [0]).any()


def test_role_names() -> None:
    assert MATCHER.roles[: len(ROLES)] == ROLES
    assert MATCHER.roles[len(ROLES) :] == tuple(f"{role}_weak" for role in ROLES)


def test_stems_take_endings_and_plain_words_do_not() -> None:
    matcher = compile_terms([term("keks*"), term("krümel"), term("nehm* all* an")])
    found = [matcher.term(i).text for _, _, i in matcher.spans("Kekse, Keksdose, Krümel, Krümeln")]
    assert found == ["keks*", "keks*", "krümel"]
    assert matcher.spans("Nehmen alles an")
    assert not matcher.spans("Nehmen alles anders")
    assert not matcher.spans("Nehmen\nalles an")


def test_terms_that_can_not_be_matched_are_refused() -> None:
    for text in ("a. b", "ab*", "x", "in*ner", "end)", ""):
        with pytest.raises(ValueError, match=r"term|short"):
            compile_terms([term("cookies"), term(text)])
    with pytest.raises(ValueError, match="no role or strength: 'no_such'"):
        compile_terms([term("cookies", role="no_such")])


def test_the_weaker_strength_holds_and_languages_join() -> None:
    one = Term("save", "Guardar", "strong", ("es",), "own")
    two = Term("save", "guardar", "weak", ("pt", "ca"), "own")
    matcher = compile_terms([one, two])
    [(at, role, term_id)] = matcher.spans("GUARDAR")
    assert (at, matcher.roles[role]) == (0, "save_weak")
    assert matcher.term(term_id).languages == ("ca", "es", "pt")
    assert matcher.term(term_id).strength == "weak"


ORDINARY = """
The council met on Tuesday to settle the budget for the coming year. Members spoke for two hours
about roads, schools and the price of heating, and agreed on little. A second session follows in
March, when the treasurer presents figures; the mayor hopes that personal differences will have
been put aside by then. In the afternoon the library opened its new reading room. Die Sitzung
dauerte bis zum Abend, danach gingen alle nach Hause. La ville attend la suite avec patience.
"""


def test_the_work_does_not_grow_with_the_number_of_terms() -> None:
    def work(terms: list[Term]) -> int:
        return sum(1 for _ in compile_terms(terms).candidates(fold(ORDINARY * 20)))

    strange = [
        Term(t.role, t.text[::-1], t.strength, t.languages, t.source)
        for t in TERMS
        if t.strength != "label" and len(t.text) > 3 and "*" not in t.text
    ]
    own = list(TERMS)
    assert len(strange) > 0.6 * len(own)
    assert work(own + strange) <= 1.2 * work(own)


def test_no_hash_is_shared_by_many_terms() -> None:
    texts = "\n".join(t.text.replace("*", "") for t in TERMS)
    per_start: dict[int, int] = {}
    for start, _ in MATCHER.candidates(fold(texts)):
        per_start[start] = per_start.get(start, 0) + 1
    assert max(per_start.values()) <= 40


def test_rows_are_sound() -> None:
    for language in [*LANGUAGES, "und"]:
        lines = _lines(language)
        assert lines[0] == "role\tstrength\tterm\tsource"
        rows = [line.split("\t") for line in lines[1:]]
        keys = [(role, text.lower()) for role, _, text, _ in rows]
        assert len(set(keys)) == len(keys), language
        for role, strength, text, source in rows:
            assert role in ROLES
            assert strength in STRENGTHS
            assert text == " ".join(text.split())
            assert 0 < len(text) <= 60, "a term is a label or a phrase, no sentence"
            assert not (strength == "label" and "*" in text)
            assert source.strip()


def test_every_language_has_every_role() -> None:
    for language in LANGUAGES:
        rows = [term for term in TERMS if term.languages == (language,)]
        assert {term.role for term in rows} >= set(ROLES) - {"law"}, language
        assert len(rows) >= 60, language


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "xx.tsv").write_text("role\tstrength\tterm\tsource\ntopic\tstrong\tkekse\n")
    with pytest.raises(ValueError, match=r"xx\.tsv"):
        load_rows(tmp_path)


def test_platform_facts_are_sound() -> None:
    data = json.loads((HERE / "platforms.json").read_text("utf-8"))
    platforms = load_platforms()
    names = [platform.name for platform in platforms]
    assert len(set(names)) == len(names) >= 70
    for platform in platforms:
        assert platform.roots or platform.hosts or platform.globals
        facts = [*platform.roots, *platform.reopens, *(b.selector for b in platform.buttons)]
        for fact in facts:
            assert fact.source in data["sources"]
            assert fact.match in {"id", "id_prefix", "class", "class_prefix", "tag", "attribute"}
            assert fact.value
            assert not set(fact.value) & set(" >,:")
        assert {button.role for button in platform.buttons} <= set(ROLES)
        for host in platform.hosts:
            assert host.source in data["sources"]
            assert len(host.fragment) > 5


def test_root_selectors_name_one_platform() -> None:
    seen: dict[tuple[str, str], str] = {}
    for platform in load_platforms():
        for root in platform.roots:
            assert seen.setdefault((root.match, root.value), platform.name) == platform.name


@pytest.mark.parametrize(
    ("tag", "attributes", "names"),
    [
        ("div", {"id": "onetrust-consent-sdk"}, ["OneTrust"]),
        ("div", {"id": "sp_message_container_1078"}, ["Sourcepoint"]),
        ("div", {"class": "cky-consent-bar x"}, ["CookieYes"]),
        ("amp-consent", {}, ["AMP consent"]),
        ("div", {"data-hook": "consent-banner-root"}, ["Wix"]),
        ("div", {"class": "cmp-teaser cmp-text"}, []),
        ("body", {"class": "cookies-not-set"}, []),
        ("div", {"class": "comment-form-cookies-consent"}, []),
        ("div", {"class": "shopify-buyer-consent"}, []),
        ("div", {"id": "cookiebanner"}, []),
        ("div", {"class": "not-cookied"}, []),
    ],
)
def test_platform_roots(tag: str, attributes: dict[str, str], names: list[str]) -> None:
    found = [
        platform.name
        for platform in load_platforms()
        if any(root.matches(tag, attributes) for root in platform.roots)
    ]
    assert found == names


def _lines(language: str) -> list[str]:
    return (HERE / "consent" / f"{language}.tsv").read_text("utf-8").splitlines()
