"""Fold a page's text to the form in which terms are compared, by table look-up in numpy.

`fold` maps every character through one table (case, accents, punctuation) and returns the
*canonical* text: words of folded characters, one space between words, a line feed where no
term may run across (line ends, sentence ends, bullets). Characters that carry no meaning for
a comparison (combining accents, soft hyphens, joiners) vanish; a space is put where an
extractor has glued two labels ("AccepterTout") and where a script without spaces meets one
with spaces. An index array leads from every canonical character back to the original text.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import compress, filterfalse
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detector.chars import characters
from detector.compiled import LEXICON

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

SPACE, BREAK = 0x20, 0x0A
# Classes of a character, in bits 16-18 of a table entry.
GAP, WORD, LOWER, UPPER, DENSE, STOP = range(6)
# What becomes of a character: dropped, kept, kept with a space put before it.
DROP, KEEP, PART = range(3)

# Scripts written without spaces: a term may start and end anywhere in them.
_DENSE_RANGES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # ideographic marks
    (0x3041, 0x30FF),  # kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width kana
)
# Where a letter without its accent is still the same word to a reader. Cyrillic is left out on
# purpose: folding й to и makes other words.
_ACCENT_RANGES = (
    (0x00AA, 0x024F),  # Latin
    (0x0370, 0x03FF),  # Greek
    (0x0958, 0x095F),  # Indic letters with nukta
    (0x09DC, 0x09DF),
    (0x1E00, 0x1FFF),  # Latin and Greek again
    (0xFF01, 0xFF5E),  # full-width forms
)
_VANISH_RANGES = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x0300, 0x036F),  # combining accents
    (0x0591, 0x05BD),  # Hebrew points
    (0x05BF, 0x05C2),
    (0x05C4, 0x05C7),
    (0x0610, 0x061A),  # Arabic vowel signs, tatweel
    (0x0640, 0x0640),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x093C, 0x093C),  # Indic nukta
    (0x09BC, 0x09BC),
    (0x0A3C, 0x0A3C),
    (0x0ABC, 0x0ABC),
    (0x200B, 0x200F),  # zero-width space and joiners, direction marks
    (0x202A, 0x202E),
    (0x2060, 0x2069),
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),
)
# One letter in two code points, or two letters that writers do not keep apart.
_SAME = {
    "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t", "ĸ": "k", "ŀ": "l",
    "ς": "σ", "ё": "е", "ѐ": "е", "ѝ": "и",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ە": "ه", "ۀ": "ه",
    "\u0901": "\u0902",  # chandrabindu, anusvara
}  # fmt: skip
_END = np.array([BREAK], np.uint16)
_LAST_MARK = 0x3100  # vowel signs and the like, which are part of words, are below
_STOPS = "\n\v\f\x85\u2028\u2029.!?;|•●▪■◆…؟؛۔।॥။።፤፧។。！？；，、｡､・"


class Folded(NamedTuple):
    """The canonical form of a text.

    text: canonical characters; it ends with a line feed.
    codes: the same as UTF-16 code units, uint16, shape (len(text),).
    origin: offset of each canonical character in the original text, int64, same shape. A
        character that stands for none (a space put between glued words) has its successor's.
    starts: canonical offsets at which a term written with spaces may start, int64.
    dense: canonical offsets of characters of scripts without spaces, int64.
    """

    text: str
    codes: NDArray[np.uint16]
    origin: NDArray[np.int64]
    starts: NDArray[np.int64]
    dense: NDArray[np.int64]


def fold(text: str) -> Folded:
    """Fold `text`; any string will do, lone surrogates included.

    >>> fold("Paramétrer\\u00a0: TOUT  accepter. Ja").text
    'parametrer tout accepter\\nja\\n'
    """
    if LEXICON is not None:
        return _fold_compiled(LEXICON, text)
    raw = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    entries = folding_table().take(raw, mode="clip")
    kinds = (entries >> 16).astype(np.uint8)
    codes = entries.astype(np.uint16)
    origin: NDArray[np.int64] | None = None
    present = codes != 0
    if not present.all():
        origin = np.flatnonzero(present)
        codes, kinds = codes[origin], kinds[origin]
    has_dense = bool((kinds == DENSE).any())
    codes, kinds, origin = _respace(codes, kinds, origin, has_dense)
    dense = np.empty(0, np.int64)
    if has_dense:
        codes, kinds, origin = _close_up(codes, kinds, origin)
        dense = np.flatnonzero(kinds == DENSE)
    codes = np.concatenate((codes, _END))
    origin = np.concatenate((origin, (len(text),)))
    word = codes > SPACE
    starts = np.flatnonzero(word[1:] > word[:-1]) + 1
    if word[0]:
        starts = np.concatenate(([0], starts))
    return Folded(codes.tobytes().decode("utf-16-le"), codes, origin, starts, dense)


def _fold_compiled(compiled: ModuleType, text: str) -> Folded:
    room = 2 * len(text) + 9  # with what is read ahead of the last character
    codes = np.empty(room, np.uint16)
    origin, starts, dense = (np.empty(room, np.int64) for _ in range(3))
    canonical, n, n_starts, n_dense = compiled.fold(
        text, folding_table(), FATES, codes, origin, starts, dense
    )
    return Folded(canonical, codes[:n], origin[:n], starts[:n_starts], dense[:n_dense])


def is_dense(char: str) -> bool:
    """Whether `char` is of a script that is written without spaces."""
    return int(folding_table().take(ord(char), mode="clip")) >> 16 == DENSE


def _respace(
    codes: NDArray[np.uint16],
    kinds: NDArray[np.uint8],
    origin: NDArray[np.int64] | None,
    want_kinds: bool,
) -> tuple[NDArray[np.uint16], NDArray[np.uint8], NDArray[np.int64]]:
    """Keep one gap of a run, and part words that touch at a change of case or script."""
    fate = np.empty(len(kinds), np.uint8)
    fate[:1] = FATES[GAP * 8 + kinds[:1]]
    np.take(FATES, (kinds[:-1] << 3) | kinds[1:], out=fate[1:], mode="clip")
    index = np.flatnonzero(fate != DROP)
    seams = np.flatnonzero(fate == PART)
    at = np.searchsorted(index, seams)
    if seams.size:
        index = np.insert(index, at, seams)
        at += np.arange(len(at))
    codes = codes[index]
    codes[at] = SPACE
    if want_kinds:
        kinds = kinds[index]
        kinds[at] = GAP
    return codes, kinds, index if origin is None else origin[index]


def _close_up(
    codes: NDArray[np.uint16], kinds: NDArray[np.uint8], origin: NDArray[np.int64]
) -> tuple[NDArray[np.uint16], NDArray[np.uint8], NDArray[np.int64]]:
    """Drop the gaps within a script without spaces: designers letter-space short labels."""
    inner = (kinds[1:-1] == GAP) & (kinds[:-2] == DENSE) & (kinds[2:] == DENSE)
    if not inner.any():
        return codes, kinds, origin
    keep = np.ones(len(kinds), bool)
    keep[1:-1] = ~inner
    return codes[keep], kinds[keep], origin[keep]


def _fates() -> NDArray[np.uint8]:
    """What becomes of a character, by the kinds of its left neighbour (times 8) and itself."""
    fates = np.full(64, KEEP, np.uint8)
    for left in (GAP, STOP):
        fates[left * 8 + GAP] = DROP
    fates[LOWER * 8 + UPPER] = PART
    for kind in (WORD, LOWER, UPPER):
        fates[DENSE * 8 + kind] = fates[kind * 8 + DENSE] = PART
    return fates


FATES = _fates()


@cache
def folding_table() -> NDArray[np.uint32]:
    """Entry per character of the basic plane: folded code unit | kind << 16; 0 vanishes.

    The last entry stands for all characters beyond the plane too (`take(mode="clip")`): a gap.
    """
    known = characters()
    codes = known.lower.copy()
    kinds = np.where(known.alnum, np.uint8(WORD), np.uint8(GAP))
    gaps = np.flatnonzero(kinds[:_LAST_MARK] == GAP)
    categories = "".join(map(unicodedata.category, map(chr, gaps.tolist())))
    kinds[gaps[np.frombuffer(categories[::2].encode(), np.uint8) == ord("M")]] = WORD
    upper = (kinds == WORD) & (codes != np.arange(0x10000, dtype=np.uint16))
    kinds[codes[upper]] = LOWER
    kinds[upper] = UPPER
    for first, last in _ACCENT_RANGES:
        span = slice(first, last + 1)
        # A line feed composes with nothing: it keeps the characters of the one string apart.
        parted = unicodedata.normalize("NFKD", "\n".join(map(chr, codes[span].tolist())))
        bare = "".join(filterfalse(unicodedata.combining, parted)).lower().split("\n")
        single = (kinds[span] != GAP) & (np.array(list(map(len, bare))) == 1)
        codes[span][single] = [ord(base) for base in compress(bare, single)]
    same = np.arange(0x10000, dtype=np.uint16)
    same[list(map(ord, _SAME))] = list(map(ord, _SAME.values()))
    codes = same[codes]
    for first, last in _DENSE_RANGES:
        span = slice(first, last + 1)
        kinds[span][kinds[span] != GAP] = DENSE
    codes[kinds == GAP] = SPACE
    for stop in _STOPS:
        codes[ord(stop)], kinds[ord(stop)] = BREAK, STOP
    for first, last in _VANISH_RANGES:
        codes[first : last + 1], kinds[first : last + 1] = 0, GAP
    entries = np.left_shift(kinds, 16, dtype=np.uint32)
    entries |= codes
    return entries
