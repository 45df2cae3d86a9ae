"""Words of promotions and page furniture, per language and role: `cues.tsv`.

Two look-ups read the one table. The walk over a page asks what a block's first words announce
(`Cues`); a text without markup is searched for every cue in it (`CueMatcher`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from detector.lazy import cached_property, regex
from detector.lexicon.folding import fold, is_dense

CUE_ROLES: Final = (
    "follow",
    "read_also",
    "share",
    "subscribe",
    "copyright",
    "advert",
    "comment",
    "navigation",
    "popular",
    "byline",
)
"""What a cue is a sign of: "follow us", "read also", "share", "newsletter", "all rights reserved",
"advertisement", "leave a comment", "back to top", "most read", "by"."""

ROLES: Final = ("", "read_also", "follow")
"""What the walk's cues announce: nothing; other pages of the site; something to do, such as to
subscribe."""

_ANNOUNCED: Final = {
    "read_also": "read_also",
    "popular": "read_also",
    "follow": "follow",
    "share": "follow",
    "subscribe": "follow",
    "advert": "follow",
}
_LEAST: Final = 4
"""Least characters of a term that the walk looks for, but in East Asian scripts."""
_EAST_ASIAN: Final = 0x2E80  # what begins here, and has more meaning a character

_FILE: Final = Path(__file__).parent / "cues.tsv"
LEADING: Final = " \t\r\n\u2028\xa0»›>►▶▸•·–—-→*|[(«\"'"
"""Characters that a cue may stand behind."""
_NOT_WORDS: Final = regex(r"[^\w]+")  # terms are written without punctuation
_KEY: Final = 2  # characters by which terms are looked up; every term has as many


class CueRow(NamedTuple):
    """A row of the table: ISO 639 code or `und`, one of `CUE_ROLES`, the term."""

    language: str
    role: str
    term: str


def _columns() -> tuple[list[str], list[str], list[str]]:
    """The table's columns, in the order of `CueRow`."""
    cells = _FILE.read_bytes().decode().replace("\n", "\t").split("\t")
    return cells[3:-1:3], cells[4::3], cells[5::3]  # behind the header


@cache
def load_cue_rows() -> tuple[CueRow, ...]:
    """All rows, in the order of the file."""
    return tuple(map(CueRow._make, zip(*_columns(), strict=True)))


class Cues:
    """Terms that lines begin with, by their first characters."""

    def __init__(self, terms: dict[str, int]) -> None:
        self.terms = tuple(terms)
        self.by_start: dict[str, list[tuple[str, int]]] = {}
        for term, role in sorted(terms.items(), key=lambda item: -len(item[0])):
            self.by_start.setdefault(term[:_KEY], []).append((term, role))

    @cached_property
    def _texts(self) -> dict[str, tuple[str, ...]]:
        return {key: tuple(term for term, _ in of_key) for key, of_key in self.by_start.items()}

    def role_of(self, text: str) -> int:
        """Number in `ROLES` of the cue that a text begins with, white space and case aside."""
        text = text.lstrip(LEADING)
        key = text[:_KEY].casefold()
        terms = self._texts.get(key)
        if terms is None:
            return 0
        start = " ".join(_NOT_WORDS.sub(" ", text[:80].casefold()).split())
        if not start.startswith(terms):  # as most, which the loop would find out more slowly
            return 0
        for term, role in self.by_start[key]:
            if start.startswith(term):
                after = start[len(term) : len(term) + 1]
                # no cue inside a word, but for scripts that part none
                if not after.isalpha() or ord(after) > _EAST_ASIAN or ord(term[-1]) > _EAST_ASIAN:
                    return role
        return 0


@cache
def load_cues() -> Cues:
    """The cues of all languages that announce something, read when first asked for."""
    terms: dict[str, int] = {}
    for _, role, term in zip(*_columns(), strict=True):
        announced = _ANNOUNCED.get(role)
        if announced and (len(term) >= _LEAST or ord(term[0]) > _EAST_ASIAN):
            terms.setdefault(" ".join(term.casefold().split()), ROLES.index(announced))
    return Cues(terms)


class Cue(NamedTuple):
    """A cue in a text: number of the block, id of the role, whether the block starts with it, and
    how many characters it covers."""

    block: int
    role: int
    starts: bool
    size: int


class _Entry(NamedTuple):
    text: str
    role: int
    anywhere: bool


_SHORT_DENSE: Final = 2
"""Longest term of a script without spaces that counts only where a block starts, in characters."""


class CueMatcher:
    """All cues, compiled, in the folded form of the consent lexicon.

    A term of several words counts anywhere, as does one whose language is `und`; a single word,
    which may be an ordinary one elsewhere, and a short one in a script without spaces count only
    where a block starts.

    Raises:
        ValueError: a role is none of `CUE_ROLES`.
    """

    __slots__ = ("_dense", "_dense_terms", "_spaced")

    def __init__(self, rows: Sequence[CueRow]) -> None:
        folded = fold("\n".join(row.term for row in rows)).text.split("\n")
        self._spaced: dict[str, list[_Entry]] = {}
        self._dense_terms: dict[str, _Entry] = {}
        for row, text in zip(rows, folded, strict=False):
            number = CUE_ROLES.index(row.role)
            if is_dense(text[0]):
                self._dense_terms[text] = _Entry(text, number, len(text) > _SHORT_DENSE)
                continue
            anywhere = row.language == "und" or " " in text
            entries = self._spaced.setdefault(text.split()[0], [])
            if all(entry.text != text or entry.role != number for entry in entries):
                entries.append(_Entry(text, number, anywhere))
        longest = sorted(self._dense_terms, key=lambda term: (-len(term), term))
        self._dense = re.compile("|".join(map(re.escape, longest)) or r"(?!)")
        for entries in self._spaced.values():
            entries.sort(key=lambda entry: -len(entry.text))

    def find(self, lines: str, offsets: Sequence[int]) -> list[Cue]:
        """Every cue in `lines`, blocks joined with line feeds.

        offsets: where each block starts, ascending, the first 0.
        """
        folded = fold(lines)
        text, origin = folded.text, folded.origin
        found: list[Cue] = []
        if not offsets:
            return found
        reach = [0] * len(CUE_ROLES)
        begins = set(origin.searchsorted(offsets).tolist())

        def add(at: int, entry: _Entry) -> None:
            # White space and marks before the first word are folded to one character at most.
            starts = at in begins or at - 1 in begins
            if starts or entry.anywhere:
                reach[entry.role] = at + len(entry.text)
                block = bisect_right(offsets, int(origin[at])) - 1
                found.append(Cue(block, entry.role, starts, len(entry.text)))

        for at, word in zip(folded.starts.tolist(), text.split(), strict=True):
            for entry in self._spaced.get(word, ()):
                end = at + len(entry.text)
                inside_longer = end <= reach[entry.role]
                if not inside_longer and text.startswith(entry.text, at) and text[end] <= " ":
                    add(at, entry)
        if folded.dense.size:
            for match in self._dense.finditer(text):
                add(match.start(), self._dense_terms[match[0]])
        return found


@cache
def load_cue_matcher() -> CueMatcher:
    """The matcher of all cues, compiled when first asked for."""
    return CueMatcher(load_cue_rows())
