"""Find which of many terms may begin at a place, by a hash of their first characters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from detector.lazy import cached_property, regex
from detector.lexicon.folding import SPACE, is_dense

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW = 8

_NEXT = 4  # terms of one hash are told apart by so many characters more
_REST = regex(r"[^ \n]*")
_UNITS = {size: np.uint64((1 << 16 * size) - 1) for size in (1, 2, 3, 4)}
MIX = np.uint64(0x9E3779B97F4A7C15)
"""2^64 / golden ratio: multiplicative hashing."""
_HALF = np.uint64(32)


class Pattern(NamedTuple):
    """segments: the folded term, cut behind each stem; bounded: it must end where a word ends."""

    segments: Sequence[str]
    bounded: bool
    term_id: int

    def end(self, text: str, start: int) -> int:
        """Where a match that begins at `start` ends, or -1."""
        end = start
        for number, segment in enumerate(self.segments):
            if number and (rest := _REST.match(text, end)):
                end = rest.end()
            if not text.startswith(segment, end):
                return -1
            end += len(segment)
        return -1 if self.bounded and text[end] > " " else end


# Patterns of one hash: the short, and the longer by the characters behind the hashed ones.
_Bucket: TypeAlias = tuple[list[Pattern], dict[str, list[Pattern]]]


class Table(NamedTuple):
    """Terms by a hash of their first `size` characters.

    hashes: distinct, ascending, uint64; edges: where the rows of each begin, and one past the
    last, int64; rows: ids of the terms, int64.
    """

    size: int
    hashes: NDArray[np.uint64]
    edges: NDArray[np.int64]
    rows: NDArray[np.int64]


class Index:
    """Terms by a hash of their first characters: of `sizes` the most that a term has.

    line: a folded term by its id, a stem ending in `*`.
    codes: their canonical characters, padded; term i is at `starts[i]`.
    heads: how many characters of each are fixed: up to a stem, or the space behind a word.
    term_ids: which of the terms to take.

    Raises ValueError for a term shorter than the shortest hash. Patterns are made when text
    first asks for their hash, so that loading does not pay for thousands that never occur.
    """

    def __init__(
        self,
        line: Callable[[int], str],
        codes: NDArray[np.uint16],
        starts: NDArray[np.int64],
        heads: NDArray[np.int64],
        term_ids: NDArray[np.int64],
        sizes: tuple[int, ...],
    ) -> None:
        self._line, self._heads = line, heads
        fitting = np.searchsorted(sizes, heads[term_ids], side="right") - 1
        if len(fitting) and fitting.min() < 0:
            raise ValueError(f"too short: {line(int(term_ids[fitting.argmin()]))!r}")
        self.tables: list[Table] = []
        for number, size in enumerate(sizes):
            rows = term_ids[fitting == number]
            hashes = _hash(_windows(codes, starts[rows]), size)
            order = np.argsort(hashes, kind="stable")
            ascending = hashes[order]
            first = np.ones(len(rows), bool)
            first[1:] = ascending[1:] != ascending[:-1]
            edges = np.append(np.flatnonzero(first), len(rows)).astype(np.int64)
            self.tables.append(Table(size, ascending[first], edges, rows[order]))

    @cached_property
    def _bits(self) -> list[NDArray[np.bool_]]:
        """Of each table, by a hash's upper bits, whether it may be that of a term."""
        found = []
        for table in self.tables:
            # So sparse that one word in thirty-two that is no term's gets past it.
            bits = np.zeros(1 << (32 * len(table.hashes)).bit_length(), bool)
            bits[_slots(table.hashes, bits)] = True
            found.append(bits)
        return found

    @cached_property
    def _buckets(self) -> list[dict[int, slice | _Bucket]]:
        return [
            dict(
                zip(
                    table.hashes.tolist(),
                    map(slice, table.edges[:-1].tolist(), table.edges[1:].tolist()),
                    strict=True,
                )
            )
            for table in self.tables
        ]

    def candidates(
        self, text: str, codes: NDArray[np.uint16], starts: NDArray[np.int64]
    ) -> Iterator[tuple[int, Pattern]]:
        """Patterns that may match at one of `starts`, and where.

        text: canonical text; codes: the same.
        """
        windows = _windows(pad(codes), starts)
        for table, bits, buckets in zip(self.tables, self._bits, self._buckets, strict=True):
            hashes = _hash(windows, table.size)
            hits = np.flatnonzero(bits.take(_slots(hashes, bits)))
            for start, value in zip(starts[hits].tolist(), hashes[hits].tolist(), strict=True):
                bucket = buckets.get(value)
                if bucket is None:
                    continue
                if isinstance(bucket, slice):
                    rows = table.rows[bucket].tolist()
                    buckets[value] = bucket = self._bucket(rows, table.size)
                short, longer = bucket
                for pattern in short:
                    yield start, pattern
                if longer:
                    behind = start + table.size
                    for pattern in longer.get(text[behind : behind + _NEXT], ()):
                        yield start, pattern

    def _bucket(self, rows: Sequence[int], size: int) -> _Bucket:
        bucket: _Bucket = [], {}
        for row in rows:
            line = self._line(row)
            bounded = line[-1] != "*" and not is_dense(line[-1])
            pattern = Pattern(line.split("*"), bounded, row)
            if min(int(self._heads[row]), len(line)) < size + _NEXT:
                bucket[0].append(pattern)
            else:
                bucket[1].setdefault(line[size : size + _NEXT], []).append(pattern)
        return bucket


def pad(codes: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Canonical characters for hashing: a line's end reads as a word's, and windows fit."""
    return np.concatenate((np.maximum(codes, np.uint16(SPACE)), np.zeros(WINDOW, np.uint16)))


def _windows(codes: NDArray[np.uint16], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The first eight code units from each start, packed: shape (len(starts), 2)."""
    shape = len(codes) - WINDOW + 1, WINDOW
    windows: NDArray[np.uint16] = np.ndarray(shape, codes.dtype, codes, 0, codes.strides * 2)
    return windows[starts].astype("<u2", copy=False).view("<u8")


def _hash(windows: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """A hash of the first `size` (2 to 8) code units of each window."""
    mixed: NDArray[np.uint64] = (windows[:, 0] & _UNITS[min(size, 4)]) * MIX
    if size > 4:
        mixed = (mixed ^ (mixed >> _HALF) ^ (windows[:, 1] & _UNITS[size - 4])) * MIX
    return mixed


def _slots(hashes: NDArray[np.uint64], bits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where the hashes stand in a bit table: their upper bits."""
    return (hashes >> np.uint64(65 - len(bits).bit_length())).view(np.int64)
