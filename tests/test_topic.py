from __future__ import annotations

import numpy as np
import pytest
from contexts import block_of, column, context_of

from detector.features.context import FAR

STORY = """<html><head><title>The weavers of Aldermoor</title></head><body>
<main><article><h1>The weavers of Aldermoor</h1>
<p>Weavers came to Aldermoor, in the valley, for its water: the looms need wheels, they say, and
wheels need rivers.</p>
<p>Nine looms stand idle now. The weavers of the valley, once eighty, are four, and old.</p>
</article>
<article><h2>Ferry stranded</h2><p>Passengers waited overnight, wrapped in blankets.</p></article>
</main><div hidden>
<p>Weavers came to Aldermoor, in the valley, for its water: the looms need wheels, they say, and
wheels need rivers.</p></div>"""


def test_what_the_story_speaks_of() -> None:
    context = context_of(STORY)
    first, second = (block_of(context, start) for start in ("Nine", "Passengers"))
    region = column(context, "topic_region")
    assert region[first] > 0.3
    assert region[second] == 0
    assert column(context, "topic_page")[second] == 0
    # The story as a whole, and the second article as a whole.
    assert column(context, "up0_topic")[first] > 0.3
    assert column(context, "up0_topic")[second] == 0


def test_what_the_title_says() -> None:
    context = context_of(STORY)
    heading, other = block_of(context, "The weavers"), block_of(context, "Ferry")
    assert column(context, "topic_title")[heading] == 1
    assert column(context, "title_found")[heading] == 1
    assert column(context, "topic_title")[other] == column(context, "title_found")[other] == 0
    assert not any(column(context_of("<p>Weavers of cloth</p>"), "title_found"))


def test_copies_know_which_came_first() -> None:
    context = context_of(STORY)
    before, after = column(context, "repeated_before"), column(context, "repeated_after")
    first, copy = (
        block
        for block in range(context.n)
        if context.table.block_text(block).startswith("Weavers came")
    )
    assert (before[first], after[first]) == (0, 1)
    assert (before[copy], after[copy]) == (1, 0)
    # Too short to have a phrase.
    assert before[block_of(context, "Ferry")] == after[block_of(context, "Ferry")] == 0


def test_the_way_to_the_title() -> None:
    context = context_of(STORY)
    heading, near, far = (block_of(context, s) for s in ("The weavers", "Nine", "Passengers"))
    up, down = column(context, "title_up"), column(context, "title_down")
    assert (up[heading], down[heading]) == (0, 0)
    assert (up[near], down[near]) == (1, 1)
    assert (up[far], down[far]) == (2, 2)
    assert set(column(context_of("<p>No title"), "title_up")) == {FAR}


def test_what_began_before() -> None:
    context = context_of(STORY)
    near, far = block_of(context, "Nine"), block_of(context, "Passengers")
    assert column(context, "articles_begun")[near] == 1
    assert column(context, "articles_begun")[far] == 2
    heading = block_of(context, "The weavers")
    assert column(context, "titles_before")[heading] == 0
    assert column(context, "titles_before")[far] == 1


def test_learned_scores_of_words() -> None:
    context = context_of(
        "<div><p>Share this loom</p><p>The loom</p></div><p>Nothing known</p>",
        scores={"tshare": -2.0, "tloom": 0.5},
    )
    assert column(context, "words_mean") == [-0.75, 0.5, 0]
    assert column(context, "words_low") == [-2, 0, 0]
    assert column(context, "words_high") == [0.5, 0.5, 0]
    assert column(context, "words_first") == [-2, 0.5, 0]
    assert column(context, "words_sum") == pytest.approx([-1.5 / np.sqrt(2), 0.5, 0])
    assert column(context, "words_up0")[:2] == pytest.approx([-1 / 3, -1 / 3])
