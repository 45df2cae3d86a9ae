"""One compiled matcher for all terms of all languages: one pass, whatever their number.

A term is found by a hash of its first characters (3, 5 or 8 of them, the space after a short
word included; 2, 3 or 4 in scripts without spaces). Hashes are taken at the start of every word
and looked up in bit tables; only where one is set is text compared. So the work goes with the
length of the page and with the terms that stand on it, not with the size of the lexicon. It is
the idea of Karp and Rabin, "Efficient randomized pattern-matching algorithms" (1987), with a hash
per word instead of a rolling one. `detector/_lexicon.pyx` does all of it in one go, numpy and
Python where that was not built.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detector.columns import Numbers, numbers
from detector.compiled import LEXICON
from detector.lazy import cached_property
from detector.lexicon.folding import BREAK, FATES, SPACE, fold, folding_table
from detector.lexicon.index import MIX, Index, Pattern, pad
from detector.lexicon.terms import ROLES, STRENGTHS, Rows, Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detector.lexicon.folding import Folded
    from detector.lexicon.terms import Strength

# Of one group the longer term hides the shorter: no "accepting" in "continue without accepting".
_GROUPS = {role: role for role in ROLES} | dict.fromkeys(
    ("accept_all", "reject_all", "save", "settings", "close"), "control"
)
# What a term is worth that is the whole label.
_WHOLE: dict[Strength, float] = {"strong": 1.0, "weak": 0.8, "label": 0.6}
# And of a term in a longer label: the least share of that, and what its part of the label adds.
_PART = (0.1, 0.4)

_ROLE_IDS = {role: number for number, role in enumerate(ROLES)}
_STRENGTH_IDS: dict[str, int] = {strength: number for number, strength in enumerate(STRENGTHS)}

_STEM = "\u01c2"  # stands for "*" while terms are folded: a letter without case
_ROUND_SYMBOLS = " []()\ufe0e\ufe0f"  # the last two make a symbol text or picture
_PIECE = 1 << 16

# How many characters may be hashed: of a term the most that it has.
_SPACED_SIZES, _DENSE_SIZES = (3, 5, 8), (2, 3, 4)


class _Match(NamedTuple):
    """A match in canonical offsets."""

    start: int
    end: int
    term_id: int


class Matcher:
    """All terms, compiled.

    roles: names of role ids. The second half are the weak terms of the first half's roles:
        `roles[i + len(ROLES)] == ROLES[i] + "_weak"`.

    Terms of one folded text and role, in whatever languages, are one. Where the languages
    differ on its strength the weaker holds: a false friend is no evidence.
    Raises ValueError for rows that can't be matched.
    """

    roles: tuple[str, ...] = ROLES + tuple(f"{role}_weak" for role in ROLES)

    def __init__(self, rows: Rows) -> None:
        text, role_ids, strengths = _read(rows)
        folded = fold(text)
        starts, heads, is_dense = _heads(folded, rows)
        self._rows, self._text = rows, folded.text
        self._bare = _bare(text, folded, starts)
        terms = self._first_alike(folded, starts, role_ids)
        is_first = terms == np.arange(len(terms))
        again = np.flatnonzero(~is_first)
        np.maximum.at(strengths, terms[again], strengths[again])
        role_ids[strengths == STRENGTHS.index("weak")] += len(ROLES)
        self._terms, self._strengths = terms, strengths
        self._by_term: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
        self._role_ids: list[int] = role_ids.tolist()

        is_label = strengths == STRENGTHS.index("label")
        self._labels: NDArray[np.int64] = np.flatnonzero(is_label & is_first)
        spaced = np.flatnonzero(is_first & ~is_label & ~is_dense)
        dense = np.flatnonzero(is_first & ~is_label & is_dense)
        codes = pad(folded.codes)
        self._spaced = Index(self._line, codes, starts, heads, spaced, _SPACED_SIZES)
        self._dense = Index(self._line, codes, starts, heads, dense, _DENSE_SIZES)
        self._compiled: Any = None
        if LEXICON is not None:
            ends = np.flatnonzero(folded.codes == BREAK) - 1
            bounded = np.ones(len(folded.codes), np.uint8)
            bounded[folded.dense] = 0
            bounded[folded.codes == ord(_STEM)] = 0
            groups = [_GROUPS[role] for role in ROLES]
            self._compiled = LEXICON.Terms(
                table=folding_table(),
                fates=FATES,
                codes=folded.codes,
                starts=starts,
                stem=_STEM,
                bounded=bounded[ends],
                roles=role_ids,
                groups=np.array([groups.index(group) for group in groups * 2]),
                strengths=strengths,
                labels=self._labels,
                spaced=self._spaced.tables,
                dense=self._dense.tables,
                factor=int(MIX),
                worths=tuple(_WHOLE[strength] for strength in STRENGTHS),
                part=_PART,
            )

    @cached_property
    def _lines(self) -> list[str]:
        """The folded terms, a stem ending in `*`; those that fold to nothing as they are."""
        lines = self._text.replace(_STEM, "*").split("\n")[:-1]
        for row, text in self._bare.items():
            lines[row] = text
        return lines

    def _line(self, row: int) -> str:
        return self._lines[row]

    @cached_property
    def _whole(self) -> dict[str, list[int]]:
        """Rows of what says something as a whole label alone."""
        whole: dict[str, list[int]] = {}
        for row in self._labels.tolist():
            whole.setdefault(self._lines[row], []).append(row)
        return whole

    @cached_property
    def _whole_bare(self) -> dict[str, list[int]]:
        """Those of them that fold to nothing."""
        whole: dict[str, list[int]] = {}
        for row in self._labels.tolist():
            if row in self._bare:
                whole.setdefault(self._bare[row], []).append(row)
        return whole

    def _first_alike(
        self, folded: Folded, starts: NDArray[np.int64], role_ids: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Of each row, the first of the same folded text and role."""
        first = np.empty(len(starts), np.int64)
        known: dict[tuple[str, int], int] = {}
        if LEXICON is None:
            pairs = zip(self._lines, role_ids.tolist(), strict=True)
            first[:] = [known.setdefault(pair, row) for row, pair in enumerate(pairs)]
            return first
        LEXICON.first_alike(folded.codes, starts, role_ids, first)
        for row, text in self._bare.items():
            first[row] = known.setdefault((text, int(role_ids[row])), row)
        return first

    def term(self, term_id: int) -> Term:
        """The term of an id that `spans` gave, with all its languages."""
        rows = self._rows
        return Term(
            rows.roles[term_id],
            rows.texts[term_id],
            STRENGTHS[self._strengths[term_id]],
            self.languages([term_id])[0],
            rows.sources[term_id],
        )

    def languages(self, term_ids: Sequence[int]) -> list[tuple[str, ...]]:
        """Those of each term, sorted."""
        if self._by_term is None:
            order = np.argsort(self._terms, kind="stable")
            self._by_term = order, self._terms[order]
        order, terms = self._by_term
        firsts = np.searchsorted(terms, term_ids).tolist()
        behind = np.searchsorted(terms, term_ids, side="right").tolist()
        names = self._rows.languages
        return [
            tuple(sorted({names[row] for row in order[first:end].tolist()}))
            for first, end in zip(firsts, behind, strict=True)
        ]

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """Every term in `text`: (offset in `text`, role id, term id), by offset.

        No term runs across a line feed, so blocks may be joined with one. Of terms of one
        role, and of all button roles together, those inside a longer one are left out.

        >>> from detector.lexicon import load_matcher
        >>> m = load_matcher()
        >>> [(at, m.roles[role]) for at, role, _ in m.spans("Hi! Nous utilisons des cookies")]
        [(4, 'topic')]
        """
        return [(at, role, term_id) for at, role, term_id in self.span_table(text).tolist()]

    def span_table(self, text: str, breaks: Numbers | None = None) -> NDArray[np.int64]:
        """The same as rows of a matrix, int64, shape (spans, 3).

        breaks: offsets, ascending, of characters in whose place a line feed is read.
        """
        breaks = numbers(()) if breaks is None else breaks
        if LEXICON is not None:
            found = self._compiled.spans(text, breaks, _PIECE)
            return np.frombuffer(found, np.int64).reshape(-1, 3)
        if len(breaks):
            edges = [0, *breaks.tolist(), len(text)]
            pieces = map(slice, [0, *(breaks + 1).tolist()], edges[1:])
            text = "\n".join([text[piece] for piece in pieces])
        rows = []
        for base, piece in _pieces(text):
            folded = fold(piece)
            for match in self._matches(folded):
                origin = base + int(folded.origin[match.start])
                rows.append((origin, self._role_ids[match.term_id], match.term_id))
        return np.array(rows, np.int64).reshape(-1, 3)

    def counts(self, text: str, offsets: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int32]:
        """Terms per block and role id: int32, shape (len(offsets), len(roles)).

        offsets: where each block of `text` starts, ascending, the first 0.
        """
        counts = np.zeros((len(offsets), len(self.roles)), np.int32)
        table = self.span_table(text)
        if len(table) and len(offsets):
            rows = np.searchsorted(np.asarray(offsets), table[:, 0], side="right") - 1
            np.add.at(counts, (rows, table[:, 1]), 1)
        return counts

    def label_scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """What the texts of controls say: shape (len(texts), len(ROLES)), 0 for what is not said.

        1.0 for strong terms that are the whole label, .8 for weak ones, .6 for a word that
        says something only there (x, Yes); below .5 for terms in a longer label, by the share
        of the label that they cover.

        >>> from detector.lexicon import ROLES, load_matcher
        >>> scores = load_matcher().label_scores(["Alle akzeptieren", "Home"])
        >>> scores[:, ROLES.index("accept_all")].tolist()
        [1.0, 0.0]
        """
        scores = np.zeros((len(texts), len(ROLES)))
        if LEXICON is None:
            self._score_labels(texts, scores)
            return scores
        for number in self._compiled.labels(list(texts), scores):  # they fold to nothing
            for row in self._whole_bare.get(_symbols(texts[number]), ()):
                scores[number, self._role_ids[row]] = _WHOLE["label"]
        return scores

    def _score_labels(self, texts: Sequence[str], scores: NDArray[np.float64]) -> None:
        lines = [" ".join(text.split()) for text in texts]
        folded = fold("\n".join(lines))
        starts = np.cumsum([0] + [len(line) + 1 for line in lines])
        edges = np.searchsorted(folded.origin, starts).tolist()
        sizes = []
        for number, (line, start, end) in enumerate(zip(lines, edges, edges[1:], strict=False)):
            words = folded.text[start:end].split()
            sizes.append(sum(map(len, words)))
            for row in self._whole.get(" ".join(words) or _symbols(line), ()):
                scores[number, self._role_ids[row]] = _WHOLE["label"]
        for (number, name), (strength, size) in self._cover(folded, edges).items():
            share, best, role = size / sizes[number], _WHOLE[strength], _ROLE_IDS[name]
            score = best if share == 1 else best * (_PART[0] + _PART[1] * share)
            scores[number, role] = max(score, scores[number, role])

    def _cover(
        self, folded: Folded, edges: Sequence[int]
    ) -> dict[tuple[int, str], tuple[Strength, int]]:
        """Per line and role: the best strength, and how many characters its terms cover."""
        cover: dict[tuple[int, str], tuple[Strength, int]] = {}
        reach: dict[tuple[int, str], int] = {}
        for start, end, term_id in self._matches(folded):
            key = bisect_right(edges, start) - 1, self._rows.roles[term_id]
            strength: Strength = STRENGTHS[self._strengths[term_id]]
            known, size = cover.get(key, (strength, 0))
            text = folded.text[max(start, reach.get(key, 0)) : end]
            size += len(text) - text.count(" ")
            cover[key] = min(known, strength, key=STRENGTHS.index), size
            reach[key] = max(end, reach.get(key, 0))
        return cover

    def _matches(self, folded: Folded) -> list[_Match]:
        found = [
            _Match(start, end, pattern.term_id)
            for start, pattern in self.candidates(folded)
            if (end := pattern.end(folded.text, start)) >= 0
        ]
        found.sort(key=lambda match: (match.start, -match.end, match.term_id))
        kept = []
        reach: dict[str, tuple[int, int]] = {}
        for match in found:
            group = _GROUPS[self._rows.roles[match.term_id]]
            last = reach.get(group, (-1, -1))
            if match.end <= last[1] and (match.start, match.end) != last:
                continue
            reach[group] = match.start, match.end
            kept.append(match)
        return kept

    def candidates(self, folded: Folded) -> Iterator[tuple[int, Pattern]]:
        """Where a term may begin, and which: all that is left for Python to compare."""
        yield from self._spaced.candidates(folded.text, folded.codes, folded.starts)
        if folded.dense.size:
            yield from self._dense.candidates(folded.text, folded.codes, folded.dense)


