# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.words` in one pass over a text and one hash table; the numpy code there says what for."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.math cimport NAN, isnan
from libc.stdlib cimport free, malloc

cdef uint64_t GOLDEN = 0x9E3779B97F4A7C15


cdef class Alphabet:
    """What each character of the basic plane is to the words of a text.

    Args:
        words: 0 outside of words, 1 inside, 2 for a word of its own.
        folded: the character that it counts as, 0 if it ends a word's beginning.
        dense: whether it is read together with the next one alone.
    """
    cdef const uint8_t[::1] words
    cdef const uint32_t[::1] folded
    cdef const uint8_t[::1] dense

    def __init__(self, words, folded, dense):
        self.words, self.folded, self.dense = words, folded, dense
        if not words.shape[0] == folded.shape[0] == dense.shape[0] == 0x10000:
            raise ValueError("a table is not of the basic plane")

    cdef uint8_t word(self, uint32_t code) noexcept:
        if code > 0xFFFF:
            return 2 if is_han(code) else 0
        return self.words[basic(code)]

    cdef uint32_t fold(self, uint32_t code) noexcept:
        if code > 0xFFFF:
            return code if is_han(code) else 0
        return self.folded[basic(code)]

    cdef bint is_dense(self, uint32_t code) noexcept:
        return is_han(code) if code > 0xFFFF else self.dense[basic(code)]


cdef inline bint is_han(uint32_t code) noexcept:
    return 0x20000 <= code < 0x40000


cdef inline uint32_t basic(uint32_t code) noexcept:
    return c"?" if 0xD800 <= code < 0xE000 else code  # half of a pair


def count(Alphabet alphabet not None, str text not None):
    """Words of a text."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t at, n = 0
    cdef uint8_t word, before = 0
    for at in range(len(text)):
        word = alphabet.word(PyUnicode_READ(kind, data, at))
        n += word == 2 or (word == 1 and before != 1)
        before = word
    return n


def read(
    Alphabet alphabet not None,
    str text not None,
    const uint64_t[::1] multipliers,
    uint64_t[::1] hashes,
    int64_t[::1] start,
    int64_t[::1] size,
    uint8_t[::1] telling,
    int telling_size,
):
    """Fill the four arrays, which must be as long as the text has words, from the others."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t at, n = 0, length = len(text), offset, most
    cdef uint8_t word, before = 0
    cdef uint32_t code
    cdef uint64_t hash_
    cdef bint dense
    if not hashes.shape[0] == start.shape[0] == size.shape[0] == telling.shape[0]:
        raise ValueError("the arrays are not of the same length")
    for at in range(length):
        word = alphabet.word(PyUnicode_READ(kind, data, at))
        if word == 2 or (word == 1 and before != 1):
            if n == hashes.shape[0]:
                raise ValueError("the arrays are too short")
            dense = alphabet.is_dense(PyUnicode_READ(kind, data, at))
            most = min(2 if dense else multipliers.shape[0], length - at)
            hash_ = 0
            offset = 0
            while offset < most:
                code = PyUnicode_READ(kind, data, at + offset)
                if alphabet.is_dense(code) != dense:
                    break
                code = alphabet.fold(code)
                if not code:
                    break
                hash_ += code * multipliers[offset]
                offset += 1
            hashes[n], start[n], size[n] = hash_, at, offset
            telling[n] = offset >= telling_size or (dense and offset == 2)
            n += 1
        before = word


def where_else(
    const uint64_t[::1] hashes,
    const int64_t[::1] group,
    const uint8_t[::1] among,
    uint8_t[::1] earlier,
    uint8_t[::1] later,
):
    """Fill the last two from the others: which hashes stand in an earlier, and a later, group."""
    cdef Py_ssize_t n = hashes.shape[0], i
    cdef int bits = 4
    if not n == group.shape[0] == among.shape[0] == earlier.shape[0] == later.shape[0]:
        raise ValueError("the arrays are not of the same length")
    while (1 << bits) < 2 * n:
        bits += 1
    cdef uint64_t mask = (<uint64_t>1 << bits) - 1, place
    cdef uint64_t* keys = <uint64_t*>malloc((mask + 1) * sizeof(uint64_t))
    cdef int64_t* first = <int64_t*>malloc((mask + 1) * sizeof(int64_t))
    cdef int64_t* last = <int64_t*>malloc((mask + 1) * sizeof(int64_t))
    try:
        if keys is NULL or first is NULL or last is NULL:
            raise MemoryError
        for i in range(<Py_ssize_t>mask + 1):
            last[i] = -1  # nothing stands here yet
        for i in range(n):
            if among[i]:
                place = hashes[i] * GOLDEN >> (64 - bits)
                while last[place] >= 0 and keys[place] != hashes[i]:
                    place = (place + 1) & mask
                if last[place] < 0:
                    keys[place], first[place] = hashes[i], group[i]
                last[place] = group[i]
        for i in range(n):
            place = hashes[i] * GOLDEN >> (64 - bits)
            while last[place] >= 0 and keys[place] != hashes[i]:
                place = (place + 1) & mask
            earlier[i] = last[place] >= 0 and first[place] < group[i]
            later[i] = last[place] > group[i]
    finally:
        free(keys)
        free(first)
        free(last)


cdef class Table:
    """Scores by hash.

    Args:
        keys: hashes, each once.
        scores: of each.
    """
    cdef uint64_t* keys
    cdef double* scores
    cdef uint64_t mask
    cdef int bits

    def __cinit__(self, const uint64_t[::1] keys, const double[::1] scores):
        cdef Py_ssize_t i
        cdef uint64_t place
        if keys.shape[0] != scores.shape[0]:
            raise ValueError("the arrays are not of the same length")
        self.bits = 4
        while (1 << self.bits) < 2 * keys.shape[0]:
            self.bits += 1
        self.mask = (<uint64_t>1 << self.bits) - 1
        self.keys = <uint64_t*>malloc((self.mask + 1) * sizeof(uint64_t))
        self.scores = <double*>malloc((self.mask + 1) * sizeof(double))
        if self.keys is NULL or self.scores is NULL:
            raise MemoryError
        for i in range(<Py_ssize_t>self.mask + 1):
            self.scores[i] = NAN  # nothing stands here
        for i in range(keys.shape[0]):
            place = self.place(keys[i])
            self.keys[place], self.scores[place] = keys[i], scores[i]

    def __dealloc__(self):
        free(self.keys)
        free(self.scores)

    cdef inline uint64_t place(self, uint64_t key) noexcept:
        """Where a key stands, or would."""
        cdef uint64_t place = key * GOLDEN >> (64 - self.bits)
        while not isnan(self.scores[place]) and self.keys[place] != key:
            place = (place + 1) & self.mask
        return place

    def look_up(self, const uint64_t[::1] hashes, double[::1] scores):
        """Fill the scores of hashes; NaN where one is not known."""
        cdef Py_ssize_t i
        if hashes.shape[0] != scores.shape[0]:
            raise ValueError("the arrays are not of the same length")
        for i in range(hashes.shape[0]):
            scores[i] = self.scores[self.place(hashes[i])]
