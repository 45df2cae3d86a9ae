# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What `detector.lexicon` does for every character of a page: folding, and the look at each word.

`detector.lexicon.folding` and `index` say what it is, and do the same with numpy.
"""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_FromKindAndData, PyUnicode_KIND
from cpython.unicode cimport PyUnicode_READ
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

cdef enum:
    SPACE = 0x20
    BREAK = 0x0A
    # Kinds of a character, and what becomes of it, by the numbers that `folding` gives them.
    GAP = 0
    DENSE = 4
    DROP = 0
    PART = 2


def fold(
    str text not None,
    const uint32_t[::1] table,
    const uint8_t[::1] fates,
    uint16_t[::1] codes,
    int64_t[::1] origin,
    int64_t[::1] starts,
    int64_t[::1] dense,
):
    """Fill the last four, each at least twice as long as the text and one, from the others.

    Returns:
        The canonical text, and how many there are of codes, starts and dense.
    """
    cdef Py_ssize_t size = len(text), i, n = 0, kept = 0, n_starts = 0, n_dense = 0
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef uint32_t code, entry
    cdef uint8_t here, left = GAP, fate
    cdef bint has_dense = False, in_word = False
    if min(len(codes), len(origin), len(starts), len(dense)) < 2 * size + 1:
        raise ValueError("there must be room for twice the text and one more")
    cdef uint8_t* kinds = <uint8_t*>malloc(2 * size + 1)
    if kinds is NULL:
        raise MemoryError
    for i in range(size):
        code = PyUnicode_READ(kind, data, i)
        entry = table[min(code, <uint32_t>0xFFFF)]
        if not entry & 0xFFFF:
            continue
        here = entry >> 16
        fate = fates[left << 3 | here]
        left = here
        if fate == DROP:
            continue
        if fate == PART:
            codes[n], origin[n], kinds[n] = SPACE, i, GAP
            n += 1
        codes[n], origin[n], kinds[n] = <uint16_t>entry, i, here
        n += 1
        has_dense = has_dense or here == DENSE
    for i in range(n):
        if has_dense:
            if (kinds[i] == GAP and 0 < i < n - 1
                    and kinds[i - 1] == DENSE and kinds[i + 1] == DENSE):
                continue  # designers letter-space short labels
            if kinds[i] == DENSE:
                dense[n_dense] = kept
                n_dense += 1
        if codes[i] <= SPACE:
            in_word = False
        elif not in_word:
            in_word = True
            starts[n_starts] = kept
            n_starts += 1
        codes[kept], origin[kept] = codes[i], origin[i]
        kept += 1
    free(kinds)
    codes[kept], origin[kept] = BREAK, size
    kept += 1
    return PyUnicode_FromKindAndData(2, &codes[0], kept), kept, n_starts, n_dense


def hits(
    const uint16_t[::1] codes,
    const int64_t[::1] starts,
    const uint8_t[::1] bits,
    int size,
    uint64_t factor,
):
    """Of the starts, those whose first `size` (2 to 8) characters may begin a term, with the hash.

    bits: a table of a power of two of entries, by a hash's upper bits.
    """
    cdef Py_ssize_t i, at, n = codes.shape[0]
    cdef uint64_t low, high, hash_
    cdef int place, shift = 64
    cdef list found = []
    if bits.shape[0] < 2:
        return found  # the table of no terms
    while <uint64_t>1 << (64 - shift) < <uint64_t>bits.shape[0]:
        shift -= 1
    for i in range(starts.shape[0]):
        low = high = 0
        for place in range(size):
            at = starts[i] + place
            if at < n:
                # A line's end reads as a word's.
                if place < 4:
                    low |= <uint64_t>max(codes[at], <uint16_t>SPACE) << 16 * place
                else:
                    high |= <uint64_t>max(codes[at], <uint16_t>SPACE) << 16 * (place - 4)
        hash_ = low * factor
        if size > 4:
            hash_ = (hash_ ^ hash_ >> 32 ^ high) * factor
        if bits[hash_ >> shift]:
            found.append((starts[i], hash_))
    return found
