# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.names.read_names` without a Python object for each token.

Names in ASCII alone, which nearly all are; others are left to Python, which knows all alphabets.
"""

import os

cimport cython
from cpython.unicode cimport PyUnicode_GET_LENGTH
from libc.math cimport NAN
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const uint8_t* PyUnicode_1BYTE_DATA(object text)

include "_number.pxi"
include "_mixing.pxi"
include "_prefetch.pxi"

cdef enum:
    QUEUED = 128

cdef uint8_t WORD = c"w"  # the kind of tokens that are words
cdef uint8_t[256] in_whole, letter  # what a character counts as there; 0 for what ends a token


cdef inline bint is_lower(uint8_t c) noexcept nogil:
    return c"a" <= c <= c"z"


cdef inline bint is_upper(uint8_t c) noexcept nogil:
    return c"A" <= c <= c"Z"


cdef inline uint8_t lower(uint8_t c) noexcept nogil:
    return c | 0x20 if is_upper(c) else c


cdef inline bint is_gap(uint8_t c) noexcept nogil:
    """White space to `str.split`, and the mark that `names` takes for white space."""
    return c == c" " or 9 <= c <= 13 or 28 <= c <= 31 or c == 1


for _code in range(1, 128):
    in_whole[_code] = 0 if is_gap(_code) else c"0" if c"1" <= _code <= c"9" else lower(_code)
    letter[_code] = lower(_code) if is_lower(lower(_code)) else 0


cdef struct Hash:  # of a token's characters as they come, behind the letter of its kind
    uint64_t state
    uint64_t part
    int bits


cdef inline Hash begin(uint8_t kind) noexcept nogil:
    return Hash(SEED, kind, 8)


cdef inline void feed(Hash* hash_, uint8_t c) noexcept nogil:
    hash_.part |= <uint64_t>c << hash_.bits
    hash_.bits += 8
    if hash_.bits == 64:
        hash_.state = mixed(hash_.state ^ hash_.part)
        hash_.part = 0
        hash_.bits = 0


cdef inline uint64_t hashed(const Hash* hash_) noexcept nogil:
    return mixed(hash_.state ^ hash_.part)


cdef struct Fact:
    uint64_t hash  # 0 where nothing stands
    double score
    int64_t bits
    int64_t count


cdef struct Sum:
    double total
    int64_t bits
    int64_t count


cdef struct Queue:  # tokens that are yet to be looked up, and for whom
    uint64_t hash[QUEUED]
    Sum* sum[QUEUED]
    int n


cdef class Tokens:
    """What is known of tokens, by a hash that no page can foresee: whole names by kind, and words.

    Args:
        scores: of tokens, as `detector.names.TokenScores` has them.
        bits: word -> bits of its groups.
        text: the kind of tokens that are left out.
    """
    cdef Fact* facts
    cdef uint64_t mask

    def __cinit__(self, dict scores not None, dict bits not None, str text not None):
        cdef uint64_t n_slots = 16
        cdef uint8_t left_out = ord(text), kind
        cdef int64_t of_groups
        while n_slots < <uint64_t>(2 * (len(scores) + len(bits))):
            n_slots *= 2
        self.facts = <Fact*>calloc(n_slots, sizeof(Fact))
        if self.facts is NULL:
            raise MemoryError
        self.mask = n_slots - 1
        for word, of_groups in bits.items():
            self.note(WORD, word.encode(), 0, of_groups, 0, 0)
        for token, score in scores.items():
            encoded = token.encode()
            kind = encoded[0]
            if kind != left_out:
                of_groups = bits.get(token[1:], 0) if kind == WORD else 0
                self.note(kind, encoded, 1, of_groups, score, 1)

    def __dealloc__(self):
        free(self.facts)

    cdef int note(
        self, uint8_t kind, bytes token, Py_ssize_t at, int64_t bits, double score, int64_t count
    ) except -1:
        """The name is what stands in the token from `at` on."""
        cdef Hash hash_ = begin(kind)
        cdef Py_ssize_t i
        cdef const uint8_t* text = token
        for i in range(at, len(token)):
            feed(&hash_, text[i])
        self.find(hashed(&hash_))[0] = Fact(hashed(&hash_), score, bits, count)
        return 0

    cdef inline Fact* find(self, uint64_t hash_) noexcept nogil:
        """The place of a token, or where it would stand."""
        cdef uint64_t slot = hash_ & self.mask
        while self.facts[slot].hash and self.facts[slot].hash != hash_:
            slot = (slot + 1) & self.mask
        return &self.facts[slot]

    def read(
        self,
        list name_strings not None,
        const Number[::1] names,
        const Number[::1] words,
        Number[::1] groups,
        double[::1] means,
    ):
        """Fill groups and means, as `detector.names.NameFacts` has them, of the elements' names.

        names, words: (e,) each element's number among the names, and its words: names of elements
            without words alone say nothing.

        Returns the numbers of names that are left to Python.
        """
        cdef list left = []
        cdef Py_ssize_t entry, i, n = len(name_strings), n_elements = names.shape[0], size
        cdef const uint8_t* at
        cdef Queue queue
        if not n_elements == words.shape[0] == groups.shape[0] == means.shape[0]:
            raise ValueError("one entry for each element, please")
        cdef Sum* sums = <Sum*>calloc(n + 1, sizeof(Sum))
        cdef uint8_t* wanted = <uint8_t*>calloc(n + 1, sizeof(uint8_t))
        try:
            if sums is NULL or wanted is NULL:
                raise MemoryError
            for i in range(n_elements):
                if not 0 <= names[i] < n:
                    raise ValueError("there is no such name")
                wanted[names[i]] |= words[i] > 0
            queue.n = 0
            for entry in range(n):
                if wanted[entry]:
                    name = name_strings[entry]
                    if PyUnicode_IS_ASCII(name):
                        at, size = PyUnicode_1BYTE_DATA(name), PyUnicode_GET_LENGTH(name)
                        self.ask_for_wholes(&queue, at, at + size, &sums[entry])
                        self.ask_for_words(&queue, at, at + size, &sums[entry])
                    else:
                        left.append(entry)
            self.answer(&queue)
            for entry in range(n):
                sums[entry].total = sums[entry].total / sums[entry].count if sums[entry].count else NAN
            for i in range(n_elements):
                groups[i], means[i] = sums[names[i]].bits, sums[names[i]].total
        finally:
            free(sums)
            free(wanted)
        return left

    cdef inline void ask(self, Queue* queue, const Hash* hash_, Sum* sum_) noexcept nogil:
        cdef uint64_t code = hashed(hash_)
        prefetch(&self.facts[code & self.mask])
        queue.hash[queue.n], queue.sum[queue.n] = code, sum_
        queue.n += 1
        if queue.n == QUEUED:
            self.answer(queue)

    cdef void answer(self, Queue* queue) noexcept nogil:
        """Look the tokens up in the order in which they came, in which their scores are added."""
        cdef int i
        cdef Fact* fact
        for i in range(queue.n):
            fact = self.find(queue.hash[i])
            queue.sum[i].total += fact.score
            queue.sum[i].bits |= fact.bits
            queue.sum[i].count += fact.count
        queue.n = 0

    cdef void ask_for_wholes(
        self, Queue* queue, const uint8_t* at, const uint8_t* end, Sum* sum_
    ) noexcept nogil:
        """Whole names: in lower case, digits as 0."""
        cdef uint8_t kind = 0, c
        cdef Hash hash_
        while at < end:
            if not at[0]:
                kind = at[1] if at + 1 < end else 0
                at += 2
                continue
            c = in_whole[at[0]]
            if not kind or not c:
                at += 1
                continue
            hash_ = begin(kind)
            while c:
                feed(&hash_, c)
                at += 1
                c = in_whole[at[0]] if at < end else 0
            self.ask(queue, &hash_, sum_)

    cdef void ask_for_words(
        self, Queue* queue, const uint8_t* at, const uint8_t* end, Sum* sum_
    ) noexcept nogil:
        """Words: letters, parted at a change of case too."""
        cdef uint8_t c
        cdef Hash hash_
        cdef bint after_lower
        while at < end:
            c = letter[at[0]]
            if not c:
                at += 1
                continue
            hash_ = begin(WORD)
            while c:
                feed(&hash_, c)
                after_lower = at[0] == c
                at += 1
                c = letter[at[0]] if at < end else 0
                if after_lower and c != at[0]:  # what follows is upper, or none
                    break
            self.ask(queue, &hash_, sum_)
