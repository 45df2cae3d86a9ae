"""What holds of any page, on pages that nobody would write."""

from __future__ import annotations

from html import escape

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from detector import Detector, Page
from training.own import OwnPage

TAGS = (
    "p div span a b em li ul ol table tr td th h1 h2 article section nav footer button "
    "blockquote pre code figure form label dl dt dd details summary br hr img"
).split()
words = st.text("abc éßжя中文 שלום<>&\"'", max_size=30)
attributes = st.sampled_from(
    [
        "",
        " class='content main'",
        " id=cookie-banner",
        " hidden",
        " style='display:none'",
        " role=x",
    ]
)


@st.composite
def _element(draw: st.DrawFn, children: st.SearchStrategy[str]) -> str:
    tag = draw(st.sampled_from(TAGS))
    inner = "".join(draw(st.lists(children, max_size=4)))
    end = draw(st.sampled_from([f"</{tag}>", f"</{tag}>", f"</{tag}>", ""]))
    return f"<{tag}{draw(attributes)}>{inner}{end}"


pages = st.lists(
    st.recursive(words.map(escape) | words, lambda inner: _element(inner), max_leaves=25),
    max_size=8,
).map("".join)
many = settings(max_examples=150)


def squeezed(text: str) -> str:
    return "".join(text.split())


def labels(page: Page) -> list[tuple[str, str, float]]:
    return [(block.text, block.label, round(block.probability, 9)) for block in page.blocks]


@many
@given(html=pages)
def test_blocks_hold_the_text_of_the_page_in_order(shipped: Detector, html: str) -> None:
    page = shipped.detect(html)
    table = page._table
    root = table.elements[0]
    whole = "".join(table.block_text(number) for number in range(len(table)))
    assert squeezed(whole) == squeezed("".join(root.itertext()))


@many
@given(html=pages)
def test_every_xpath_and_selector_finds_its_block(shipped: Detector, html: str) -> None:
    for block in shipped.detect(html).blocks:
        assert block._element is not None
        tree = block._element.getroottree()
        assert tree.xpath(block.xpath) == [block._element]
        assert tree.getroot().cssselect(block.css) == [block._element]


@many
@given(html=pages)
def test_labels_do_not_hang_on_the_form_of_the_input(shipped: Detector, html: str) -> None:
    text = shipped.detect(html)
    assert labels(shipped.detect(html.encode(), encoding="utf-8")) == labels(text)
    tree = text._table.elements[0]
    assert labels(shipped.detect(tree)) == labels(text)
    assert labels(shipped.detect(tree.getroottree())) == labels(text)


@many
@given(html=pages)
def test_the_cleaned_page_holds_the_text_and_stays_as_it_is(shipped: Detector, html: str) -> None:
    page = shipped.detect(html, mode="recall")
    clean = page.html()
    again = lxml_html.document_fromstring(clean)
    body = again.find("body")
    assert body is not None
    assert squeezed("".join(body.itertext())) == squeezed(page.text)


def test_own_pages_cleaned_and_detected_again_keep_their_content(
    shipped: Detector, own: dict[str, OwnPage]
) -> None:
    kept = total = 0
    for page in own.values():
        found = shipped.detect(page.html, url=page.url)
        again = shipped.detect(found.html(), url=page.url, mode="recall")
        before = found.text.split()
        after = set(again.text.split())
        kept += sum(word in after for word in before)
        total += len(before)
    assert kept / total > 0.95
