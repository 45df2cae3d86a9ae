# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What `detector.consent` asks of every name, element and label of a page.

`detector.consent.names`, `evidence` and `controls` say what it is, and do the same with numpy.
"""

import os

cimport cython
from cpython.bytearray cimport PyByteArray_FromStringAndSize
from cpython.unicode cimport (
    PyUnicode_DATA, PyUnicode_DecodeUTF8, PyUnicode_FromKindAndData, PyUnicode_GET_LENGTH,
    PyUnicode_KIND, PyUnicode_READ, Py_UNICODE_ISSPACE,
)
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const uint8_t* PyUnicode_1BYTE_DATA(object text)

include "_number.pxi"
include "_numbering.pxi"
include "_places.pxi"


# --- names ----------------------------------------------------------------------------------------

cdef inline bint is_letter(uint8_t c) noexcept nogil:
    return c"a" <= (c | 0x20) <= c"z"


cdef inline bint is_word(uint8_t c) noexcept nogil:
    return is_letter(c) or c"0" <= c <= c"9" or c == c"_"


cdef inline bint is_gap(uint8_t c) noexcept nogil:
    """White space to `str.split`."""
    return c == c" " or 9 <= c <= 13 or 28 <= c <= 31


cdef uint8_t LOWER[256]
for _code in range(256):
    LOWER[_code] = ord(chr(_code).lower()) if _code < 128 else _code

cdef enum:
    HINT = 1
    CONTROL = 2
    N_MAYBE = 1 << 13
    N_THREES = 1 << 12
    MOST_WORDS = 64
    LONGEST = 15


# A word that is looked for in names.
cdef struct Word:
    uint8_t kind
    uint8_t size
    uint8_t next  # another of the same first three characters, from 1; or 0
    uint8_t[LONGEST] text


cdef inline uint32_t three(uint32_t before, uint8_t character) noexcept nogil:
    """The last three characters, case and more aside: what they find is looked at again."""
    return (before << 4 ^ character & 31) & (N_THREES - 1)


cdef inline uint32_t maybe(uint8_t kind, const uint8_t* token, size_t size) noexcept nogil:
    """Where the quick test of a whole name of two characters and more stands."""
    return (
        kind + token[0] * 131 + token[1] * 2749 + token[size - 1] * 911 + <uint32_t>size * 37
    ) & (N_MAYBE - 1)


cdef class Names:
    """Reads names, all that consent asks of them in one pass; see `consent.names.NameReader`."""
    cdef Strings wholes
    cdef list prefixes, control_roles, dialog_roles
    cdef uint8_t[256] prefixed  # by the first character: may a prefix begin so?
    cdef uint8_t[N_MAYBE] maybe
    cdef Word[MOST_WORDS] words
    cdef int n_words
    cdef uint8_t[N_THREES] threes  # by three characters: a word that may begin so, from 1; or 0
    cdef Bytes token

    def __cinit__(self, *, hints, controls, wholes, prefixes, control_roles, dialog_roles):
        self.wholes = Strings()
        for name in wholes:
            key = name.encode()
            if len(key) < 3:
                raise ValueError("a name has two characters or more")
            self.wholes.number(key, len(key))
            self.maybe[maybe(key[0], <const uint8_t*>key + 1, len(key) - 1)] = True
        self.prefixes = [prefix.encode() for prefix in prefixes]
        for prefix in self.prefixes:
            self.prefixed[prefix[1]] = True
        self.control_roles = [role.encode() for role in control_roles]
        self.dialog_roles = [role.encode() for role in dialog_roles]
        for kind, words in ((HINT, hints), (CONTROL, controls)):
            for word in words:
                self.look_for(kind, word.encode())

    cdef int look_for(self, uint8_t kind, bytes text) except -1:
        cdef Word* word = &self.words[self.n_words]
        cdef uint8_t* first
        if self.n_words == MOST_WORDS or not 3 <= len(text) <= LONGEST:
            raise ValueError("too many hints, or one of less than 3 or of many characters")
        word.kind, word.size = kind, <uint8_t>len(text)
        memcpy(word.text, <const char*>text, len(text))
        first = &self.threes[three(three(three(0, text[0]), text[1]), text[2])]
        self.n_words += 1
        word.next, first[0] = first[0], <uint8_t>self.n_words
        return 0

    def __dealloc__(self):
        free(self.token.at)

    def read(self, list names not None, uint8_t[::1] controls, uint8_t[::1] dialogs):
        """Set which names are those of controls and dialogs.

        Returns the numbers of names with a hint, with a platform's fact, and of those that are not
        in ASCII, of which nothing else is said.
        """
        cdef list hinted = [], known = [], left = []
        cdef Py_ssize_t entry, size
        cdef const uint8_t* name
        cdef int found
        if not len(names) == controls.shape[0] == dialogs.shape[0]:
            raise ValueError("one entry for each name, please")
        for entry in range(len(names)):
            text = names[entry]
            if not PyUnicode_IS_ASCII(text):
                left.append(entry)
                continue
            name, size = PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text)
            found = self.read_name(name, size, entry, known, &controls[entry], &dialogs[entry])
            if found & HINT:
                hinted.append(entry)
            controls[entry] |= found & CONTROL != 0
        return hinted, known, left

    cdef int read_name(
        self,
        const uint8_t* name,
        Py_ssize_t size,
        Py_ssize_t entry,
        list known,
        uint8_t* control,
        uint8_t* dialog,
    ) except -1:
        """Which kinds of words stand in a name, and what its classes, ids and roles say."""
        cdef Py_ssize_t at = 0, start
        cdef uint8_t kind = 0
        cdef uint32_t last = 0
        cdef bint is_known = False
        cdef int found = 0
        while at < size:
            if name[at] == 0:
                kind = name[at + 1] if at + 1 < size else 0
                at += 2
                if kind == c"r" and at < size and name[at] == c" ":
                    control[0] |= begins_with(self.control_roles, name, size, at + 1, False)
                    dialog[0] |= begins_with(self.dialog_roles, name, size, at + 1, True)
                continue
            if is_gap(name[at]):
                at += 1
                continue
            start = at
            while at < size and (name[at] > c" " or name[at] and not is_gap(name[at])):
                last = three(last, name[at])
                at += 1
                if self.threes[last] and at >= 3:
                    found |= self.words_at(self.threes[last], name, size, at - 3)
            if not is_known and (kind == c"c" or kind == c"i"):
                if self.is_fact(kind, name + start, at - start):
                    is_known = True
                    known.append(entry)
        return found

    cdef int words_at(self, int number, const uint8_t* name, Py_ssize_t size, Py_ssize_t at) noexcept:
        """Which kinds of words stand at a place; number: of the first that may."""
        cdef int found = 0
        cdef Word* word
        cdef Py_ssize_t end
        while number:
            word = &self.words[number - 1]
            number = word.next
            end = at + word.size
            if not stands_at(word.text, word.size, name, size, at):
                continue
            # A control's word is not in a word: no letter before it, no letter or digit behind it.
            if word.kind == HINT or (
                not (at and is_letter(name[at - 1]))
                and (end == size or not is_word(name[end]) or name[end] == c"_")
            ):
                found |= word.kind
        return found

    cdef bint is_fact(self, uint8_t kind, const uint8_t* name, size_t size) except -1:
        """Whether a class or an id is a platform's."""
        if size >= 2 and self.maybe[maybe(kind, name, size)]:
            reserve(&self.token, size + 2)
            self.token.at[0] = kind
            memcpy(self.token.at + 1, name, size)
            if self.wholes.find(self.token.at, size + 1) >= 0:
                return True
        if self.prefixed[name[0]]:
            for prefix in self.prefixes:
                if (<const uint8_t*><bytes>prefix)[0] == kind and begins(name, size, prefix):
                    return True
        return False


