from __future__ import annotations

import math
import string

import numpy as np
import numpy.typing as npt
import pytest
from contexts import block_of, column, context_of
from hypothesis import given
from hypothesis import strategies as st

from detector.blocks import walk
from detector.document import parse
from detector.features import FEATURES, PAGE_FEATURES, featurise, featurise_page
from detector.features.ancestors import distinct
from detector.features.climb import LEVELS
from detector.features.context import CHAIN, FAR, Context, ratio
from detector.features.position import title_block
from detector.features.region import find_region
from detector.metadata import read_metadata
from detector.names import NameTable

PAGE = """<html lang=en><head><title>The Night Tram - Example Times</title></head><body>
<header class=site-header><a href=/>Example Times</a><nav id=main-nav><ul>
<li><a href=/a>News</a></li><li><a href=/b>Sports</a></li><li><a href=/c>Prices</a></li></ul></nav>
</header>
<main><article class=post><h1>The Night Tram</h1><p class=byline>By <a href=/w>A. Writer</a></p>
<p>It leaves the depot at <b>half past one</b>, and it comes back at dawn. Nobody quite knows who
rides it, or why.</p><p>We rode it for a week, with a notebook, and asked. Here is what they said,
one by one: bakers, nurses, students, and a man with a cello.</p><pre>01:30  depot
01:55  harbour</pre><figure><img src=x><figcaption>The tram, at 2.</figcaption></figure></article>
<aside class=related><h2>More</h2><div class=card><a href=/1>The first ferry</a></div>
<div class=card><a href=/2>A market hall</a></div><div class=card><a href=/3>Night bakers</a></div>
</aside></main><div hidden><p>Subscribe now for $2</p></div>
<footer><p>Copyright 2024</p><p>Read More</p><p>read  MORE</p></footer></body></html>"""


@pytest.fixture(scope="module")
def page() -> Context:
    return context_of(PAGE, "https://times.example/news/the-night-tram")


# --- the table of features ------------------------------------------------------------------------


def test_rows_are_named_and_explained() -> None:
    for rows in (FEATURES, PAGE_FEATURES):
        names = [row.name for row in rows]
        assert len(set(names)) == len(names) <= 205
    for row in (*FEATURES, *PAGE_FEATURES):
        assert row.name.isidentifier()
        assert row.group.isidentifier()
        assert len(row.doc) > 5
        assert row.doc.endswith(".")
    # What is of the page is so by its group, and the same in both tables.
    assert {row.group for row in PAGE_FEATURES} == {"page"}
    assert {row for row in FEATURES if row.group == "page"} <= set(PAGE_FEATURES)


ODD_PAGES = {
    "nothing": ("", 0),
    "no words": ("<p>\u200b</p><p>—</p>", 2),
    "one block": ("<p>one", 1),
    "no tag": ("one", 1),
    "only skipped": ("<script>x</script>", 0),
    "an empty heading": ("<title>one</title><h1></h1><p>one", 1),
    "only links": ("<a href=x>one</a><p><a href=y>two</a>", 2),
    "emoji": ("<p>😀</p><p>🎉 one 𠀀</p>", 2),
    "deep": ("<div>" * 1900 + "<p>one</p>" + "</div>" * 1900 + "<p>two</p>", 2),
    "deeper than read": ("<div>" * 3000 + "one", 1),
    "wide": ("<p>one two</p>" * 3000, 3000),
    "many nodes": ("<p>" + "<b>a</b> " * 3000, 1),
    "one long word": ("<p>" + "x" * 100_000, 1),
    "all the same": ("<div class=a id=b>one</div>" * 50, 50),
    "lone surrogates": ("<p>\ud800 one", 1),
}


@pytest.mark.parametrize("name", ODD_PAGES)
def test_the_matrix_of_odd_pages(name: str) -> None:
    html, n = ODD_PAGES[name]
    context = context_of(html)
    assert context.n == n
    check(context)


def check(context: Context) -> None:
    matrix = featurise(context)
    assert matrix.shape == (context.n, len(FEATURES))
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous
    assert np.isfinite(matrix).all()
    row = featurise_page(context)
    assert row.shape == (1, len(PAGE_FEATURES))
    assert row.dtype == np.float32
    assert np.isfinite(row).all()
    # What is of the page is the same for all its blocks.
    for number, feature in enumerate(PAGE_FEATURES if context.n else ()):
        if feature in FEATURES:
            assert (matrix[:, FEATURES.index(feature)] == row[0, number]).all()


