"""One compiled matcher for all terms of all languages: one pass, whatever their number.

A term is found by a hash of its first characters (3, 5 or 8 of them, the space after a short
word included; 2, 3 or 4 in scripts without spaces). The hashes of a whole page are taken at
once with numpy, at the start of every word, and looked up in bit tables; only where one is
set does Python compare text. So the work goes with the length of the page and the terms that
stand on it, not with the size of the lexicon (a q-gram filter in the manner of Karp and
Rabin, "Efficient randomized pattern-matching algorithms", 1987).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from detector.lexicon.folding import SPACE, fold, is_dense

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detector.lexicon.folding import Folded

Strength = Literal["strong", "weak", "label"]

ROLES = (
    "topic",
    "purpose",
    "accept_all",
    "reject_all",
    "save",
    "settings",
    "close",
    "info_link",
    "law",
)
# Of one group the longer term hides the shorter: no "accepting" in "continue without accepting".
_GROUPS = dict.fromkeys(("accept_all", "reject_all", "save", "settings", "close"), "control")
# From the best evidence to the poorest.
_STRENGTHS: tuple[Strength, ...] = get_args(Strength)
# What a term is worth that is the whole label.
_WHOLE: dict[Strength, float] = {"strong": 1.0, "weak": 0.8, "label": 0.6}

_STEM = "\u01c2"  # stands for "*" while terms are folded: a letter without case
_REST = re.compile(r"[^ \n]*")
_PIECE = 1 << 16

_UNITS = {size: np.uint64((1 << 16 * size) - 1) for size in (1, 2, 3)}
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: multiplicative hashing
_SPACED_SIZES, _DENSE_SIZES = (3, 5, 8), (2, 3, 4)
_HALF, _TOP = np.uint64(32), np.uint64(48)


@dataclass(frozen=True, slots=True)
class Term:
    """A row of the lexicon.

    text: a word or short phrase; a word that ends in `*` is a stem and takes any ending.
    strength: "strong" says consent by itself; "weak" also stands in ordinary text; "label"
        counts only as the whole text of a control.
    languages: ISO 639 codes ("und" for none in particular), sorted.
    source: "own", or the public fact that the term was taken from.
    """

    role: str
    text: str
    strength: Strength
    languages: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    """segments: the folded term, cut behind each stem; bounded: it must end where a word ends."""

    segments: tuple[str, ...]
    bounded: bool
    term_id: int

    def end(self, text: str, start: int) -> int:
        """Where a match that begins at `start` ends, or -1."""
        end = start
        for number, segment in enumerate(self.segments):
            if number:
                end = _word_end(text, end)
            if not text.startswith(segment, end):
                return -1
            end += len(segment)
        return -1 if self.bounded and text[end] > " " else end


class _Match(NamedTuple):
    """A match in canonical offsets."""

    start: int
    end: int
    term_id: int


class Matcher:
    """All terms, compiled; `compile_terms` makes one.

    terms: one per folded text and role, with every language that has it. A term id is an
        index into it.
    roles: names of role ids. The second half are the weak terms of the first half's roles:
        `roles[i + len(ROLES)] == ROLES[i] + "_weak"`.
    """

    __slots__ = ("_dense", "_role_ids", "_spaced", "_whole", "terms")

    roles: tuple[str, ...] = ROLES + tuple(f"{role}_weak" for role in ROLES)

    def __init__(self, terms: Sequence[Term], patterns: Sequence[_Pattern]) -> None:
        self.terms = tuple(terms)
        self._role_ids = [
            ROLES.index(term.role) + len(ROLES) * (term.strength == "weak") for term in terms
        ]
        self._whole: dict[str, list[int]] = {}
        spaced, dense = [], []
        for pattern in patterns:
            head = pattern.segments[0]
            if terms[pattern.term_id].strength == "label":
                self._whole.setdefault(head, []).append(pattern.term_id)
            elif is_dense(head[0]):
                dense.append(pattern)
            else:
                spaced.append(pattern)
        self._spaced = _Index(spaced, _SPACED_SIZES)
        self._dense = _Index(dense, _DENSE_SIZES)

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """Every term in `text`: (offset in `text`, role id, term id), by offset.

        No term runs across a line feed, so blocks may be joined with one. Of terms of one
        role, and of all button roles together, those inside a longer one are left out.

        >>> from detector.lexicon import load_matcher
        >>> m = load_matcher()
        >>> [(at, m.roles[role]) for at, role, _ in m.spans("Hi! Nous utilisons des cookies")]
        [(4, 'topic')]
        """
        found = []
        for base, piece in _pieces(text):
            folded = fold(piece)
            for match in self._matches(folded):
                term_id = match.term_id
                origin = base + int(folded.origin[match.start])
                found.append((origin, self._role_ids[term_id], term_id))
        return found

    def counts(self, text: str, offsets: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int32]:
        """Terms per block and role id: shape (len(offsets), len(roles)).

        offsets: where each block of `text` starts, ascending, the first 0.
        """
        counts = np.zeros((len(offsets), len(self.roles)), np.int32)
        spans = self.spans(text)
        if spans and len(offsets):
            table = np.array(spans, np.int64)
            rows = np.searchsorted(np.asarray(offsets), table[:, 0], side="right") - 1
            np.add.at(counts, (rows, table[:, 1]), 1)
        return counts

    def match_label(self, text: str) -> dict[str, float]:
        """What the text of a control says: role -> strength in (0, 1], strongest first.

        1.0 for a strong term that is the whole label, .8 for a weak one, .6 for a word that
        says something only there (OK, x); below .5 for a term in a longer label, by the share
        of the label that such terms cover.

        >>> from detector.lexicon import load_matcher
        >>> load_matcher().match_label("Alle akzeptieren")
        {'accept_all': 1.0}
        """
        return self.match_labels([text])[0]

    def match_labels(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """`match_label` for many controls in one pass, which is much cheaper."""
        lines = [" ".join(text.split()) for text in texts]
        scores: list[dict[str, float]] = [{} for _ in lines]
        folded = fold("\n".join(lines))
        starts = np.cumsum([0] + [len(line) + 1 for line in lines])
        edges = np.searchsorted(folded.origin, starts).tolist()
        sizes = [0] * len(lines)
        for row, line in enumerate(lines):
            words = folded.text[edges[row] : edges[row + 1]].split()
            sizes[row] = sum(map(len, words))
            key = " ".join(words) or line
            for term_id in self._whole.get(key, ()):
                _raise(scores[row], self.terms[term_id].role, _WHOLE["label"])
        covered: dict[tuple[int, str], list[int]] = {}
        for start, end, term_id in self._matches(folded):
            row = bisect_right(edges, start) - 1
            term = self.terms[term_id]
            cover = covered.setdefault((row, term.role), [0, 0, 0])
            text = folded.text[max(start, cover[2]) : end]
            cover[0] += len(text) - text.count(" ")
            cover[1] |= term.strength == "strong"
            cover[2] = max(end, cover[2])
        for (row, role), (size, strong, _) in covered.items():
            best = _WHOLE["strong" if strong else "weak"]
            share = size / sizes[row]
            _raise(scores[row], role, best if share == 1 else best * (0.1 + 0.4 * share))
        return [dict(sorted(score.items(), key=lambda item: -item[1])) for score in scores]

    def _matches(self, folded: Folded) -> list[_Match]:
        found = [
            _Match(start, end, pattern.term_id)
            for start, pattern in self._candidates(folded)
            if (end := pattern.end(folded.text, start)) >= 0
        ]
        found.sort(key=lambda match: (match.start, -match.end))
        kept = []
        reach: dict[str, tuple[int, int]] = {}
        for match in found:
            group = _GROUPS.get(self.terms[match.term_id].role, self.terms[match.term_id].role)
            last = reach.get(group, (-1, -1))
            if match.end <= last[1] and (match.start, match.end) != last:
                continue
            reach[group] = match.start, match.end
            kept.append(match)
        return kept

    def _candidates(self, folded: Folded) -> Iterator[tuple[int, _Pattern]]:
        """Where a term may begin, and which: all that is left to do in Python."""
        # A word's end looks the same to the hash whether or not a line ends with it.
        codes = np.maximum(folded.codes, np.uint16(SPACE))
        codes = np.append(codes, np.zeros(8, np.uint16))
        yield from self._spaced.candidates(codes, folded.starts)
        if folded.dense.size:
            yield from self._dense.candidates(codes, folded.dense)


class _Index:
    """Patterns by the hash of their first characters, of which it takes the longest it can."""

    __slots__ = ("_bits", "_buckets", "_sizes")

    def __init__(self, patterns: Sequence[_Pattern], sizes: tuple[int, ...]) -> None:
        self._sizes = sizes
        self._bits = {size: np.zeros(1 << 16, bool) for size in sizes}
        self._buckets: dict[int, dict[int, list[_Pattern]]] = {size: {} for size in sizes}
        heads: dict[int, list[tuple[str, _Pattern]]] = {}
        for pattern in patterns:
            head = pattern.segments[0] + " " * pattern.bounded
            size = max(size for size in sizes if size <= len(head))
            heads.setdefault(size, []).append((head[:size].ljust(8), pattern))
        for size, rows in heads.items():
            joined = "".join(text for text, _ in rows).encode("utf-16-le")
            codes = np.frombuffer(joined, "<u2")
            hashes = _hash(_windows(codes, np.arange(0, len(codes), 8)), size)
            self._bits[size][_slots(hashes)] = True
            bucket = self._buckets[size]
            for value, (_, pattern) in zip(hashes.tolist(), rows, strict=True):
                bucket.setdefault(value, []).append(pattern)

    def candidates(
        self, codes: NDArray[np.uint16], starts: NDArray[np.int64]
    ) -> Iterator[tuple[int, _Pattern]]:
        """Patterns whose first characters stand at one of `starts`, short hashes first."""
        windows = _windows(codes, starts)
        for size in self._sizes:
            hashes = _hash(windows, size)
            bucket = self._buckets[size]
            for at in np.flatnonzero(self._bits[size].take(_slots(hashes))).tolist():
                for pattern in bucket.get(int(hashes[at]), ()):
                    yield int(starts[at]), pattern


def _windows(codes: NDArray[np.uint16], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The eight code units from each start, packed in two words: shape (len(starts), 2)."""
    windows = np.lib.stride_tricks.as_strided(
        codes, (len(codes) - 7, 8), codes.strides * 2, writeable=False
    )
    return windows[starts].astype("<u2", copy=False).view("<u8")


