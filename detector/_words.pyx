# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.words` in one pass over a text and one hash table; the numpy code there says what for."""

import os

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND
from libc.math cimport NAN, isnan
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc

include "_number.pxi"
include "_alike.pxi"
include "_prefetch.pxi"

ctypedef fused character:
    uint8_t
    uint16_t
    uint32_t

# What is known of a character: the number that it counts as, what it is to words, and whether it
# may stand in the beginning of a word of letters.
cdef enum:
    WORD = 20
    BEGINNING = 22
    NUMBER = (1 << 20) - 1
cdef Py_ssize_t AHEAD = 16  # words whose scores are on their way
cdef enum:
    TOGETHER = 256  # words that are read before they are numbered


cdef class Alphabet:
    """What each character is to the words of a text.

    Args:
        words: of the basic plane: 0 outside of words, 1 inside, 2 for an ideograph, which is a
            word of its own and read together with the next one alone.
        folded: the character that it counts as, 0 if it ends a word's beginning.
    """
    cdef uint32_t[0x10000] facts

    def __init__(self, const uint8_t[::1] words, const uint32_t[::1] folded):
        cdef uint32_t code
        if not words.shape[0] == folded.shape[0] == 0x10000:
            raise ValueError("a table is not of the basic plane")
        for code in range(0x10000):
            self.facts[code] = <uint32_t>words[code] << WORD | folded[code]
            self.facts[code] |= <uint32_t>(words[code] != 2 and folded[code] != 0) << BEGINNING
        for code in range(0xD800, 0xE000):  # half of a pair
            self.facts[code] = self.facts[c"?"]


cdef inline uint32_t facts_of(const uint32_t* facts, character code) noexcept nogil:
    if character is uint32_t:
        if code > 0xFFFF:
            return 2 << WORD | code if 0x20000 <= code < 0x40000 else 0
    return facts[code]


cdef inline uint32_t word_of(const uint32_t* facts, character code) noexcept nogil:
    return facts_of(facts, code) >> WORD & 3


cdef Py_ssize_t starts_in(
    const uint32_t* facts, const character* text, Py_ssize_t length, int32_t* start
) noexcept nogil:
    """Fill `start` with where words start, and give how many do."""
    cdef Py_ssize_t at, n = 0
    cdef uint32_t word, before = 0
    for at in range(length):
        word = word_of(facts, text[at])
        start[n] = <int32_t>at  # of the next one, if this is none
        n += (word == 2) | ((word == 1) & (before != 1))
        before = word
    return n