def test_some_rows_only(page: Context) -> None:
    rows = FEATURES[3:5]
    assert (featurise(page, rows) == featurise(page)[:, 3:5]).all()


def test_a_tree_of_the_caller_may_be_a_part_of_it(page: Context) -> None:
    root = parse(PAGE).root
    (article,) = root.iter("article")
    part = Context(walk(article), read_metadata(article, None), NameTable({}))
    check(part)
    first = block_of(page, "The Night Tram")
    assert part.words.tolist() == page.words[first : first + part.n].tolist()


TAGS = st.sampled_from("div p ul li a b h1 h2 table td pre nav article img br span select".split())
TEXTS = st.sampled_from(
    ["", " ", "one", "two three. ", "A, B", "文字。", "привет", "£5", "—", "1\n2"]
)
NAMES = st.sampled_from(["", "card", "card big", "comment-1", "nav"])


@st.composite
def elements(draw: st.DrawFn, depth: int = 4) -> str:
    tag = draw(TAGS)
    inner = [draw(TEXTS)]
    for _ in range(draw(st.integers(0, 4)) if depth else 0):
        inner += [draw(elements(depth - 1)), draw(TEXTS)]
    return f"<{tag} class='{draw(NAMES)}'>{''.join(inner)}</{tag}>"


@given(elements(), st.sampled_from(["", "https://a.example/shop/p/one-two", "?"]))
def test_the_matrix_of_any_page(html: str, url: str) -> None:
    check(context_of(html, url, {"ccard": 1.5, "wnav": -2.0}))


# Another word for each word, letter by letter.
OTHER_WORDS = str.maketrans(
    string.ascii_letters,
    string.ascii_lowercase[7:] + string.ascii_lowercase[:7]
    + string.ascii_uppercase[7:] + string.ascii_uppercase[:7],
)  # fmt: skip


def test_no_feature_but_the_cues_knows_a_word(page: Context) -> None:
    root = parse(PAGE).root
    for element in root.iter():
        element.text = element.text and element.text.translate(OTHER_WORDS)
        element.tail = element.tail and element.tail.translate(OTHER_WORDS)
    other = Context(walk(root), read_metadata(root, page.metadata.address), NameTable({}))
    assert other.table.block_text(0) == "Lehtwsl Aptlz"
    rows = tuple(row for row in FEATURES if not row.name.startswith("announces_"))
    assert len(rows) == len(FEATURES) - 2
    np.testing.assert_array_equal(featurise(other, rows), featurise(page, rows))


# --- shared quantities ----------------------------------------------------------------------------


def test_measures_of_text() -> None:
    c = context_of(
        "<p>One, <a href=x>two three</a><a href=y>four</a>. <b>Bold</b></p>"
        "<pre>x = 1;</pre><h3><a>five</a></h3><p>日本語のテキスト。</p><p>It's 2&nbsp;€</p>"
    )
    assert c.words.tolist() == [5, 2, 1, 8, 3]
    assert c.chars.tolist() == [21, 4, 4, 9, 6]
    assert c.links.tolist() == [2, 0, 1, 0, 0]
    assert c.link_chars.tolist() == [12, 0, 4, 0, 0]
    assert c.bold_chars.tolist() == [4, 0, 4, 0, 0]
    assert c.code_chars.tolist() == [0, 4, 0, 0, 0]
    assert c.count("terminal").tolist() == [1, 0, 0, 1, 0]
    assert c.count("comma").tolist() == [1, 1, 0, 0, 0]
    assert c.count("currency").tolist() == [0, 0, 0, 0, 1]
    assert c.count("han").tolist() == [0, 0, 0, 3, 0]
    assert c.heading_level.tolist() == [0, 0, 3, 0, 0]
    assert c.page_words == 19


def test_pages_without_spaces_are_measured_by_characters() -> None:
    chinese = context_of("<p>" + "这是一个很长的段落，" * 5 + "</p><p>短</p>")
    assert chinese.words.tolist() == [45, 1]
    assert chinese.prose_words.tolist() == [45, 0]
    assert column(chinese, "script_han") == [pytest.approx(46 / 51)] * 2
    assert column(chinese, "sentences") == [0, 0]
    assert column(chinese, "commas") == [5, 0]