def _hash(windows: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """A hash of the first `size` (2, 3, 4, 5 or 8) code units of each window."""
    first, second = windows[:, 0], windows[:, 1]
    if size < 4:
        return (first & _UNITS[size]) * _MIX
    mixed = first * _MIX
    if size == 4:
        return mixed
    tail = second if size == 8 else second & _UNITS[1]
    return (mixed ^ (mixed >> _HALF) ^ tail) * _MIX


def _slots(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (hashes >> _TOP).view(np.int64)


def _word_end(text: str, at: int) -> int:
    rest = _REST.match(text, at)
    return rest.end() if rest else at


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut a long text where no term can run across, so that the arrays stay in the cache."""
    start = 0
    while len(text) - start > _PIECE:
        end = text.rfind("\n", start, start + _PIECE) + 1
        end = end or text.rfind(" ", start, start + _PIECE) + 1 or start + _PIECE
        yield start, text[start:end]
        start = end
    yield start, text[start:] if start else text


def _raise(scores: dict[str, float], role: str, score: float) -> None:
    scores[role] = max(score, scores.get(role, 0.0))


def compile_terms(rows: Iterable[Term]) -> Matcher:
    """One matcher for all rows; equal texts of one role become one term of all their languages.

    Where languages differ on its strength the weaker holds: a false friend is no evidence.
    Raises ValueError for a row that can't be matched.
    """
    rows = list(rows)
    lines = fold("\n".join(row.text.replace("*", _STEM) for row in rows)).text.split("\n")
    if len(lines) != len(rows) + 1:
        raise ValueError("a term may not hold a line feed or a sentence mark")
    merged: dict[tuple[str, str], Term] = {}
    for row, line in zip(rows, lines, strict=False):
        # A term of symbols alone, such as a cross, folds to nothing: a label stays as it is.
        text = line.strip().replace(_STEM, "*") or row.text
        known = merged.get((text, row.role))
        merged[text, row.role] = _merge(known, row) if known else row
    patterns = [_pattern(text, i, term) for i, ((text, _), term) in enumerate(merged.items())]
    return Matcher(tuple(merged.values()), patterns)


def _merge(known: Term, row: Term) -> Term:
    strength = max(known.strength, row.strength, key=_STRENGTHS.index)
    languages = tuple(sorted({*known.languages, *row.languages}))
    return replace(known, strength=strength, languages=languages)


def _pattern(text: str, term_id: int, term: Term) -> _Pattern:
    if term.role not in ROLES or term.strength not in _STRENGTHS:
        raise ValueError(f"no such role or strength: {term}")
    if term.strength == "label":
        return _Pattern((text,), False, term_id)
    segments = tuple(text.split("*"))
    bounded = bool(segments[-1]) and not is_dense(text[-1])
    head = len(segments[0]) + bounded
    sizes = _DENSE_SIZES if is_dense(text[0]) else _SPACED_SIZES
    if head < sizes[0] or any(part[:1] > " " for part in segments[1:]):
        raise ValueError(f"too short, or a stem that does not end a word: {term}")
    return _Pattern(segments, bounded, term_id)
