# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.features.topic` in a few passes over a page's words; the numpy code there says why."""

import os

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc

include "_number.pxi"
include "_alike.pxi"
include "_owned.pxi"


# Rows of counts, in the order of `detector.features.topic.COUNTS`.
cdef enum:
    TELLING, IN_PAGE, IN_REGION, IN_TITLE, PHRASES, BEFORE, AFTER, N_COUNTS


cdef enum:
    TOGETHER = 1024  # words of which the telling ones are found, or the hashes, before all else
    MOST = 16  # words of a phrase


cdef struct Word:  # a distinct word of a page
    int32_t first  # blocks that have it
    int32_t last
    int32_t first_inside  # of those in the top element
    int32_t last_inside
    bint in_title


def compare(
    const Number[::1] number,
    const uint64_t[::1] hashes,
    const uint8_t[::1] telling,
    const Number[::1] owned,
    const uint64_t[::1] title,
    const uint8_t[::1] title_telling,
    const Number[::1] element,
    int64_t top,
    int64_t end,
    Number[:, ::1] counts,
):
    """Fill the first four rows of `counts`, (N_COUNTS, b), where the top element is from `top` to
    `end`; and give the title's telling words, each once.

    number: of the page's words, (w,), in order; hashes, telling: of the distinct ones, (d,), as
    `title` and `title_telling` are of the title's; owned: words of each block, (b,); element: (b,).
    """
    cdef Py_ssize_t n = number.shape[0], n_distinct = hashes.shape[0], n_title = 0, n_telling
    cdef Py_ssize_t begin, i, k
    cdef int32_t at
    cdef int32_t[TOGETHER] which
    cdef Cursor cursor = Cursor(-1, 0)
    cdef Word* word
    if (n_distinct != telling.shape[0] or title.shape[0] != title_telling.shape[0]
            or counts.shape[0] != N_COUNTS
            or not counts.shape[1] == element.shape[0] == owned.shape[0] <= INT32_MAX):
        raise ValueError("the arrays are not of the same length")
    check_owned(owned, n)
    counts[:PHRASES] = 0
    cdef uint64_t mask = slots_for(title.shape[0]) - 1, slot
    cdef uint64_t* wanted = <uint64_t*>calloc(mask + 1, sizeof(uint64_t))  # 0 is no word's hash
    cdef Word* words = <Word*>malloc((n_distinct + 1) * sizeof(Word))
    try:
        if wanted is NULL or words is NULL:
            raise MemoryError
        for i in range(title.shape[0]):
            if title_telling[i]:
                n_title += 1
                wanted[find_wanted(wanted, mask, title[i])] = title[i]
        for i in range(n_distinct):
            slot = find_wanted(wanted, mask, hashes[i])
            words[i] = Word(INT32_MAX, -1, INT32_MAX, -1, wanted[slot] != 0)
        for begin in range(0, n, TOGETHER):
            n_telling = find_telling(number, telling, begin, which)
            for k in range(n_telling):
                word = &words[number[which[k]]]
                move_to(&cursor, which[k], &owned[0])
                at = <int32_t>cursor.block
                word.first = min(word.first, at)
                word.last = at
                if top <= element[at] < end:
                    word.first_inside = min(word.first_inside, at)
                    word.last_inside = at
        cursor = Cursor(-1, 0)
        for begin in range(0, n, TOGETHER):
            n_telling = find_telling(number, telling, begin, which)
            for k in range(n_telling):
                word = &words[number[which[k]]]
                move_to(&cursor, which[k], &owned[0])
                at = <int32_t>cursor.block
                counts[TELLING, at] += 1
                counts[IN_PAGE, at] += (word.first < at) | (word.last > at)
                counts[IN_REGION, at] += (word.first_inside < at) | (word.last_inside > at)
                counts[IN_TITLE, at] += word.in_title
    finally:
        free(wanted)
        free(words)
    return n_title


cdef inline Py_ssize_t find_telling(
    const Number[::1] number, const uint8_t[::1] telling, Py_ssize_t begin, int32_t* which
) noexcept nogil:
    """The telling ones of `TOGETHER` words, and how many they are."""
    cdef Py_ssize_t i, n = 0
    for i in range(begin, min(begin + TOGETHER, number.shape[0])):
        which[n] = <int32_t>i  # of the next one, if this is none
        n += telling[number[i]]
    return n


cdef inline uint64_t find_wanted(
    const uint64_t* wanted, uint64_t mask, uint64_t hash_
) noexcept nogil:
    """The slot of a word of the title, or where it would stand."""
    cdef uint64_t slot = mixed(hash_) & mask
    while wanted[slot] and wanted[slot] != hash_:
        slot = (slot + 1) & mask
    return slot