def test_words_do_not_run_on() -> None:
    # Neither from block to block nor over a line break, but over inline markup.
    c = context_of("<p>one</p><p>two</p><p>thr<b>ee</b> fo<br>ur</p>")
    assert c.words.tolist() == [1, 1, 3]


def test_edges(page: Context) -> None:
    ends = column(page, "ends_terminal")
    assert ends[block_of(page, "It leaves")] == 1
    assert ends[block_of(page, "The Night")] == 0
    assert ends[block_of(page, "The tram")] == 1


def test_same_text() -> None:
    c = context_of(
        "<p>Read More</p><p>read\n MORE </p><p><b>R</b>ead more →</p><p>Read more!</p>"
        "<p>more read</p><p>Über</p><p>über</p><p>ab</p><p>ba</p><p></p><p>😀</p><p>→</p>"
    )
    ids = c.text_id.tolist()
    assert ids[0] == ids[1] == ids[2]
    assert len({ids[0], *ids[3:5]}) == 3
    assert ids[5] == ids[6]
    assert ids[7] != ids[8]
    assert ids[9] == ids[10]  # symbols alone: nothing to tell them by
    assert column(c, "copies")[:4] == [3, 3, 3, 1]


WORDS = st.text(st.sampled_from("abcxyz "), max_size=6)


@given(st.lists(WORDS, min_size=1, max_size=12))
def test_same_text_same_id(texts: list[str]) -> None:
    c = context_of("".join(f"<p>{text}</p>" for text in texts))
    keys = ["".join(c.table.block_text(block).split()) for block in range(c.n)]
    for one, one_id in zip(keys, c.text_id, strict=True):
        for two, two_id in zip(keys, c.text_id, strict=True):
            assert (one == two) == (one_id == two_id)


@given(elements())
def test_sums_over_subtrees(html: str) -> None:
    c = context_of(html)
    t = c.table
    values = np.arange(c.n) + 0.5
    of_elements = np.arange(c.n_elements) * 2.0
    sums, element_sums = c.subtree(values), c.subtree_of_elements(of_elements)
    for element in range(c.n_elements):
        inside = range(element, int(t.end[element]))
        held = [values[b] for b in range(c.n) if t.element[b] in inside]
        assert sums[element] == pytest.approx(sum(held))
        assert element_sums[element] == sum(of_elements[e] for e in inside)


@given(elements())
def test_chains_of_ancestors(html: str) -> None:
    c = context_of(html)
    for block in range(c.n):
        element = int(c.table.element[block])
        for found in c.chain[:, block]:
            assert found == element
            element = int(c.table.parent[element])


def test_long_chains_are_cut() -> None:
    c = context_of("<div>" * 500 + "one" + "<div>" * 500 + "two")
    assert c.chain.shape == (CHAIN, 2)
    assert column(c, "depth") == [501, 1001]


def test_steps(page: Context) -> None:
    c = page
    steps = c.steps_to(c.tagged("nav", "aside"))
    assert steps[block_of(c, "News")] == 2
    assert steps[block_of(c, "More")] == 1
    assert steps[block_of(c, "By")] == FAR
    assert (c.steps_to(c.tagged("textarea")) == FAR).all()
    assert (c.steps_to(c.tagged("html")) == c.table.depth[c.table.element]).all()


def test_ratio() -> None:
    assert ratio([1, 0, 3], [2, 0, 0]).tolist() == [0.5, 0, 0]
    assert ratio(3, np.array([2.0, 0.0])).tolist() == [1.5, 0]
    assert ratio(np.array([], float), np.array([], float)).tolist() == []


def test_shared_quantities_are_computed_once(page: Context) -> None:
    calls: list[Context] = []
    for _ in range(3):
        assert page.shared("a test", lambda c: calls.append(c) or 7) == 7  # type: ignore[func-returns-value]
    assert calls == [page]


def test_what_stays_when_characters_are_forgotten() -> None:
    c = context_of(PAGE)
    before = featurise(c)
    c.forget_characters()
    assert (featurise(c) == before).all()


# --- groups of features ---------------------------------------------------------------------------


@given(elements())
def test_ancestors_that_differ(html: str) -> None:
    c = context_of(html)
    if not c.n:
        return
    found = distinct(c)
    assert found.shape == (c.n, LEVELS)
    for block in range(c.n):
        # The nearest with other blocks in them, then each with more than the one before.
        expected: list[int] = []
        blocks = 1.0
        for element in c.chain[:, block]:
            if c.element_blocks[element] > blocks:
                expected.append(int(element))
                blocks = c.element_blocks[element]
        expected += [int(c.chain[-1, block])] * LEVELS
        assert found[block].tolist() == expected[:LEVELS]


