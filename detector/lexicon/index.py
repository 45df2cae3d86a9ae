"""Find which of many terms may begin at a place, by a hash of their first characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from detector.compiled import LEXICON
from detector.lexicon.folding import SPACE, is_dense

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW = 8

_NEXT = 4  # terms of one hash are told apart by so many characters more
_REST = re.compile(r"[^ \n]*")
_UNITS = {size: np.uint64((1 << 16 * size) - 1) for size in (1, 2, 3, 4)}
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: multiplicative hashing
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


class Index:
    """Terms by a hash of their first characters: of `sizes` the most that a term has.

    lines: the folded terms, a stem ending in `*`; a term's id is its place here.
    codes: their canonical characters, padded; term i is at `starts[i]`.
    heads: how many characters of each are fixed: up to a stem, or the space behind a word.
    term_ids: which of the terms to take.

    Raises ValueError for a term shorter than the shortest hash. Patterns are made when text
    first asks for their hash, so that loading does not pay for thousands that never occur.
    """

    __slots__ = ("_bits", "_buckets", "_heads", "_lines", "_rows", "_sizes")

    def __init__(
        self,
        lines: Sequence[str],
        codes: NDArray[np.uint16],
        starts: NDArray[np.int64],
        heads: NDArray[np.int64],
        term_ids: NDArray[np.int64],
        sizes: tuple[int, ...],
    ) -> None:
        self._lines, self._heads, self._sizes = lines, heads, sizes
        fitting = np.searchsorted(sizes, heads[term_ids], side="right") - 1
        if len(fitting) and fitting.min() < 0:
            raise ValueError(f"too short: {lines[int(term_ids[fitting.argmin()])]!r}")
        self._bits: list[NDArray[np.bool_]] = []
        self._rows: list[list[int]] = []
        self._buckets: list[dict[int, slice | _Bucket]] = []
        for number, size in enumerate(sizes):
            rows = term_ids[fitting == number]
            hashes = _hash(_windows(codes, starts[rows]), size)
            order = np.argsort(hashes, kind="stable")
            unique, first = np.unique(hashes[order], return_index=True)
            # So sparse that one word in thirty-two that is no term's gets past it.
            bits = np.zeros(1 << (32 * len(unique)).bit_length(), bool)
            bits[_slots(unique, bits)] = True
            edges = [*first.tolist(), len(rows)]
            slices = map(slice, edges, edges[1:])
            self._bits.append(bits)
            self._rows.append(rows[order].tolist())
            self._buckets.append(dict(zip(unique.tolist(), slices, strict=True)))

    def candidates(
        self, text: str, codes: NDArray[np.uint16], starts: NDArray[np.int64]
    ) -> Iterator[tuple[int, Pattern]]:
        """Patterns that may match at one of `starts`, and where.

        text: canonical text; codes: the same.
        """
        windows = None if LEXICON is not None else _windows(pad(codes), starts)
        for size, bits, rows, buckets in zip(
            self._sizes, self._bits, self._rows, self._buckets, strict=True
        ):
            for start, value in _hits(codes, windows, starts, bits, size):
                bucket = buckets.get(value)
                if bucket is None:
                    continue
                if isinstance(bucket, slice):
                    buckets[value] = bucket = self._bucket(rows[bucket], size)
                short, longer = bucket
                for pattern in short:
                    yield start, pattern
                if longer:
                    for pattern in longer.get(text[start + size : start + size + _NEXT], ()):
                        yield start, pattern

    def _bucket(self, rows: Sequence[int], size: int) -> _Bucket:
        bucket: _Bucket = [], {}
        for row in rows:
            line = self._lines[row]
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
    mixed: NDArray[np.uint64] = (windows[:, 0] & _UNITS[min(size, 4)]) * _MIX
    if size > 4:
        mixed = (mixed ^ (mixed >> _HALF) ^ (windows[:, 1] & _UNITS[size - 4])) * _MIX
    return mixed


def _hits(
    codes: NDArray[np.uint16],
    windows: NDArray[np.uint64] | None,
    starts: NDArray[np.int64],
    bits: NDArray[np.bool_],
    size: int,
) -> Iterable[tuple[int, int]]:
    """The starts of which the bit table knows the hash of what follows, and that hash."""
    if windows is None:
        assert LEXICON is not None
        found: list[tuple[int, int]] = LEXICON.hits(
            codes, starts, bits.view(np.uint8), size, int(_MIX)
        )
        return found
    hashes = _hash(windows, size)
    hits = np.flatnonzero(bits.take(_slots(hashes, bits)))
    return zip(starts[hits].tolist(), hashes[hits].tolist(), strict=True)


def _slots(hashes: NDArray[np.uint64], bits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where the hashes stand in a bit table: their upper bits."""
    return (hashes >> np.uint64(65 - len(bits).bit_length())).view(np.int64)