cdef inline bint begins(const uint8_t* name, size_t size, bytes prefix) noexcept:
    """Whether a name begins so, after the letter of its kind."""
    cdef size_t n = len(prefix) - 1
    return size >= n and memcmp(name, <const char*>prefix + 1, n) == 0


cdef bint begins_with(
    list words, const uint8_t* name, Py_ssize_t size, Py_ssize_t at, bint exact
) except -1:
    """Whether one of the words in lower case stands at a place, and ends there."""
    cdef Py_ssize_t n
    for word in words:
        n = at + len(<bytes>word)
        if (is_at(word, name, size, at) and (n == size or not is_word(name[n]))
                and not (exact and memcmp(<const char*>word, name + at, n - at))):
            return True
    return False


cdef inline bint is_at(bytes word, const uint8_t* name, Py_ssize_t size, Py_ssize_t at) noexcept:
    """Whether a word in lower case stands at a place, case aside."""
    return stands_at(<const uint8_t*>word, len(word), name, size, at)


cdef inline bint stands_at(
    const uint8_t* word, Py_ssize_t n, const uint8_t* name, Py_ssize_t size, Py_ssize_t at
) noexcept:
    cdef Py_ssize_t i
    if at + n > size:
        return False
    for i in range(n):
        if LOWER[name[at + i]] != word[i]:
            return False
    return True