def test_names_that_are_scored() -> None:
    html = (
        "<div class=outer><div class='inner x'><div><p id=own>one</p></div></div></div>"
        "<p class=unknown>two</p>"
    )
    scores = {"couter": -2.0, "cinner": 1.0, "cx": 9.0, "iown": 0.5}
    c = context_of(html, scores={**scores, "wouter": -4.0})
    assert column(c, "score_own") == [0.5, 0]
    assert column(c, "score_parent") == [0, 0]
    assert column(c, "score_near1") == [0.5, 0]
    assert column(c, "score_near2") == [column(c, "score_sum")[0] - 0.5 + 3.0, 0]
    assert column(c, "score_near3") == [-3.0, 0]
    assert column(c, "score_lowest") == [-3.0, 0]
    assert column(c, "score_lowest_steps") == [3, FAR]
    assert column(c, "score_mean")[0] == pytest.approx(column(c, "score_sum")[0] / 3)
    plain = context_of(html)
    assert column(plain, "score_sum") == [0, 0]
    # All else is the same.
    rows = tuple(row for row in FEATURES if row.group != "scores")
    assert (featurise(c, rows) == featurise(plain, rows)).all()


def test_names_of_the_root_say_nothing() -> None:
    page = "<div class=aa><p>one</p><div><div class=bb><p>two</p></div></div></div>"
    root = parse(page).root.find(".//div")
    assert root is not None
    c = Context(walk(root), read_metadata(root, None), NameTable({"caa": 1.0, "cbb": 2.0}))
    assert column(c, "score_sum") == [0, 2]
    assert column(c, "score_near1") == [0, 2]


def test_other_scores_for_the_same_page(page: Context) -> None:
    scores = {"cpost": 3.0, "wnav": -1.0}
    featurise(page)
    other = page.with_names(NameTable(scores))
    fresh = context_of(PAGE, page.metadata.address, scores)
    np.testing.assert_array_equal(featurise(other), featurise(fresh))
    assert max(column(other, "score_highest")) == 3
    assert set(column(page, "score_highest")) == {0}


def test_the_top_element(page: Context) -> None:
    region = find_region(page)
    assert page.table.elements[region.top].tag == "article"
    inside = [block_of(page, start) for start in ("It leaves", "We rode", "By")]
    assert region.up[inside].tolist() == [1, 1, 1]
    assert region.down[inside].tolist() == [0, 0, 0]
    outside = block_of(page, "Copyright")
    assert region.up[outside] == page.table.depth[page.table.element[outside]] - 1
    assert region.down[outside] == 2
    distance = column(page, "top_distance")
    first, last = block_of(page, "The Night"), block_of(page, "The tram")
    assert distance[first : last + 1] == [0] * (last - first + 1)
    assert distance[first - 1 :: -1] == [-1.0 - block for block in range(first)]
    assert distance[last + 1 :] == [1.0 + block for block in range(page.n - last - 1)]


def test_position(page: Context) -> None:
    assert column(page, "index") == list(range(page.n))
    assert column(page, "index_from_end") == list(range(page.n))[::-1]
    before = column(page, "words_before")
    assert before[0] == 0
    assert before == sorted(before)
    assert before[-1] == pytest.approx(1 - page.words[-1] / page.page_words)


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<p>no heading", -1),
        ("<p>one<h2>two</h2>", -1),
        ("<h2>one</h2><h1>two</h1>", 1),
        ("<title>one two</title><h1>Site</h1><h2>One two</h2><p>one two", 1),
        ("<title>one two three</title><h1>Site</h1><h1>One two</h1>", 1),
        ("<title>Site</title><meta property=og:title content='one two'><h2>x</h2><h3>one two", 1),
        ("<h2>x</h2>" * 100 + "<h1>too late</h1>", -1),
    ],
)
def test_the_titles_block(html: str, title: int) -> None:
    c = context_of(html)
    assert title_block(c) == title
    since = column(c, "since_title")
    assert since == ([b - title for b in range(c.n)] if title >= 0 else [-999] * c.n)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_means_around_a_block(words: list[int]) -> None:
    c = context_of("".join(f"<p>{'w ' * count}</p>" for count in words))
    near = column(c, "near_words")
    for block in range(c.n):
        around = words[max(block - 3, 0) : block + 4]
        assert near[block] == pytest.approx(sum(around) / len(around))
    logs = [math.log1p(count) for count in words]
    assert column(c, "previous_words") == pytest.approx([0, *logs[:-1]])
    assert column(c, "next_words") == pytest.approx([*logs[1:], 0])