def repeated(
    const Number[::1] number,
    const uint64_t[::1] hashes,
    const Number[::1] owned,
    uint64_t base,
    Py_ssize_t size,
    Number[:, ::1] counts,
):
    """Fill the last three rows of `counts`, (N_COUNTS, b), of each block's phrases of `size` words;
    `base` makes a phrase's hash of those of its words.

    number: of the page's words, (w,), in order; hashes: of the distinct ones; owned: words of each
    block, (b,).
    """
    cdef Py_ssize_t n = number.shape[0], n_phrases = n - size + 1, begin, end, i, k, k_first, n_found = 0
    cdef Py_ssize_t n_blocks = counts.shape[1]
    cdef uint64_t[TOGETHER + MOST] hashed
    cdef int32_t at, n_whole = 0
    cdef uint64_t phrase, mask, slot, bit, n_slots = slots_for(n)
    cdef Cursor cursor = Cursor(-1, 0)
    if n_blocks != owned.shape[0] or counts.shape[0] != N_COUNTS or not 1 <= size <= MOST:
        raise ValueError("the arrays are not of the same length")
    check_owned(owned, n)
    counts[PHRASES:] = 0
    if not n_blocks or n < size:
        return
    cdef Number* until = &counts[PHRASES, 0]  # phrases up to each block's end, at first
    cdef Number* before = &counts[BEFORE, 0]
    cdef Number* after = &counts[AFTER, 0]
    # Most phrases are the only ones of their kind. A bit by hash for each that was met, and one if
    # it was met again, in the same word of bits, tell which may not be; the table is of those alone.
    cdef uint64_t* bits = <uint64_t*>calloc(n_slots // 4, sizeof(uint64_t))
    cdef uint64_t* phrases = <uint64_t*>malloc(n_phrases * sizeof(uint64_t))
    cdef int32_t* found = <int32_t*>malloc((n_phrases + 1) * sizeof(int32_t))  # blocks of those
    cdef uint32_t* slots = NULL  # of what was found, numbered from 1
    cdef int32_t* last = NULL  # block, of the first of its kind; -1 of the others
    try:
        if bits is NULL or phrases is NULL or found is NULL:
            raise MemoryError
        for begin in range(0, n_phrases, TOGETHER):
            end = min(begin + TOGETHER, n_phrases)
            for i in range(begin, end + size - 1):
                hashed[i - begin] = hashes[number[i]]
            for i in range(begin, end):
                phrase = mixed(phrase_at(&hashed[i - begin], base, size))
                move_to(&cursor, i, &owned[0])
                bit = i + size <= cursor.end  # no phrase runs on from block to block
                n_whole += bit
                until[cursor.block] = n_whole
                bit <<= phrase & 31
                slot = phrase >> 5 & (n_slots // 4 - 1)
                bits[slot] |= bit | (bits[slot] & bit) << 32
                phrases[i] = phrase
        cursor = Cursor(-1, 0)
        for i in range(n_phrases):
            phrase = phrases[n_found] = phrases[i]  # the next one's, if this is none
            move_to(&cursor, i, &owned[0])
            found[n_found] = <int32_t>cursor.block
            bit = bits[phrase >> 5 & (n_slots // 4 - 1)] >> (32 + (phrase & 31)) & 1
            n_found += bit & (i + size <= cursor.end)
        free(bits)
        bits = NULL
        mask = slots_for(n_found - n_found // 4) - 1  # two thirds full at most
        slots = <uint32_t*>calloc(mask + 1, sizeof(uint32_t))
        last = <int32_t*>malloc((n_found + 1) * sizeof(int32_t))
        if slots is NULL or last is NULL:
            raise MemoryError
        for k in range(n_found):
            phrase = phrases[k]
            slot = phrase & mask
            while slots[slot] and phrases[slots[slot] - 1] != phrase:
                slot = (slot + 1) & mask
            if slots[slot]:
                last[k] = -1
                k_first = slots[slot] - 1
                phrases[k] = k_first  # its hash is asked for no more
                last[k_first] = found[k]
            else:
                slots[slot] = <uint32_t>(k + 1)
                last[k] = found[k]
        for k in range(n_found):
            at = found[k]
            k_first = k if last[k] >= 0 else <Py_ssize_t>phrases[k]
            before[at] += found[k_first] < at
            after[at] += last[k_first] > at
        n_whole = 0
        for i in range(n_blocks):
            at = until[i] if until[i] else n_whole  # the same for a block that has no words
            until[i], n_whole = at - n_whole, at
    finally:
        free(bits)
        free(phrases)
        free(found)
        free(slots)
        free(last)


cdef inline uint64_t phrase_at(const uint64_t* hashes, uint64_t base, Py_ssize_t size) noexcept nogil:
    """The hash of a phrase, of those of its words."""
    cdef uint64_t phrase = 0
    cdef Py_ssize_t offset
    for offset in range(size):
        phrase = phrase * base + hashes[offset]
    return phrase


cdef inline double ratio(double numerator, double denominator) noexcept nogil:
    return numerator / denominator if denominator != 0 else 0


def write(
    const Number[:, ::1] counts,
    double title_words,
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
):
    """Write the six columns of `detector.features.topic`, from `first` on, of a `Topic`.

    start: the block that the matrix's first row is of.
    """
    cdef Py_ssize_t i
    cdef float* row
    if counts.shape[0] != N_COUNTS or matrix.shape[1] < first + 6:
        raise ValueError("there are other columns")
    if not 0 <= start <= counts.shape[1] - matrix.shape[0]:
        raise ValueError("there are no blocks for these rows")
    for i in range(start, start + matrix.shape[0]):
        row = &matrix[i - start, first]
        row[0] = <float>ratio(counts[IN_PAGE, i], counts[TELLING, i])
        row[1] = <float>ratio(counts[IN_REGION, i], counts[TELLING, i])
        row[2] = <float>ratio(counts[IN_TITLE, i], counts[TELLING, i])
        row[3] = <float>min(counts[IN_TITLE, i] / max(title_words, 1.0), 1.0)
        row[4] = <float>ratio(counts[BEFORE, i], counts[PHRASES, i])
        row[5] = <float>ratio(counts[AFTER, i], counts[PHRASES, i])