def compile_terms(terms: Iterable[Term]) -> Matcher:
    """A matcher for these terms alone."""
    return Matcher(Rows.of(terms))


def _read(rows: Rows) -> tuple[str, NDArray[np.int64], NDArray[np.int64]]:
    """The terms as lines, their stems marked; ids of their roles and strengths."""
    role_ids, strengths = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    if LEXICON is not None:
        names = [[name.encode() for name in ids] for ids in (_ROLE_IDS, _STRENGTH_IDS)]
        text = LEXICON.read_rows(rows.body, *names, _STEM.encode(), role_ids, strengths)
        if text is not None:
            return text, role_ids, strengths
    try:
        role_ids[:] = [_ROLE_IDS[role] for role in rows.roles]
        strengths[:] = [_STRENGTH_IDS[strength] for strength in rows.strengths]
    except KeyError as error:
        raise ValueError(f"no role or strength: {error}") from None
    return "\n".join(rows.texts).replace("*", _STEM), role_ids, strengths


def _bare(text: str, folded: Folded, starts: NDArray[np.int64]) -> dict[int, str]:
    """Rows of terms that fold to nothing, as those of symbols alone, and what they are."""
    found = {}
    for row in np.flatnonzero(folded.codes[starts] == BREAK).tolist():
        end = int(folded.origin[starts[row]])
        found[row] = text[text.rfind("\n", 0, end) + 1 : end].replace(_STEM, "*")
    return found


