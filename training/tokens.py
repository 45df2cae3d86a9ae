"""Learning what class, id, role and itemprop tokens say: smoothed log-odds of content.

A token counts once a site, by the mean share of content words in the elements that carry it, so a
site with many pages does not teach its own names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.features.context import Context, ratio
from detector.names import TEXT, tokens
from detector.words import word_texts

MIN_SITES: Final = 3
MIN_TEXT_SITES: Final = 12
"""The same for words of the text, of which there are many more."""
PRIOR_SITES: Final = 2.0
"""Sites' worth of the average page that each token starts with."""


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """One row for each token on each site: mean share of content under it.

    `textual` tells which tokens of the vocabulary are words of the text.
    """

    vocabulary: list[str]
    textual: npt.NDArray[np.bool_]
    site: npt.NDArray[np.int64]
    token: npt.NDArray[np.int64]
    share: npt.NDArray[np.float64]

    def fit(self, sites: npt.NDArray[np.bool_]) -> dict[str, float]:
        """Scores of the tokens seen on at least `MIN_SITES` of the marked sites.

        Args:
            sites: which site numbers to learn from, bool, (n_sites,).
        """
        used = sites[self.site]
        token, share = self.token[used], self.share[used]
        seen = np.bincount(token, minlength=len(self.vocabulary))
        total = np.bincount(token, share, len(self.vocabulary))
        average = np.full(len(self.vocabulary), 0.5)
        for kind in (self.textual, ~self.textual):
            if (of_kind := kind[token]).any():
                average[kind] = np.clip(share[of_kind].mean(), 0.01, 0.99)
        odds = (total + PRIOR_SITES * average) / (seen - total + PRIOR_SITES * (1 - average))
        score = np.log(odds) - np.log(average / (1 - average))
        least = np.where(self.textual, MIN_TEXT_SITES, MIN_SITES)
        return {
            self.vocabulary[number]: round(float(score[number]), 4)
            for number in np.flatnonzero(seen >= least)
        }


def page_token_shares(context: Context, content: npt.NDArray[np.float64]) -> dict[str, float]:
    """Share of content words under the elements that carry each token of a page.

    Args:
        context: the page.
        content: content words of each block, shape (n_blocks,).
    """
    t = context.table
    n_names = len(t.name_strings)
    words = np.bincount(t.names, context.element_words, n_names)
    kept = np.bincount(t.names, context.subtree(content), n_names)
    total: dict[str, list[float]] = {}
    for number, name in enumerate(t.name_strings):
        if words[number] > 0:
            for token in tokens(name):
                pair = total.setdefault(token, [0.0, 0.0])
                pair[0] += kept[number]
                pair[1] += words[number]
    shares = {token: float(ratio(pair[0], pair[1])) for token, pair in total.items()}
    return shares | _text_token_shares(context, content)


def _text_token_shares(context: Context, content: npt.NDArray[np.float64]) -> dict[str, float]:
    """Share of content among the blocks that hold each word: a block counts as much as another,
    so that what labels and links say outweighs what stands in running text."""
    words, block = context.word_list, context.word_block
    pairs = np.unique(np.stack((words.number, block)), axis=1)
    share = ratio(content, context.words)[pairs[1]]
    means = ratio(np.bincount(pairs[0], share), np.bincount(pairs[0]))
    texts = word_texts(context.table.text)
    # Of two words of the same text, as of letters with odd capitals, always the same one counts.
    order = np.argsort(words.hashes).tolist()
    return {TEXT + texts[word]: float(means[word]) for word in order if texts[word]}


def count_tokens(pages: Sequence[dict[str, float]], sites: Sequence[int]) -> TokenCounts:
    """Average the pages' shares over each site.

    Args:
        pages: `page_token_shares` of each page.
        sites: the number of each page's site.
    """
    ids: dict[str, int] = {}
    sums: dict[tuple[int, int], list[float]] = {}
    for shares, site in zip(pages, sites, strict=True):
        for token, share in shares.items():
            key = (site, ids.setdefault(token, len(ids)))
            pair = sums.setdefault(key, [0.0, 0.0])
            pair[0] += share
            pair[1] += 1
    keys = np.array(list(sums), np.int64).reshape(-1, 2)
    means = np.array([total / count for total, count in sums.values()], np.float64)
    textual = np.fromiter((token.startswith(TEXT) for token in ids), bool, len(ids))
    return TokenCounts(list(ids), textual, keys[:, 0], keys[:, 1], means)


def dump_tokens(scores: dict[str, float]) -> str:
    """The scores as the bundle's file has them: a token, a tab and its score a line, sorted."""
    return "".join(f"{name}\t{scores[name]}\n" for name in sorted(scores))