# --- the tree -------------------------------------------------------------------------------------

def seeds(
    const int64_t[:, ::1] spans,
    const uint8_t[::1] seeding,
    const uint8_t[::1] accepting,
    const uint8_t[::1] refusing,
    const uint8_t[::1] speaking,
    int64_t near,
    const Number[::1] node_start,
    const Number[::1] node_element,
    const Number[::1] names,
    const uint8_t[::1] speaking_names,
):
    """Numbers of the elements with strong evidence, as bytes; see `consent.evidence`.

    seeding and the three after it: of each role, whether it is one of these.
    speaking_names: of each name, whether it is evidence by itself.
    """
    cdef int64_t n_spans = spans.shape[0], n = names.shape[0], i, kept = 0, role
    cdef int64_t low_refusing = 0, low_speaking = 0
    cdef bint strong
    cdef uint8_t* marked = <uint8_t*>calloc(n + 1, 1)
    cdef Number* found
    if marked is NULL:
        raise MemoryError
    try:
        for i in range(n_spans):
            role = spans[i, 1]
            strong = seeding[role]
            if not strong and accepting[role]:
                strong = (
                    is_near(spans, refusing, spans[i, 0], near, &low_refusing)
                    and is_near(spans, speaking, spans[i, 0], near, &low_speaking)
                )
            if strong:
                marked[node_element[place_of(node_start, spans[i, 0] + 1) - 1]] = True
        for i in range(n):
            marked[i] |= speaking_names[names[i]]
            kept += marked[i]
        made = PyByteArray_FromStringAndSize(NULL, kept * sizeof(Number))
        found = <Number*><char*>made
        kept = 0
        for i in range(n):
            if marked[i]:
                found[kept] = <Number>i
                kept += 1
        return made
    finally:
        free(marked)


cdef bint is_near(
    const int64_t[:, ::1] spans, const uint8_t[::1] roles, int64_t at, int64_t near, int64_t* low
) noexcept:
    """Whether a term of some roles begins from `at - near` on and before `at + near`.

    low: of the first span that may; it moves on, since places ascend.
    """
    cdef int64_t i
    while low[0] < spans.shape[0] and (
        spans[low[0], 0] < at - near or not roles[spans[low[0], 1]]
    ):
        low[0] += 1
    i = low[0]
    return i < spans.shape[0] and spans[i, 0] < at + near


def controls(
    const Number[::1] tag,
    const Number[::1] names,
    const uint8_t[::1] of_tag,
    const uint8_t[::1] of_name,
):
    """Numbers of the elements that are controls by tag or name, as bytes."""
    cdef int64_t n = tag.shape[0], i, kept = 0
    cdef Number* found = <Number*>malloc((n + 1) * sizeof(Number))
    if found is NULL:
        raise MemoryError
    for i in range(n):
        found[kept] = <Number>i
        kept += of_tag[tag[i]] | of_name[names[i]]
    try:
        made = PyByteArray_FromStringAndSize(<char*>found, kept * sizeof(Number))
    finally:
        free(found)
    return made


