# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.names.read_names` without a Python object for each token.

Names in ASCII alone, which nearly all are; others are left to Python, which knows all alphabets.
"""

import os

cimport cython
from cpython.unicode cimport PyUnicode_GET_LENGTH
from libc.math cimport NAN
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const uint8_t* PyUnicode_1BYTE_DATA(object text)

include "_decimals.pxi"
include "_number.pxi"
include "_mixing.pxi"
include "_prefetch.pxi"
include "_tokens.pxi"

cdef enum:
    QUEUED = 128
    A_PAGE = 4096

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


cdef struct Fact:  # as small as can be: the first page waits for each page of memory
    uint64_t hash  # 0 where nothing stands
    double score
    int32_t bits
    int32_t count


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
        table: lines of a token, a tab and its score, sorted by token.
        bits: word -> bits of its groups.
        kinds: those that tokens of names may be of.
        text: the kind of those that are words of the text, and none of names.
        starts, scores: as long as there are lines. For the first of them is filled where each word
            of the text stands in the table, and its score; `n_texts` says how many there are.

    Raises:
        ValueError: the table is another one.
    """
    cdef readonly Py_ssize_t n_texts
    cdef Fact* facts
    cdef uint64_t mask

    def __cinit__(
        self,
        str table not None,
        dict bits not None,
        str kinds not None,
        str text not None,
        int32_t[::1] starts,
        double[::1] scores,
    ):
        cdef uint64_t n_slots = 16
        cdef Py_ssize_t size, row, n_names, n_texts = 0
        cdef const char* at = PyUnicode_AsUTF8AndSize(table, &size)
        cdef Lines lines = Lines(at, at + size, 0, Slow(NULL, 0, 0))
        cdef Line line = Line(NULL, 0, 0, 0)
        cdef bint[256] known
        cdef uint8_t of_text = ord(text)
        cdef int32_t of_groups
        cdef Fact* fact
        if starts.shape[0] != scores.shape[0] or size > INT32_MAX:
            raise ValueError("as many scores as starts, please")
        for row in range(256):
            known[row] = False
        for kind in kinds.encode():
            known[<uint8_t>kind] = True
        # Of the text's words, which are sorted with all others, nothing is kept here.
        for row in range(size):
            n_texts += (at[row] == b"\n") & (<uint8_t>at[row + 1] == of_text)
        n_names = starts.shape[0] - n_texts + len(bits)
        while n_slots < 3 * <uint64_t>n_names // 2:
            n_slots *= 2
        self.facts = <Fact*>calloc(n_slots, sizeof(Fact))
        if self.facts is NULL:
            raise MemoryError
        for row in range(0, n_slots, A_PAGE // sizeof(Fact)):
            self.facts[row].hash = 0  # memory that is read first is had twice from the system
        self.mask = n_slots - 1
        for word, of_groups in bits.items():
            self.note(WORD, <bytes>word.encode(), len(word)).bits = of_groups
        for row in range(starts.shape[0]):
            next_line(&lines, &line)
            if <uint8_t>line.token[0] == of_text:
                starts[self.n_texts], scores[self.n_texts] = line.chars + 1, line.score
                self.n_texts += 1
            elif known[<uint8_t>line.token[0]]:
                fact = self.note(line.token[0], line.token + 1, line.size - 1)
                fact.score, fact.count = line.score, 1
            else:
                raise ValueError("a token of another kind")
        if lines.at != lines.stop:
            raise ValueError("more lines than starts")

    def __dealloc__(self):
        free(self.facts)

    cdef Fact* note(self, uint8_t kind, const char* name, Py_ssize_t size) noexcept:
        """The place of a token, made if there is none."""
        cdef Hash hash_ = begin(kind)
        cdef Py_ssize_t i
        cdef Fact* fact
        for i in range(size):
            feed(&hash_, name[i])
        fact = self.find(hashed(&hash_))
        fact.hash = hashed(&hash_)
        return fact

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
