"""A sentence and its buttons, as sites write their own: the least that a banner can be."""

from __future__ import annotations

from collections import defaultdict
from random import Random

import pytest

from detector import Detector
from detector.lexicon import load_terms

SENTENCES = (
    "The council approved the town's budget last night after a debate of three hours.",
    "Investment grows by eight per cent, driven by the renovation of the sports hall.",
    "The opposition voted against, saying that the debt would weigh on years to come.",
)
BANNERS = {
    "en": ("This site uses cookies to remember what you read.", ("Accept", "Decline", "Options")),
    "fr": ("Nous utilisons des cookies pour mesurer l'audience.", ("Accepter", "Refuser")),
    "de": ("Diese Website verwendet Cookies.", ("Zustimmen", "Ablehnen", "Einstellungen")),
    "es": ("Usamos cookies propias y de terceros.", ("Aceptar", "Rechazar", "Configurar")),
    "it": ("Questo sito utilizza cookie tecnici e di terze parti.", ("Accetto", "Rifiuto")),
    "hu": ("Ez a weboldal sütiket használ.", ("Elfogadom", "Elutasítom", "Beállítások")),
    "fi": ("Käytämme evästeitä sivuston kehittämiseen.", ("Hyväksy", "Hylkää", "Asetukset")),
    "et": ("See leht kasutab küpsiseid.", ("Nõustun", "Keeldun", "Seaded")),
    "el": ("Χρησιμοποιούμε cookies για στατιστικά.", ("Αποδοχή", "Απόρριψη", "Ρυθμίσεις")),
    "ru": ("Мы используем файлы cookie для статистики.", ("Принять", "Отклонить")),
    "ja": ("当サイトではクッキーを使用しています。", ("同意する", "拒否する", "設定")),
    "sw": ("Tovuti hii hutumia vidakuzi.", ("Kubali", "Kataa", "Mipangilio")),
    "ta": ("இந்த இணையதளம் குக்கீகளைப் பயன்படுத்துகிறது.", ("ஏற்றுக்கொள்", "நிராகரி")),
    "kk": ("Бұл сайт cookie файлдарын қолданады.", ("Қабылдау", "Бас тарту")),
    "ur": ("یہ ویب سائٹ کوکیز استعمال کرتی ہے۔", ("قبول کریں", "مسترد کریں")),
    "th": ("เว็บไซต์นี้ใช้คุกกี้เพื่อการวัดผล", ("ยอมรับ", "ปฏิเสธ", "ตั้งค่า")),
}
WRAPPERS = (
    "<div>{}</div>",
    "<div class='q7x'><div>{}</div></div>",
    "<div role=dialog aria-modal=true>{}</div>",
    "<div style='position:fixed;bottom:0'>{}</div>",
)


def page_with(language: str, inner: str, *, first: bool = False) -> bytes:
    main = (
        "<nav><a href=/>Start</a> <a href=/news>News</a></nav><main><h1>The budget</h1>"
        + "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
        + "</main><footer><p>Town Post</p></footer>"
    )
    body = inner + main if first else main + inner
    return f"<html lang={language}><body>{body}</body></html>".encode()


@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("language", BANNERS)
def test_is_found_with_its_buttons_and_takes_nothing_else(
    shipped: Detector, language: str, wrapper: str, first: bool
) -> None:
    said, labels = BANNERS[language]
    inner = f"<p>{said}</p>" + "".join(f"<button>{label}</button>" for label in labels)
    page = shipped.detect(page_with(language, wrapper.format(inner), first=first))
    assert [block.text for block in page.blocks if block.label == "consent"] == [said, *labels]
    assert page.banner is not None
    assert [button.text for button in page.banner.buttons] == list(labels)
    assert [button.role for button in page.banner.buttons[:2]] == ["accept_all", "reject_all"]
    assert all(sentence in page.text for sentence in SENTENCES)


def words_by_language() -> dict[str, dict[str, list[str]]]:
    """The lexicon's terms that say consent by themselves, and buttons that need not: by role."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for term in load_terms():
        wanted = "strong" if term.role == "topic" else "weak"
        if term.strength == wanted:
            for language in term.languages:
                found[language][term.role].append(term.text.replace("*", ""))
    del found["und"]
    return dict(sorted(found.items()))


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_the_lexicons_words_in_any_language_are_a_banner(shipped: Detector, wrapper: str) -> None:
    missed = []
    for language, words in words_by_language().items():
        random = Random(language)
        said = " ".join(random.sample(words["topic"], 2))
        roles = [role for role in ("accept_all", "reject_all", "settings") if words[role]]
        labels = [random.choice(words[role]) for role in roles]
        inner = f"<p>{said}.</p>" + "".join(f"<button>{label}</button>" for label in labels)
        page = shipped.detect(page_with(language, wrapper.format(inner)))
        assert all(sentence in page.text for sentence in SENTENCES), language
        if page.banner is None or labels[0] not in page.banner.text:
            missed.append(language)
    assert len(missed) <= 2, missed


@pytest.mark.parametrize(
    "box",
    [
        "<h2>Our letter</h2><p>Tide tables every Friday. See our privacy policy.</p>"
        "<input type=email><button>Sign up</button><button>No thanks</button>",
        "<p>Are you over eighteen? We have to ask.</p><button>Yes</button><button>No</button>",
        "<form><p>Log in to write. By doing so you accept our rules.</p><input type=text>"
        "<input type=password><button>Log in</button></form>",
        "<p>Read on in our app, where pages load twice as fast.</p><button>Open the app</button>"
        "<button>Not now</button>",
        "<p>Was this page any help?</p><button>Yes</button><button>No</button>",
    ],
    ids=["letter", "age", "login", "app", "help"],
)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_other_boxes_with_buttons_are_no_banner(shipped: Detector, wrapper: str, box: str) -> None:
    page = shipped.detect(page_with("en", wrapper.format(box)))
    assert page.banners == ()
    assert all(sentence in page.text for sentence in SENTENCES)