def _symbols(text: str) -> str:
    """A label without words, as the lexicon has those."""
    return " ".join(text.split()).strip(_ROUND_SYMBOLS)


def _heads(
    folded: Folded, rows: Rows
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Of each term: its offset, how many characters are fixed, whether it begins dense.

    Fixed is all up to the first stem; without one, the space too that must follow a word.
    """
    codes = folded.codes
    ends = np.flatnonzero(codes == BREAK)
    if len(ends) != len(rows):
        raise ValueError("no terms, or one with a line feed or a sentence mark")
    starts = np.concatenate(([0], ends[:-1] + 1))
    stems = np.flatnonzero(codes == ord(_STEM))
    of_stem = np.searchsorted(starts, stems, side="right") - 1
    stray = np.concatenate(
        (np.flatnonzero(codes[ends - 1] == SPACE), of_stem[codes[stems + 1] > SPACE])
    )
    if stray.size:
        raise ValueError(f"a term ends with a word, a stem ends a word: {rows.texts[stray[0]]!r}")
    dense = np.zeros(len(codes), bool)
    dense[folded.dense] = True
    heads = ends - starts + ~dense[ends - 1]
    np.minimum.at(heads, of_stem, stems - starts[of_stem])
    return starts, heads, dense[starts]


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut a long text where no term can run across, so that the arrays stay in the cache."""
    start = 0
    while len(text) - start > _PIECE:
        end = text.rfind("\n", start, start + _PIECE) + 1
        end = end or text.rfind(" ", start, start + _PIECE) + 1 or start + _PIECE
        yield start, text[start:end]
        start = end
    yield start, text[start:]
