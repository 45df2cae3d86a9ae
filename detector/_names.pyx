# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.names.read_names` without a Python object for each token.

Names in ASCII alone, which nearly all are; others are left to Python, which knows all alphabets.
"""

import os

cimport cython
from cpython.unicode cimport PyUnicode_DecodeUTF8, PyUnicode_GET_LENGTH
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const uint8_t* PyUnicode_1BYTE_DATA(object text)

include "_numbering.pxi"


cdef inline bint is_lower(char c) noexcept nogil:
    return c"a" <= c <= c"z"


cdef inline bint is_upper(char c) noexcept nogil:
    return c"A" <= c <= c"Z"


cdef inline bint is_gap(char c) noexcept nogil:
    """White space to `str.split`, and the mark that `names` takes for white space."""
    return c == c" " or 9 <= c <= 13 or 28 <= c <= 31 or c == 1


cdef class Tokens:
    """What is known of tokens: whole names by kind, and words.

    Args:
        wholes: by the letter of a kind, name -> score.
        words: word -> bits of its groups, score, how many scores that is (0 or 1).
    """
    cdef Strings names, words
    cdef double* name_scores
    cdef double* word_scores
    cdef int64_t* word_bits
    cdef int64_t* word_counts
    cdef Bytes token

    def __cinit__(self, wholes, words):
        self.names, self.words = Strings(), Strings()
        self.name_scores = <double*>calloc(sum(map(len, wholes.values())) + 1, sizeof(double))
        self.word_scores = <double*>calloc(len(words) + 1, sizeof(double))
        self.word_bits = <int64_t*>calloc(len(words) + 1, sizeof(int64_t))
        self.word_counts = <int64_t*>calloc(len(words) + 1, sizeof(int64_t))
        if (self.name_scores is NULL or self.word_scores is NULL or self.word_bits is NULL
                or self.word_counts is NULL):
            raise MemoryError
        for kind, scores in wholes.items():
            for name, score in scores.items():
                key = (kind + name).encode()
                self.name_scores[self.names.number(key, len(key))] = score
        for word, (bits, score, count) in words.items():
            key = word.encode()
            number = self.words.number(key, len(key))
            self.word_bits[number], self.word_scores[number] = bits, score
            self.word_counts[number] = count

    def __dealloc__(self):
        free(self.name_scores)
        free(self.word_scores)
        free(self.word_bits)
        free(self.word_counts)
        free(self.token.at)

    def read(
        self, list name_strings not None, const uint8_t[::1] wanted, int64_t[::1] groups,
        double[::1] means,
    ):
        """Fill groups and means, as `detector.names.NameFacts` has them, of the wanted names.

        Returns those that are left to Python.
        """
        cdef list left = []
        cdef Py_ssize_t entry
        if not len(name_strings) == wanted.shape[0] == groups.shape[0] == means.shape[0]:
            raise ValueError("one entry for each name, please")
        for entry in range(len(name_strings)):
            if wanted[entry]:
                name = name_strings[entry]
                if PyUnicode_IS_ASCII(name):
                    self.look_up(
                        <const char*>PyUnicode_1BYTE_DATA(name), PyUnicode_GET_LENGTH(name),
                        &groups[entry], &means[entry],
                    )
                else:
                    left.append(entry)
        return left

    cdef int look_up(
        self, const char* name, Py_ssize_t size, int64_t* groups, double* mean
    ) except -1:
        cdef double total = 0
        cdef int64_t known = 0, bits = 0, number
        cdef Py_ssize_t at = 0
        cdef char kind = 0, c, before
        reserve(&self.token, size + 2)
        cdef char* token = self.token.at
        cdef size_t n
        while at < size:  # whole names: in lower case, digits as 0, behind the letter of their kind
            if name[at] == 0:
                kind = name[at + 1] if at + 1 < size else 0
                at += 2
                continue
            if not kind or is_gap(name[at]):
                at += 1
                continue
            token[0] = kind
            n = 1
            while at < size and name[at] and not is_gap(name[at]):
                c = name[at]
                token[n] = c | 0x20 if is_upper(c) else c"0" if c"1" <= c <= c"9" else c
                n += 1
                at += 1
            number = self.names.find(token, n)
            if number >= 0:
                total += self.name_scores[number]
                known += 1
        at = 0
        while at < size:  # words: letters, parted at a change of case too
            if not is_lower(name[at]) and not is_upper(name[at]):
                at += 1
                continue
            n = 0
            before = 0
            while at < size and (is_lower(name[at]) or is_upper(name[at])):
                c = name[at]
                if is_upper(c) and is_lower(before):
                    break
                token[n] = c | 0x20
                n += 1
                before = c
                at += 1
            number = self.words.find(token, n)
            if number >= 0:
                bits |= self.word_bits[number]
                total += self.word_scores[number]
                known += self.word_counts[number]
        groups[0] = bits
        if known:
            mean[0] = total / known
        return 0


cdef class Hints:
    """Substrings of ASCII in lower case, for looking which of many names hold one of them."""
    cdef list hints
    cdef list starts  # of each first character, the hints that begin with it
    cdef uint8_t[65536] pairs  # by the first two characters of a hint

    def __cinit__(self, hints):
        self.hints = [hint.encode() for hint in hints]
        self.starts = [[] for _ in range(128)]
        for hint in self.hints:
            if len(hint) < 2:
                raise ValueError("a hint has two characters or more")
            self.starts[hint[0]].append(hint)
            self.pairs[hint[0] << 8 | hint[1]] = True

    def holding(self, list names not None):
        """Numbers of the names that hold a hint, case aside, and of those not in ASCII."""
        cdef list found = []
        cdef Py_ssize_t entry
        for entry in range(len(names)):
            name = names[entry]
            if not PyUnicode_IS_ASCII(name) or self.is_in(
                <const char*>PyUnicode_1BYTE_DATA(name), PyUnicode_GET_LENGTH(name)
            ):
                found.append(entry)
        return found

    cdef bint is_in(self, const char* name, Py_ssize_t size) except -1:
        cdef Py_ssize_t at, i, n
        cdef uint8_t this = lower(name[0]) if size else 0, next_
        cdef const char* hint
        for at in range(size - 1):
            next_ = lower(name[at + 1])
            if self.pairs[this << 8 | next_]:
                for candidate in <list>self.starts[this]:
                    hint = candidate
                    n = len(<bytes>candidate)
                    i = 0
                    while i < n and at + i < size and lower(name[at + i]) == <uint8_t>hint[i]:
                        i += 1
                    if i == n:
                        return True
            this = next_
        return False


cdef inline uint8_t lower(char c) noexcept nogil:
    return c | 0x20 if is_upper(c) else c