def starts(Alphabet alphabet not None, str text not None, int32_t[::1] start):
    """Fill the first of `start`, which must be one longer than the text, and give how many."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    if start.shape[0] != len(text) + 1 or len(text) > INT32_MAX:
        raise ValueError("the array is not one longer than the text")
    if kind == 1:
        return starts_in(alphabet.facts, <const uint8_t*>data, len(text), &start[0])
    if kind == 2:
        return starts_in(alphabet.facts, <const uint16_t*>data, len(text), &start[0])
    return starts_in(alphabet.facts, <const uint32_t*>data, len(text), &start[0])


cdef Py_ssize_t read_in(
    const uint32_t* facts,
    const character* text,
    Py_ssize_t length,
    const uint64_t* multipliers,
    Py_ssize_t n_multipliers,
    uint64_t* hashes,
    const int32_t* start,
    uint8_t* telling,
    Py_ssize_t n,
    Py_ssize_t telling_size,
) noexcept nogil:
    """How many words were read: fewer than `n` if the next does not start in the text."""
    # Where words end is not branched on: it can't be foreseen, and a wrong guess costs the processor
    # more than the rest of a word's beginning.
    cdef Py_ssize_t at, i, offset, n_inside
    cdef uint32_t fact, inside
    cdef uint64_t hash_
    for i in range(n):
        at = start[i]
        if not 0 <= at < length:
            return i
        hash_ = 0
        n_inside = 0
        if word_of(facts, text[at]) == 2:
            while n_inside < min(2, length - at) and word_of(facts, text[at + n_inside]) == 2:
                fact = facts_of(facts, text[at + n_inside])
                hash_ += <uint64_t>(fact & NUMBER) * multipliers[n_inside]
                n_inside += 1
            telling[i] = n_inside == 2
        else:
            inside = 0xFFFFFFFF
            for offset in range(min(n_multipliers, length - at)):
                fact = facts_of(facts, text[at + offset])
                inside &= 0 - (fact >> BEGINNING & 1)
                hash_ += <uint64_t>(fact & NUMBER & inside) * multipliers[offset]
                n_inside += inside & 1
            telling[i] = n_inside >= telling_size
        hashes[i] = hash_
    return n


def read(
    Alphabet alphabet not None,
    str text not None,
    const uint64_t[::1] multipliers,
    const Number[::1] start,
    Number[::1] number,
    uint64_t[::1] hashes,
    uint8_t[::1] telling,
    Py_ssize_t telling_size,
):
    """Fill `number` with those of the words that start at `start`, and the two after it, as far as
    there are distinct words, as `detector.words.Words` has them; and give how many there are."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t n = start.shape[0], length = len(text), n_distinct = 0, begin, count, found, k
    cdef const uint64_t* by = &multipliers[0]
    cdef int n_by = <int>multipliers.shape[0]
    cdef uint64_t[TOGETHER] hashed
    cdef uint8_t[TOGETHER] tell
    cdef uint64_t mask = slots_for(n - n // 4) - 1, slot  # two thirds full at most
    if not n == number.shape[0] == hashes.shape[0] == telling.shape[0] or n_by < 2:
        raise ValueError("the arrays are not of the same length")
    if length > INT32_MAX:
        raise ValueError("the text is too long")
    cdef uint32_t* slots = <uint32_t*>calloc(mask + 1, sizeof(uint32_t))  # numbers from 1
    if slots is NULL:
        raise MemoryError
    try:
        for begin in range(0, n, TOGETHER):
            count = min(TOGETHER, n - begin)
            if kind == 1:
                found = read_in(
                    alphabet.facts, <const uint8_t*>data, length, by, n_by, hashed,
                    &start[begin], tell, count, telling_size,
                )
            elif kind == 2:
                found = read_in(
                    alphabet.facts, <const uint16_t*>data, length, by, n_by, hashed,
                    &start[begin], tell, count, telling_size,
                )
            else:
                found = read_in(
                    alphabet.facts, <const uint32_t*>data, length, by, n_by, hashed,
                    &start[begin], tell, count, telling_size,
                )
            if found < count:
                raise ValueError("a word does not start in the text")
            for k in range(count):
                slot = mixed(hashed[k]) & mask
                while slots[slot] and hashes[slots[slot] - 1] != hashed[k]:
                    slot = (slot + 1) & mask
                if not slots[slot]:
                    hashes[n_distinct], telling[n_distinct] = hashed[k], tell[k]
                    n_distinct += 1
                    slots[slot] = <uint32_t>n_distinct
                number[begin + k] = <Number>(slots[slot] - 1)
    finally:
        free(slots)
    return n_distinct


# --- words alike ----------------------------------------------------------------------------------

def first_alike(const uint64_t[::1] hashes, int32_t[::1] out):
    """Fill `out` with the number of the first entry that has the same hash as each."""
    if hashes.shape[0] != out.shape[0]:
        raise ValueError("one entry for each hash, please")
    if hashes.shape[0]:
        find_alike(&hashes[0], hashes.shape[0], &out[0])


# --- learned scores -------------------------------------------------------------------------------

cdef struct Score:
    uint64_t hash
    double score  # NaN where nothing stands


cdef class Table:
    """Scores by hash.

    Args:
        keys: hashes, each once.
        scores: of each.
    """
    cdef Score* slots
    cdef uint64_t mask

    def __cinit__(self, const uint64_t[::1] keys, const double[::1] scores):
        cdef Py_ssize_t i
        if keys.shape[0] != scores.shape[0]:
            raise ValueError("the arrays are not of the same length")
        self.mask = slots_for(keys.shape[0]) - 1
        self.slots = <Score*>malloc((self.mask + 1) * sizeof(Score))
        if self.slots is NULL:
            raise MemoryError
        for i in range(<Py_ssize_t>self.mask + 1):
            self.slots[i].score = NAN
        for i in range(keys.shape[0]):
            self.slots[self.slot(keys[i])] = Score(keys[i], scores[i])

    def __dealloc__(self):
        free(self.slots)

    cdef inline uint64_t slot(self, uint64_t key) noexcept:
        """Where a key stands, or would."""
        cdef uint64_t slot = mixed(key) & self.mask
        while not isnan(self.slots[slot].score) and self.slots[slot].hash != key:
            slot = (slot + 1) & self.mask
        return slot

    def look_up(self, const uint64_t[::1] hashes, double[::1] scores):
        """Fill the scores of hashes; NaN where one is not known."""
        cdef Py_ssize_t n = hashes.shape[0], i
        if n != scores.shape[0]:
            raise ValueError("the arrays are not of the same length")
        for i in range(n):
            if i + AHEAD < n:
                prefetch(&self.slots[mixed(hashes[i + AHEAD]) & self.mask])
            scores[i] = self.slots[self.slot(hashes[i])].score
