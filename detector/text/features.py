"""Blocks of a text -> features: `FEATURES`, the table of columns, and `featurise`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from detector.chars import CODE
from detector.features.context import ratio
from detector.lexicon import ROLES
from detector.lexicon.cues import CUE_ROLES
from detector.text.context import Floats, TextContext, distance, shift, window

Values: TypeAlias = Callable[[TextContext], Floats]


class TextFeature(NamedTuple):
    """A column: `compute` gives one number a block, shape (n_blocks,), or one for the text."""

    name: str
    compute: Callable[[TextContext], Floats | float]
    doc: str


def _share(name: str, *classes: str) -> TextFeature:
    return TextFeature(
        f"share_{name}",
        lambda c: ratio(c.count(*classes), c.chars),
        f"Share of characters of class {' or '.join(classes)}.",
    )


def _edge(name: str, last: int, *classes: str) -> TextFeature:
    codes = [CODE[each] for each in classes]
    return TextFeature(
        name,
        lambda c: np.isin(c.edges[last], codes).astype(np.float64),
        f"The {'last' if last else 'first'} character is of class {' or '.join(classes)}.",
    )


def _last(name: str, characters: str) -> TextFeature:
    codes = [ord(character) for character in characters]
    return TextFeature(
        f"ends_{name}",
        lambda c: np.isin(c.last_codes, codes).astype(np.float64),
        f"The last character is one of {characters}",
    )


def _shifted(name: str, doc: str, values: Values, *steps: int) -> list[TextFeature]:
    def row(by: int) -> TextFeature:
        place = f"{'before' if by < 0 else 'after'}_{abs(by)}"
        return TextFeature(
            f"{name}_{place}", lambda c: shift(values(c), by), f"{doc} of the block {by:+d}."
        )

    return [row(by) for by in steps]


def _within(name: str, doc: str, values: Values, *radii: int) -> list[TextFeature]:
    def row(radius: int) -> TextFeature:
        return TextFeature(
            f"{name}_within_{radius}",
            lambda c: window(values(c), radius),
            f"{doc} within {radius} blocks.",
        )

    return [row(radius) for radius in radii]


def _mean_within(name: str, doc: str, values: Values, *radii: int) -> list[TextFeature]:
    def row(radius: int) -> TextFeature:
        return TextFeature(
            f"{name}_within_{radius}",
            lambda c: window(values(c), radius) / window(np.ones(c.n), radius),
            f"{doc}, the mean within {radius} blocks.",
        )

    return [row(radius) for radius in radii]


def _nearest(
    name: str, doc: str, marked: Callable[[TextContext], npt.NDArray[np.bool_]]
) -> list[TextFeature]:
    return [
        TextFeature(f"{name}_before", lambda c: distance(marked(c))[0], f"Blocks back to {doc}."),
        TextFeature(f"{name}_after", lambda c: distance(marked(c))[1], f"Blocks on to {doc}."),
    ]


SHAPE: Final = (
    TextFeature("words", lambda c: np.log1p(c.words), "Log words; ideographs singly."),
    TextFeature("chars", lambda c: np.log1p(c.chars), "Log characters that show."),
    TextFeature("word_length", lambda c: ratio(c.chars, c.words), "Characters a word."),
    _share("upper", "upper"),
    _share("digits", "digit"),
    _share("marks", "punctuation", "symbol"),
    _share("dense", "han", "kana"),
    _share("caseless", "semitic", "hangul", "brahmic"),
    _share("currency", "currency"),
    TextFeature("capitals", lambda c: ratio(c.capitals, c.words), "Share of capitalised words."),
    TextFeature("sentences", lambda c: c.count("terminal"), "Sentence-ending marks."),
    TextFeature(
        "sentence_words",
        lambda c: ratio(c.words, c.count("terminal") + 1),
        "Words for each sentence-ending mark.",
    ),
    TextFeature("commas", lambda c: ratio(c.count("comma"), c.words), "Commas, colons a word."),
    TextFeature("glued", lambda c: c.glued, "Capitals right after a small letter."),
    TextFeature("glued_share", lambda c: ratio(c.glued, c.words), "The same for each word."),
    TextFeature(
        "separators",
        lambda c: c.occurrences("|", "›", "»", "·", "•", "→", ">", "/"),
        "Bars, arrows and dots that set off labels.",
    ),
    TextFeature("quotes", lambda c: c.occurrences(*'"«»“”„「」『』'), "Quotation marks."),
    TextFeature("at_signs", lambda c: c.occurrences("@", "#"), "At signs and hashes."),
    TextFeature("copyright_sign", lambda c: c.occurrences("©", "®"), "© and ®."),
    _edge("ends_terminal", 1, "terminal"),
    _edge("ends_digit", 1, "digit"),
    _edge("starts_mark", 0, "punctuation", "symbol"),
    _edge("starts_digit", 0, "digit"),
    _edge("starts_lower", 0, "lower"),
    _last("colon", ":："),
    _last("question", "?？؟"),
    _last("ellipsis", "…»›→>"),
    TextFeature("copies", lambda c: c.copies, "Blocks of the same text, itself included."),
)


def _term(number: int, name: str) -> TextFeature:
    return TextFeature(f"term_{name}", lambda c: c.terms[:, number], f"Consent terms: {name}.")


def _run(name: str, doc: str) -> TextFeature:
    return TextFeature(f"run_{name}", lambda c: c.runs[name], f"{doc} of its run.")


def _wide_run(name: str, doc: str) -> TextFeature:
    return TextFeature(f"wide_{name}", lambda c: c.wide_runs[name], f"{doc} of its wide run.")


def _roles_within(radius: int) -> TextFeature:
    return TextFeature(
        f"roles_within_{radius}",
        lambda c: c.roles_within(radius),
        f"Roles that have a strong consent term within {radius} blocks.",
    )


_NAMES: Final = (*ROLES, *(f"{role}_weak" for role in ROLES))

CONSENT_TERMS: Final = (
    *(_term(number, name) for number, name in enumerate(_NAMES)),
    TextFeature("strong", lambda c: c.strong, "Strong consent terms."),
    TextFeature("strong_share", lambda c: ratio(c.strong, c.words), "Strong terms a word."),
    TextFeature("weak_share", lambda c: ratio(c.weak, c.words), "Weak terms a word."),
    *_shifted("strong", "Strong consent terms", lambda c: c.strong, -2, -1, 1, 2),
    *_within("strong", "Strong consent terms", lambda c: c.strong, 3, 10, 30),
    TextFeature(
        "strong_density_within_3",
        lambda c: ratio(window(c.strong, 3), window(c.words, 3)),
        "Strong consent terms a word within 3 blocks.",
    ),
    *_within("weak", "Weak consent terms", lambda c: c.weak, 3),
    *_within("controls", "Strong terms of controls", lambda c: c.controls, 3, 10, 30),
    *(_roles_within(radius) for radius in (3, 10, 30)),
    *_nearest("controls", "one with a strong term of a control", lambda c: c.controls > 0),
    *_nearest("strong", "one with a strong consent term", lambda c: c.strong > 0),
    TextFeature(
        "strong_text",
        lambda c: float(c.strong.sum() / max(c.words.sum(), 1.0)),
        "Strong consent terms a word, of the whole text.",
    ),
    TextFeature(
        "strong_blocks",
        lambda c: float(c.words[c.strong > 0].sum() / max(c.words.sum(), 1.0)),
        "Share of the text's words in blocks with a strong consent term.",
    ),
    _run("blocks", "Blocks"),
    _run("terms", "Strong consent terms"),
    _run("words", "Words"),
    _run("options", "Terms of controls in blocks that may be labels"),
    _run("roles", "Roles with a strong term"),
    _run("density", "Strong consent terms a word"),
    _run("to_end", "Closeness to the text's end"),
    _run("to_start", "Closeness to the text's start"),
    _run("share", "Share of the text's words"),
    _wide_run("blocks", "Blocks"),
    _wide_run("terms", "Strong consent terms"),
    _wide_run("options", "Terms of controls in blocks that may be labels"),
    _wide_run("density", "Strong consent terms a word"),
    _wide_run("share", "Share of the text's words"),
    _wide_run("to_end", "Closeness to the text's end"),
    TextFeature(
        "strong_elsewhere",
        lambda c: c.runs["elsewhere"],
        "Strong consent terms a word outside its run.",
    ),
    TextFeature("options", lambda c: c.options, "Terms of controls, if it may be a label."),
    *_within("options", "Terms of controls in possible labels", lambda c: c.options, 3, 10),
)


def _cue(number: int, name: str) -> TextFeature:
    return TextFeature(f"cue_{name}", lambda c: c.cues[:, number], f"Cues: {name}.")


def _starting(number: int, name: str) -> TextFeature:
    return TextFeature(
        f"starts_{name}", lambda c: c.starting_cues[:, number], f"It starts with: {name}."
    )


_ENDING: Final[list[int]] = [
    CUE_ROLES.index(r) for r in ("read_also", "copyright", "comment", "popular")
]


CUES: Final = (
    *(_cue(number, name) for number, name in enumerate(CUE_ROLES)),
    *(_starting(number, name) for number, name in enumerate(CUE_ROLES)),
    TextFeature("promos", lambda c: c.promos, "Cues of all roles but bylines."),
    TextFeature("cue_cover", lambda c: ratio(c.cue_chars, c.chars), "Share that cues cover."),
    TextFeature("cue_before", lambda c: shift(c.promos, -1), "Cues of the block before."),
    TextFeature("cue_after", lambda c: shift(c.promos, 1), "Cues of the block after."),
    *_mean_within("cue", "Blocks with a cue", lambda c: (c.promos > 0).astype(np.float64), 3, 10),
    TextFeature("cue_text", lambda c: float((c.promos > 0).mean()), "Share of blocks with a cue."),
    *_nearest(
        "end_cue",
        "a cue that tends to end an article",
        lambda c: c.cues[:, _ENDING].sum(axis=1) > 0,
    ),
)


def _log_before(c: TextContext) -> Floats:
    return np.log1p(np.cumsum(c.words) - c.words)


def _log_after(c: TextContext) -> Floats:
    return np.asarray(np.log1p(c.words.sum() - np.cumsum(c.words)), np.float64)


def _long_before(c: TextContext) -> Floats:
    words = np.where(c.long, c.words, 0.0)
    return ratio(np.cumsum(words) - words, words.sum())


def _long_after(c: TextContext) -> Floats:
    words = np.where(c.long, c.words, 0.0)
    return ratio(words.sum() - np.cumsum(words), words.sum())


STEPS: Final = (-3, -2, -1, 1, 2, 3)


def _around(radius: int) -> list[TextFeature]:
    return [
        *_mean_within("words", "Log words", lambda c: np.log1p(c.words), radius),
        *_mean_within("long", "Running text", lambda c: c.long.astype(np.float64), radius),
    ]


PLACE: Final = (
    TextFeature("blocks", lambda c: float(np.log1p(c.n)), "Log blocks of the text."),
    TextFeature("text_words", lambda c: float(np.log1p(c.words.sum())), "Log words of the text."),
    TextFeature(
        "long_share",
        lambda c: float(c.words[c.long].sum() / max(c.words.sum(), 1.0)),
        "Share of the text's words in running text.",
    ),
    TextFeature("long_blocks", lambda c: float(c.long.mean()), "Share of such blocks."),
    TextFeature("longest", lambda c: float(np.log1p(c.words.max())), "Log words of the longest."),
    TextFeature("from_start", lambda c: np.log1p(c.at), "Log blocks before."),
    TextFeature("from_end", lambda c: np.log1p(c.n - 1 - c.at), "Log blocks after."),
    TextFeature("place", lambda c: c.at / c.n, "Share of blocks before."),
    TextFeature("words_before", _log_before, "Log words before."),
    TextFeature("words_after", _log_after, "Log words after."),
    TextFeature("long_before", _long_before, "Share of running text before."),
    TextFeature("long_after", _long_after, "Share of running text after."),
    TextFeature("to_long_before", lambda c: distance(c.long)[0], "Blocks back to running text."),
    TextFeature("to_long_after", lambda c: distance(c.long)[1], "Blocks on to running text."),
    *_shifted("words", "Log words", lambda c: np.log1p(c.words), *STEPS),
    *_shifted("terminal", "Ends as a sentence does", lambda c: c.ends_terminal, *STEPS),
    *_shifted("upper", "Share of capitalised words", lambda c: ratio(c.capitals, c.words), *STEPS),
    *(row for radius in (2, 5, 15) for row in _around(radius)),
    TextFeature("topic", lambda c: c.topic[0], "Share of longer words that other blocks have."),
    TextFeature("topic_long", lambda c: c.topic[1], "Share that other running text has."),
)

FEATURES: Final[tuple[TextFeature, ...]] = (*SHAPE, *CONSENT_TERMS, *CUES, *PLACE)
"""All columns, in the matrix's order."""

TEXT_COLUMNS: Final = tuple(row.name for row in FEATURES)


def featurise(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """The feature matrix of a text's blocks, float32, shape (n_blocks, len(FEATURES))."""
    matrix = np.empty((len(FEATURES), len(texts)), np.float32)
    if texts:
        context = TextContext(texts)
        for column, row in enumerate(FEATURES):
            matrix[column] = row.compute(context)
    return np.ascontiguousarray(matrix.T)