def test_records(page: Context) -> None:
    card = block_of(page, "A market")
    assert column(page, "near_record_size")[card] == pytest.approx(math.log(3))
    assert column(page, "near_record_words")[card] == pytest.approx(8 / 3)
    assert column(page, "near_record_links")[card] == 1
    assert column(page, "near_record_slots")[card] == 1
    alone = block_of(page, "It leaves")
    assert column(page, "near_record_size")[alone] == -1


def test_records_within_records() -> None:
    comment = "<div class=comment><p>{} says:</p><p>words</p><ul>{}</ul></div>"
    items = "".join(f"<li class=vote>{vote}</li>" for vote in ("up", "down", "flag"))
    c = context_of("".join(comment.format(name, items) for name in "ABCD"))
    vote, text = 2, 1
    assert column(c, "near_record_size")[vote] == pytest.approx(math.log(3))
    assert column(c, "wide_record_size")[vote] == pytest.approx(math.log(4))
    assert column(c, "near_record_size")[text] == pytest.approx(math.log(4))
    assert column(c, "near_record_spread")[text] == 0
    # What is said differs from record to record, what is pressed does not.
    assert column(c, "class_path_distinct")[vote] == pytest.approx(3 / 12)
    assert column(c, "class_path_distinct")[0] == pytest.approx(5 / 8)


def test_hidden(page: Context) -> None:
    hidden = column(page, "hidden_depth")
    assert hidden[block_of(page, "Subscribe")] == 1
    assert sum(hidden) == 1
    assert column(context_of("<noscript><div hidden><p>one"), "hidden_depth") == [2]


PAGES_OF_A_KIND: list[tuple[str, str | None, dict[str, float]]] = [
    ("<p>one", None, {"kind_article": 0, "kind_product": 0, "address_parts": 0}),
    ("<p>one", "https://a.example/blog/a-b-c/", {"kind_article": 2, "address_hyphens": 2}),
    ("<p>one", "https://a.example/shop/p/12", {"kind_product": 2, "address_last": 2}),
    ("<meta property=og:type content=Article><p>one", None, {"kind_article": 1}),
    ("<meta name=generator content='Discourse 3.1'><p>one", None, {"kind_forum": 4}),
    (
        '<script type=application/ld+json>{"@type":"QAPage"}</script><p>one',
        "https://a.example/questions/7",
        {"kind_forum": 3, "kind_article": 0, "address_parts": 2},
    ),
    ("<p>one", "https://[", {"address_parts": 0, "address_last": 0}),
    ("<p>one</p><ul><li>two three", None, {"page_in_p": 1 / 3, "page_in_list": 2 / 3}),
    ("<p>один<p>ένα ένα", None, {"script_cyrillic": 0.4, "script_greek": 0.6, "script_han": 0}),
    ("<div class=comments><p>one</p></div><p>two", None, {"page_named_comment": 0.5}),
]


@pytest.mark.parametrize(("html", "url", "values"), PAGES_OF_A_KIND)
def test_the_page_as_a_whole(html: str, url: str | None, values: dict[str, float]) -> None:
    c = context_of(html, url)
    row: npt.NDArray[np.float32] = featurise_page(c)[0]
    found = {feature.name: float(row[i]) for i, feature in enumerate(PAGE_FEATURES)}
    assert {name: found[name] for name in values} == pytest.approx(values)


@pytest.mark.parametrize("n", [100, 1000])
def test_what_is_kept_of_a_page_grows_with_it(n: int) -> None:
    """No quantity is larger than a number a character, an ancestor or a class times its rows."""
    c = context_of("<div><ul>" + "<li class=x><a href=y>one</a> two</li>" * n + "</ul></div>")
    featurise(c)
    rows = max(c.n, c.n_elements, len(c.table.text), len(c.table.node_link)) + 1
    for value in (*vars(c).values(), *c._shared.values()):
        if isinstance(value, np.ndarray):
            assert value.size <= 16 * rows
    assert len(c.chain) == 5
