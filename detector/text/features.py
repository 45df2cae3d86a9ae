"""Blocks of a text -> features: `FEATURES`, the table of columns, and `featurise`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.bundle import feature_digest
from detector.chars import CODE
from detector.lexicon import ROLES
from detector.lexicon.cues import CUE_ROLES
from detector.text.context import Floats, TextContext, distance, ratio, shift, window


@dataclass(frozen=True, slots=True)
class TextFeature:
    """A column: `compute` gives one number a block, shape (n_blocks,), or one for the text."""

    name: str
    group: str
    compute: Callable[[TextContext], Floats | float]
    doc: str


def _share(name: str, *classes: str) -> TextFeature:
    return TextFeature(
        f"share_{name}",
        "shape",
        lambda c: ratio(c.count(*classes), c.chars),
        f"Share of characters of class {' or '.join(classes)}.",
    )


def _edge(name: str, last: int, *classes: str) -> TextFeature:
    codes = [CODE[each] for each in classes]
    return TextFeature(
        name,
        "shape",
        lambda c: np.isin(c.edges[last], codes).astype(np.float64),
        f"The {'last' if last else 'first'} character is of class {' or '.join(classes)}.",
    )


def _last(name: str, characters: str) -> TextFeature:
    codes = [ord(character) for character in characters]
    return TextFeature(
        f"ends_{name}",
        "shape",
        lambda c: np.isin(c.last_codes, codes).astype(np.float64),
        f"The last character is one of {characters}",
    )


SHAPE: Final = (
    TextFeature("words", "shape", lambda c: np.log1p(c.words), "Log words; ideographs singly."),
    TextFeature("chars", "shape", lambda c: np.log1p(c.chars), "Log characters that show."),
    TextFeature("word_length", "shape", lambda c: ratio(c.chars, c.words), "Characters a word."),
    _share("upper", "upper"),
    _share("digits", "digit"),
    _share("marks", "punctuation", "symbol"),
    _share("dense", "han", "kana"),
    _share("caseless", "semitic", "hangul", "brahmic"),
    _share("currency", "currency"),
    TextFeature(
        "capitals", "shape", lambda c: ratio(c.capitals, c.words), "Share of capitalised words."
    ),
    TextFeature("sentences", "shape", lambda c: c.count("terminal"), "Sentence-ending marks."),
    TextFeature(
        "sentence_words",
        "shape",
        lambda c: ratio(c.words, c.count("terminal") + 1),
        "Words for each sentence-ending mark.",
    ),
    TextFeature(
        "commas", "shape", lambda c: ratio(c.count("comma"), c.words), "Commas, colons a word."
    ),
    TextFeature("glued", "shape", lambda c: c.glued, "Capitals right after a small letter."),
    TextFeature(
        "glued_share", "shape", lambda c: ratio(c.glued, c.words), "The same for each word."
    ),
    TextFeature(
        "separators",
        "shape",
        lambda c: c.occurrences("|", "›", "»", "·", "•", "→", ">", "/"),
        "Bars, arrows and dots that set off labels.",
    ),
    TextFeature("quotes", "shape", lambda c: c.occurrences(*'"«»“”„「」『』'), "Quotation marks."),
    TextFeature("at_signs", "shape", lambda c: c.occurrences("@", "#"), "At signs and hashes."),
    TextFeature("copyright_sign", "shape", lambda c: c.occurrences("©", "®"), "© and ®."),
    _edge("ends_terminal", 1, "terminal"),
    _edge("ends_digit", 1, "digit"),
    _edge("starts_mark", 0, "punctuation", "symbol"),
    _edge("starts_digit", 0, "digit"),
    _edge("starts_lower", 0, "lower"),
    _last("colon", ":："),
    _last("question", "?？؟"),
    _last("ellipsis", "…»›→>"),
    TextFeature("copies", "shape", lambda c: c.copies, "Blocks of the same text, itself included."),
)


def _term(number: int, name: str) -> TextFeature:
    return TextFeature(
        f"term_{name}", "consent", lambda c: c.terms[:, number], f"Consent terms: {name}."
    )


def _run(name: str, doc: str) -> TextFeature:
    return TextFeature(f"run_{name}", "consent", lambda c: c.runs[name], f"{doc} of its run.")


_NAMES: Final = (*ROLES, *(f"{role}_weak" for role in ROLES))

CONSENT_TERMS: Final = (
    *(_term(number, name) for number, name in enumerate(_NAMES)),
    TextFeature("strong", "consent", lambda c: c.strong, "Strong consent terms."),
    TextFeature(
        "strong_share", "consent", lambda c: ratio(c.strong, c.words), "Strong terms a word."
    ),
    TextFeature("weak_share", "consent", lambda c: ratio(c.weak, c.words), "Weak terms a word."),
    *(
        TextFeature(
            f"strong_{by:+d}".replace("+", "after_").replace("-", "before_"),
            "consent",
            lambda c, by=by: shift(c.strong, by),  # type: ignore[misc]
            f"Strong consent terms of the block {by:+d}.",
        )
        for by in (-2, -1, 1, 2)
    ),
    *(
        TextFeature(
            f"strong_within_{radius}",
            "consent",
            lambda c, radius=radius: window(c.strong, radius),  # type: ignore[misc]
            f"Strong consent terms within {radius} blocks.",
        )
        for radius in (3, 10, 30)
    ),
    TextFeature(
        "strong_density_within_3",
        "consent",
        lambda c: ratio(window(c.strong, 3), window(c.words, 3)),
        "Strong consent terms a word within 3 blocks.",
    ),
    TextFeature(
        "weak_within_3", "consent", lambda c: window(c.weak, 3), "Weak consent terms within 3."
    ),
    *(
        TextFeature(
            f"controls_within_{radius}",
            "consent",
            lambda c, radius=radius: window(c.controls, radius),  # type: ignore[misc]
            f"Strong terms of controls within {radius} blocks.",
        )
        for radius in (3, 10, 30)
    ),
    *(
        TextFeature(
            f"roles_within_{radius}",
            "consent",
            lambda c, radius=radius: c.roles_within(radius),  # type: ignore[misc]
            f"Roles that have a strong consent term within {radius} blocks.",
        )
        for radius in (3, 10, 30)
    ),
    TextFeature(
        "controls_before",
        "consent",
        lambda c: distance(c.controls > 0)[0],
        "Blocks back to one with a strong term of a control.",
    ),
    TextFeature(
        "controls_after",
        "consent",
        lambda c: distance(c.controls > 0)[1],
        "Blocks on to one with a strong term of a control.",
    ),
    TextFeature(
        "strong_before",
        "consent",
        lambda c: distance(c.strong > 0)[0],
        "Blocks back to one with a strong consent term.",
    ),
    TextFeature(
        "strong_after",
        "consent",
        lambda c: distance(c.strong > 0)[1],
        "Blocks on to one with a strong consent term.",
    ),
    TextFeature(
        "strong_text",
        "consent",
        lambda c: float(c.strong.sum() / max(c.words.sum(), 1.0)),
        "Strong consent terms a word, of the whole text.",
    ),
    TextFeature(
        "strong_blocks",
        "consent",
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
    *(
        TextFeature(
            f"wide_{name}",
            "consent",
            lambda c, name=name: c.wide_runs[name],  # type: ignore[misc]
            f"{doc} of its wide run.",
        )
        for name, doc in (
            ("blocks", "Blocks"),
            ("terms", "Strong consent terms"),
            ("options", "Terms of controls in blocks that may be labels"),
            ("density", "Strong consent terms a word"),
            ("share", "Share of the text's words"),
            ("to_end", "Closeness to the text's end"),
        )
    ),
    TextFeature(
        "strong_elsewhere",
        "consent",
        lambda c: c.runs["elsewhere"],
        "Strong consent terms a word outside its run.",
    ),
    TextFeature(
        "options", "consent", lambda c: c.options, "Terms of controls, if it may be a label."
    ),
    *(
        TextFeature(
            f"options_within_{radius}",
            "consent",
            lambda c, radius=radius: window(c.options, radius),  # type: ignore[misc]
            f"Terms of controls in possible labels within {radius} blocks.",
        )
        for radius in (3, 10)
    ),
)


def _cue(number: int, name: str) -> TextFeature:
    return TextFeature(f"cue_{name}", "cues", lambda c: c.cues[:, number], f"Cues: {name}.")


def _starting(number: int, name: str) -> TextFeature:
    return TextFeature(
        f"starts_{name}", "cues", lambda c: c.starting_cues[:, number], f"It starts with: {name}."
    )


_ENDING: Final[list[int]] = [
    CUE_ROLES.index(r) for r in ("read_also", "copyright", "comment", "popular")
]


CUES: Final = (
    *(_cue(number, name) for number, name in enumerate(CUE_ROLES)),
    *(_starting(number, name) for number, name in enumerate(CUE_ROLES)),
    TextFeature("promos", "cues", lambda c: c.promos, "Cues of all roles but bylines."),
    TextFeature(
        "cue_cover", "cues", lambda c: ratio(c.cue_chars, c.chars), "Share that cues cover."
    ),
    TextFeature("cue_before", "cues", lambda c: shift(c.promos, -1), "Cues of the block before."),
    TextFeature("cue_after", "cues", lambda c: shift(c.promos, 1), "Cues of the block after."),
    *(
        TextFeature(
            f"cue_within_{radius}",
            "cues",
            lambda c, radius=radius: ratio(  # type: ignore[misc]
                window((c.promos > 0).astype(np.float64), radius), window(np.ones(c.n), radius)
            ),
            f"Share of blocks with a cue within {radius}.",
        )
        for radius in (3, 10)
    ),
    TextFeature(
        "cue_text", "cues", lambda c: float((c.promos > 0).mean()), "Share of blocks with a cue."
    ),
    TextFeature(
        "end_cue_before",
        "cues",
        lambda c: distance(c.cues[:, _ENDING].sum(axis=1) > 0)[0],
        "Blocks back to a cue that tends to end an article.",
    ),
    TextFeature(
        "end_cue_after",
        "cues",
        lambda c: distance(c.cues[:, _ENDING].sum(axis=1) > 0)[1],
        "Blocks on to a cue that tends to end an article.",
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


def _neighbour(name: str, doc: str, values: Callable[[TextContext], Floats]) -> list[TextFeature]:
    return [
        TextFeature(
            f"{name}_{'before' if by < 0 else 'after'}_{abs(by)}",
            "neighbours",
            lambda c, by=by: shift(values(c), by),  # type: ignore[misc]
            f"{doc} of the block {by:+d}.",
        )
        for by in (-3, -2, -1, 1, 2, 3)
    ]


def _around(radius: int) -> list[TextFeature]:
    return [
        TextFeature(
            f"words_within_{radius}",
            "neighbours",
            lambda c: window(np.log1p(c.words), radius) / window(np.ones(c.n), radius),
            f"Mean log words within {radius} blocks.",
        ),
        TextFeature(
            f"long_within_{radius}",
            "neighbours",
            lambda c: window(c.long.astype(np.float64), radius) / window(np.ones(c.n), radius),
            f"Share of running text among the blocks within {radius}.",
        ),
    ]


PLACE: Final = (
    TextFeature("blocks", "text", lambda c: float(np.log1p(c.n)), "Log blocks of the text."),
    TextFeature(
        "text_words", "text", lambda c: float(np.log1p(c.words.sum())), "Log words of the text."
    ),
    TextFeature(
        "long_share",
        "text",
        lambda c: float(c.words[c.long].sum() / max(c.words.sum(), 1.0)),
        "Share of the text's words in running text.",
    ),
    TextFeature("long_blocks", "text", lambda c: float(c.long.mean()), "Share of such blocks."),
    TextFeature(
        "longest", "text", lambda c: float(np.log1p(c.words.max())), "Log words of the longest."
    ),
    TextFeature("from_start", "position", lambda c: np.log1p(c.at), "Log blocks before."),
    TextFeature("from_end", "position", lambda c: np.log1p(c.n - 1 - c.at), "Log blocks after."),
    TextFeature("place", "position", lambda c: c.at / c.n, "Share of blocks before."),
    TextFeature("words_before", "position", _log_before, "Log words before."),
    TextFeature("words_after", "position", _log_after, "Log words after."),
    TextFeature("long_before", "position", _long_before, "Share of running text before."),
    TextFeature("long_after", "position", _long_after, "Share of running text after."),
    TextFeature(
        "to_long_before", "position", lambda c: distance(c.long)[0], "Blocks back to running text."
    ),
    TextFeature(
        "to_long_after", "position", lambda c: distance(c.long)[1], "Blocks on to running text."
    ),
    *_neighbour("words", "Log words", lambda c: np.log1p(c.words)),
    *_neighbour("terminal", "Ends as a sentence does", lambda c: c.ends_terminal),
    *_neighbour("upper", "Share of capitalised words", lambda c: ratio(c.capitals, c.words)),
    *_around(2),
    *_around(5),
    *_around(15),
    TextFeature(
        "topic", "words", lambda c: c.topic[0], "Share of longer words that other blocks have."
    ),
    TextFeature("topic_long", "words", lambda c: c.topic[1], "Share that other running text has."),
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


def text_digest() -> str:
    """Digest of the definitions of all columns."""
    return feature_digest([(row.name, row.group, row.doc) for row in FEATURES])