def places(
    int64_t number, const Number[::1] parent, const Number[::1] end, const Number[::1] tag
):
    """Of an element and its ancestors but the first of all: number, and place among the siblings of
    its tag, from 1, or 0 if it has none."""
    cdef list found = []
    cdef int64_t sibling, place, total, up
    if not 0 <= number < parent.shape[0]:
        raise ValueError(f"there is no element {number}")
    while number:
        up, place, total = parent[number], 0, 0
        sibling = up + 1
        while sibling < end[up]:
            if tag[sibling] == tag[number]:
                total += 1
                place += sibling <= number
            sibling = end[sibling]
        found.append((number, place if total > 1 else 0))
        number = up
    return found


def text_spans(
    const Number[::1] parent,
    const Number[::1] node_element,
    Number[::1] first,
    Number[::1] last,
):
    """Fill in, of each element, the first and one past the last text node of its subtree."""
    cdef int64_t n = parent.shape[0], i, up
    if first.shape[0] != n or last.shape[0] != n:
        raise ValueError("one entry for each element, please")
    for i in range(n):
        first[i], last[i] = <Number>node_element.shape[0], 0
    for i in range(node_element.shape[0]):
        up = node_element[i]
        first[up], last[up] = <Number>min(<int64_t>first[up], i), <Number>(i + 1)
    for i in range(n - 1, 0, -1):
        up = parent[i]
        first[up], last[up] = min(first[up], first[i]), max(last[up], last[i])
    for i in range(n):
        if not last[i]:
            first[i] = 0


def labels(
    str text not None,
    const Number[::1] node_start,
    const Number[::1] first,
    const Number[::1] last,
    const Number[::1] numbers,
    int64_t most,
):
    """The texts of elements, white space folded, as far as so many characters.

    first, last: those of `text_spans`.
    """
    cdef int kind = PyUnicode_KIND(text)
    cdef const void* data = PyUnicode_DATA(text)
    cdef int64_t i, at, end, n
    cdef Py_UCS4 code
    cdef list found = []
    cdef Py_UCS4* line = <Py_UCS4*>malloc((most + 1) * sizeof(Py_UCS4))
    if line is NULL:
        raise MemoryError
    try:
        for i in range(numbers.shape[0]):
            at, end, n = node_start[first[numbers[i]]], node_start[last[numbers[i]]], 0
            while at < end and n <= most:
                code = PyUnicode_READ(kind, data, at)
                at += 1
                if not Py_UNICODE_ISSPACE(code):
                    line[n] = code
                    n += 1
                elif n and line[n - 1] != c" ":
                    line[n] = c" "
                    n += 1
            if n and line[n - 1] == c" ":
                n -= 1
            found.append(PyUnicode_FromKindAndData(4, line, n) if n else "")
    finally:
        free(line)
    return found


def control_columns(
    double[:, ::1] columns,
    const double[:, ::1] said,
    const int64_t[::1] roles,
    list texts not None,
    double whole,
    double part,
    Py_ssize_t n_choices,
):
    """Fill the first of `consent.controls.CONTROL_COLUMNS`, those of labels.

    said: what each text says of each of the lexicon's roles; roles: those that have columns.
    """
    cdef Py_ssize_t i, j, n = roles.shape[0]
    cdef double score
    if (not columns.shape[0] == said.shape[0] == len(texts) or columns.shape[1] < 2 * n + 2
            or n_choices > n):
        raise ValueError("a row for each text, please")
    for i in range(columns.shape[0]):
        columns[i, 2 * n] = 0
        for j in range(n):
            score = said[i, roles[j]]
            columns[i, j], columns[i, n + j] = score >= whole, score >= part
            if j < n_choices and score >= whole:
                columns[i, 2 * n] = 1
        columns[i, 2 * n + 1] = not len(<str?>texts[i])
