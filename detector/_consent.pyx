# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What `detector.consent` does for every name and every element of a page.

`detector.consent.names`, `candidates` and `features` say what it is, and do the same with numpy.
"""

import os

from cpython.bytearray cimport PyByteArray_FromStringAndSize
from cpython.unicode cimport (
    PyUnicode_DATA, PyUnicode_DecodeUTF8, PyUnicode_FromKindAndData, PyUnicode_GET_LENGTH,
    PyUnicode_KIND, PyUnicode_READ, Py_UNICODE_ISSPACE,
)
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memcmp, memcpy

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const uint8_t* PyUnicode_1BYTE_DATA(object text)

include "_numbering.pxi"


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


cdef inline uint32_t pair_of(uint8_t one, uint8_t other) noexcept nogil:
    """Case and more aside: what it finds is looked at again."""
    return (one & 31) << 5 | other & 31


cdef inline uint32_t maybe(uint8_t kind, const uint8_t* token, size_t size) noexcept nogil:
    """Where the quick test of a whole name of two characters and more stands."""
    return (
        kind + token[0] * 131 + token[1] * 2749 + token[size - 1] * 911 + <uint32_t>size * 37
    ) & (N_MAYBE - 1)


cdef class Names:
    """Reads names, all that consent asks of them in one pass; see `consent.names.NameReader`."""
    cdef Strings wholes
    cdef list hints, controls, prefixes, roles, control_roles, dialog_roles
    cdef uint8_t[N_MAYBE] maybe
    cdef uint8_t[1024] pairs  # by two characters: may a hint, or a control's word, begin so?
    cdef Bytes token

    def __cinit__(self, *, hints, controls, wholes, prefixes, control_roles, dialog_roles):
        self.wholes = Strings()
        for name in wholes:
            key = name.encode()
            if len(key) < 3:
                raise ValueError("a name has two characters or more")
            self.wholes.number(key, len(key))
            self.maybe[maybe(key[0], <const uint8_t*>key + 1, len(key) - 1)] = True
        self.hints = [hint.encode() for hint in hints]
        self.controls = [word.encode() for word in controls]
        self.prefixes = [prefix.encode() for prefix in prefixes]
        self.control_roles = [role.encode() for role in control_roles]
        self.dialog_roles = [role.encode() for role in dialog_roles]
        for kind, words in ((HINT, self.hints), (CONTROL, self.controls)):
            for word in words:
                if len(word) < 2:
                    raise ValueError("a hint has two characters or more")
                self.pairs[pair_of(word[0], word[1])] |= kind

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
            found = self.words_in(name, size)
            if found & HINT:
                hinted.append(entry)
            controls[entry] = found & CONTROL != 0
            self.read_parts(name, size, entry, known, &controls[entry], &dialogs[entry])
        return hinted, known, left

    cdef int words_in(self, const uint8_t* name, Py_ssize_t size) except -1:
        cdef Py_ssize_t at, n
        cdef uint8_t this = name[0] if size else 0, next_, pair
        cdef int found = 0
        for at in range(size - 1):
            next_ = name[at + 1]
            pair = self.pairs[pair_of(this, next_)] & ~found
            if pair & HINT:
                for word in self.hints:
                    if is_at(word, name, size, at):
                        found |= HINT
                        break
            # Not in a word: no letter before it, no letter or digit behind it.
            if pair & CONTROL and not (at and is_letter(name[at - 1])):
                for word in self.controls:
                    if is_at(word, name, size, at):
                        n = at + len(<bytes>word)
                        if n == size or not is_word(name[n]) or name[n] == c"_":
                            found |= CONTROL
                            break
            this = next_
        return found

    cdef int read_parts(
        self,
        const uint8_t* name,
        Py_ssize_t size,
        Py_ssize_t entry,
        list known,
        uint8_t* control,
        uint8_t* dialog,
    ) except -1:
        """What its classes, ids and roles say as a whole."""
        cdef Py_ssize_t at = 0, start
        cdef uint8_t kind = 0
        cdef bint is_known = False
        while at < size:
            if name[at] == 0:
                kind = name[at + 1] if at + 1 < size else 0
                at += 2
                if kind == c"r" and at < size and name[at] == c" ":
                    control[0] |= begins_with(self.control_roles, name, size, at + 1, False)
                    dialog[0] |= begins_with(self.dialog_roles, name, size, at + 1, True)
            elif is_gap(name[at]) or is_known or not (kind == c"c" or kind == c"i"):
                at += 1
            else:
                start = at
                while at < size and name[at] and not is_gap(name[at]):
                    at += 1
                if self.is_fact(kind, name + start, at - start):
                    is_known = True
                    known.append(entry)
        return 0

    cdef bint is_fact(self, uint8_t kind, const uint8_t* name, size_t size) except -1:
        """Whether a class or an id is a platform's."""
        if size >= 2 and self.maybe[maybe(kind, name, size)]:
            reserve(&self.token, size + 2)
            self.token.at[0] = kind
            memcpy(self.token.at + 1, name, size)
            if self.wholes.find(self.token.at, size + 1) >= 0:
                return True
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
    cdef const uint8_t* wanted = word
    cdef Py_ssize_t n = len(word), i
    if at + n > size:
        return False
    for i in range(n):
        if LOWER[name[at + i]] != wanted[i]:
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
    const int64_t[::1] node_start,
    const int64_t[::1] node_element,
    const int64_t[::1] names,
    const uint8_t[::1] speaking_names,
):
    """Numbers of the elements with strong evidence, int64; see `consent.evidence`.

    seeding and the three after it: of each role, whether it is one of these.
    speaking_names: of each name, whether it is evidence by itself.
    """
    cdef int64_t n_spans = spans.shape[0], n = names.shape[0], i, kept = 0, role
    cdef int64_t low_refusing = 0, low_speaking = 0
    cdef bint strong
    cdef uint8_t* marked = <uint8_t*>calloc(n + 1, 1)
    cdef int64_t* found
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
        made = PyByteArray_FromStringAndSize(NULL, kept * sizeof(int64_t))
        found = <int64_t*><char*>made
        kept = 0
        for i in range(n):
            if marked[i]:
                found[kept] = i
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
    const int64_t[::1] tag,
    const int64_t[::1] names,
    const uint8_t[::1] of_tag,
    const uint8_t[::1] of_name,
):
    """Numbers of the elements that are controls by tag or name, int64."""
    cdef int64_t n = tag.shape[0], i, kept = 0
    cdef int64_t* found = <int64_t*>malloc((n + 1) * sizeof(int64_t))
    if found is NULL:
        raise MemoryError
    for i in range(n):
        found[kept] = i
        kept += of_tag[tag[i]] | of_name[names[i]]
    try:
        made = PyByteArray_FromStringAndSize(<char*>found, kept * sizeof(int64_t))
    finally:
        free(found)
    return made


def text_spans(
    const int64_t[::1] parent,
    const int64_t[::1] node_element,
    int64_t[::1] first,
    int64_t[::1] last,
):
    """Fill in, of each element, the first and one past the last text node of its subtree."""
    cdef int64_t n = parent.shape[0], i, up
    if first.shape[0] != n or last.shape[0] != n:
        raise ValueError("one entry for each element, please")
    for i in range(n):
        first[i], last[i] = node_element.shape[0], 0
    for i in range(node_element.shape[0]):
        up = node_element[i]
        first[up], last[up] = min(first[up], i), i + 1
    for i in range(n - 1, 0, -1):
        up = parent[i]
        first[up], last[up] = min(first[up], first[i]), max(last[up], last[i])
    for i in range(n):
        if not last[i]:
            first[i] = 0


def labels(
    str text not None,
    const int64_t[::1] node_start,
    const int64_t[::1] first,
    const int64_t[::1] last,
    const int64_t[::1] numbers,
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


def climb(
    const int64_t[::1] seeds,
    const int64_t[::1] parent,
    const int64_t[::1] depth,
    const int64_t[::1] tag,
    const uint8_t[::1] outside,
    const int64_t[::1] node_element,
    const double[::1] node_chars,
    int64_t most,
):
    """`consent.candidates._climb`: tops, bottoms and levels; chains, one after another, and where
    each of them begins. All int64.

    outside: of each tag, whether its elements can't be candidates.
    most: candidates that are kept.
    """
    cdef int64_t n = parent.shape[0], i, up, at, n_tops = 0, n_kept = 0, n_chain = 0, deepest = 0
    cdef double* chars = <double*>calloc(n + 1, sizeof(double))
    # Of each marked element the number of its top, from 1.
    cdef int64_t* top_of = <int64_t*>calloc(n + 1, sizeof(int64_t))
    cdef int64_t* tops = <int64_t*>calloc(n + 1, sizeof(int64_t))
    cdef int64_t* levels = <int64_t*>calloc(n + 2, sizeof(int64_t))
    cdef int64_t* place = <int64_t*>calloc(n + 2, sizeof(int64_t))
    cdef int64_t* sizes = <int64_t*>calloc(n + 2, sizeof(int64_t))
    cdef int64_t* at_depth = NULL
    cdef int64_t* top
    cdef int64_t* bottom
    cdef int64_t* level
    cdef int64_t* chain
    cdef int64_t* start
    try:
        if (chars is NULL or top_of is NULL or tops is NULL or levels is NULL or place is NULL
                or sizes is NULL):
            raise MemoryError
        for i in range(node_element.shape[0]):
            chars[node_element[i]] += node_chars[i]
        for i in range(n - 1, 0, -1):
            chars[parent[i]] += chars[i]
        for i in range(seeds.shape[0]):
            at = seeds[i]
            while not top_of[at] and not outside[tag[at]]:
                top_of[at] = -1
                if parent[at] == at:
                    break
                at = parent[at]
        for i in range(n):
            if top_of[i]:
                up = parent[i]
                if up != i and top_of[up] and chars[up] == chars[i] and chars[up] > 0:
                    top_of[i] = top_of[up]
                else:
                    tops[n_tops] = i
                    n_tops += 1
                    top_of[i] = n_tops
                sizes[top_of[i]] += 1
        # Levels of all; outer ones come first.
        for i in range(n_tops):
            up = parent[tops[i]]
            levels[i + 1] = 1 + (levels[top_of[up]] if top_of[up] and up != tops[i] else 0)
        # Which are kept: of too many, the outer ones.
        if n_tops > most:
            for i in range(n_tops):
                deepest = max(deepest, depth[tops[i]])
            at_depth = <int64_t*>calloc(deepest + 1, sizeof(int64_t))
            if at_depth is NULL:
                raise MemoryError
            for i in range(n_tops):
                at_depth[depth[tops[i]]] += 1
            at = 0  # those that may still be kept
            for i in range(deepest + 1):
                up = at_depth[i]
                at_depth[i] = min(up, most - at)
                at += at_depth[i]
        for i in range(n_tops):
            if at_depth is not NULL:
                if not at_depth[depth[tops[i]]]:
                    continue
                at_depth[depth[tops[i]]] -= 1
            n_kept += 1
            place[i + 1] = n_kept
            n_chain += sizes[i + 1]
        columns = [PyByteArray_FromStringAndSize(NULL, n_kept * sizeof(int64_t)) for _ in range(3)]
        chains = PyByteArray_FromStringAndSize(NULL, n_chain * sizeof(int64_t))
        starts = PyByteArray_FromStringAndSize(NULL, (n_kept + 1) * sizeof(int64_t))
        top = <int64_t*><char*>columns[0]
        bottom = <int64_t*><char*>columns[1]
        level = <int64_t*><char*>columns[2]
        chain, start = <int64_t*><char*>chains, <int64_t*><char*>starts
        at = 0
        for i in range(n_tops):
            up = place[i + 1] - 1
            if up >= 0:
                top[up], level[up], start[up] = tops[i], levels[i + 1], at
                at += sizes[i + 1]
                sizes[i + 1] = start[up]  # where the next of its chain goes, from now on
        start[n_kept] = at
        for i in range(n):
            if top_of[i]:
                up = place[top_of[i]] - 1
                if up >= 0:
                    bottom[up] = i
                    chain[sizes[top_of[i]]] = i
                    sizes[top_of[i]] += 1
        return *columns, chains, starts
    finally:
        free(chars)
        free(top_of)
        free(tops)
        free(levels)
        free(place)
        free(sizes)
        free(at_depth)


def read_in(
    const int64_t[::1] top, const int64_t[::1] end, const int64_t[::1] controls, int64_t most
):
    """Numbers of the controls that stand in a candidate with at most so many of them, int64."""
    cdef int64_t n = controls.shape[0], i, first, last, kept = 0
    cdef int64_t* steps = <int64_t*>calloc(n + 1, sizeof(int64_t))
    cdef int64_t* found
    if steps is NULL:
        raise MemoryError
    for i in range(top.shape[0]):
        first, last = place_of(controls, top[i]), place_of(controls, end[i])
        if last - first <= most:
            steps[first] += 1
            steps[last] -= 1
    first = 0
    for i in range(n):
        first += steps[i]
        if first > 0:
            steps[kept] = i
            kept += 1
    try:
        made = PyByteArray_FromStringAndSize(<char*>steps, kept * sizeof(int64_t))
    finally:
        free(steps)
    return made


cdef inline int64_t place_of(const int64_t[::1] ascending, int64_t value) noexcept nogil:
    """How many are less."""
    cdef int64_t low = 0, high = ascending.shape[0], middle
    while low < high:
        middle = (low + high) >> 1
        if ascending[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


# --- rows -----------------------------------------------------------------------------------------

cdef enum:
    WORDS, PAGE_SHARE, PAGE_WORDS, BLOCKS, ELEMENTS, LINK_DENSITY, WORDS_PER_BLOCK, TEXT_WORDS
    TEXT_SHARE, HOLDS_TITLE, HOLDS_REGION, IN_REGION, REGION_SHARE, START, FINISH, WORDS_BEFORE
    WORDS_AFTER, DEPTH, LEVELS, WORDS_BESIDE_AFTER, CHAIN, SIBLINGS, TAG, BOTTOM_TAG, PARENT_WORDS
    PARENT_RATIO, PARENT_TERMS, PARENT_DENSITY, ROLES, DENSITY, WEAK_DENSITY, STRONG_SHARE
    PAGE_STRONG, TITLE, OWN_NAMED, ABOVE_NAMED, NAMED_SHARE, DIALOG, CONTROLS, LABEL_ROLES
    CHOICE_SHARE, N_PLAIN

PLAIN = (
    "words page_share page_words blocks elements link_density words_per_block text_words "
    "text_share holds_title holds_region in_region region_share start finish words_before "
    "words_after depth levels words_beside_after chain siblings tag bottom_tag parent_words "
    "parent_ratio parent_terms parent_density roles density weak_density strong_share "
    "page_strong title own_named above_named named_share dialog controls label_roles "
    "choice_share"
).split()
"""What is reckoned of each candidate, in this order, before what is counted."""

cdef enum:
    MOST_COUNTED = 16  # kinds of elements
    MOST_ROLES = 32
    N_SUMS = 5
    # Of blocks and text nodes, by element.
    SUM_WORDS = 0
    SUM_BLOCKS, SUM_CHARS, SUM_LINKED, SUM_TEXT


cdef inline double ratio(double numerator, double denominator) noexcept nogil:
    return numerator / denominator if denominator != 0 else 0.0


cdef struct Term:
    int64_t element
    int64_t role


cdef int by_element(const void* one, const void* other) noexcept nogil:
    cdef int64_t a = (<const Term*>one).element, b = (<const Term*>other).element
    return (a > b) - (a < b)


cdef inline int64_t terms_before(const Term* order, int64_t n, int64_t element) noexcept nogil:
    cdef int64_t low = 0, high = n, middle
    while low < high:
        middle = (low + high) >> 1
        if order[middle].element < element:
            low = middle + 1
        else:
            high = middle
    return low


cdef class Layout:
    """What a row consists of, for all pages.

    Args:
        order: (columns,) of each column, which of what is reckoned it is: `PLAIN`; own flags; flags
            above; elements counted; terms of each role; attributes; sums over controls.
        tag_flags: of each tag, the bits of its flags.
        tag_counts: of each tag, the bits of the kinds of elements that it is counted as.
        flag_counts: of each kind of elements from there on, the bit of the flag that is counted.
        groups: rows of the number of a name's word group, and the bit of its flag.
        bits: of the flags named, named_ui, dialog and dialog_tag; number of hidden's.
        strong: of each role, whether its terms are strong by themselves.
        label_columns: how many of the controls' columns, the first, are choices.
        choices: the controls' column of all choices.
        text_words: words from which a block is a text's.
    """
    cdef const int64_t[::1] order, tag_flags, tag_counts, flag_counts
    cdef const int64_t[:, ::1] groups
    cdef const uint8_t[::1] strong
    cdef int64_t n_flags, n_tag_counts, n_columns, n_attributes, label_columns, choices, named_count
    cdef int64_t named, named_ui, dialog, hidden
    cdef double text_words

    def __cinit__(
        self, *, order, tag_flags, tag_counts, flag_counts, groups, strong, n_flags, n_tag_counts,
        n_columns, n_attributes, label_columns, choices, named, named_ui, dialog, hidden, text_words,
    ):
        self.order, self.tag_flags, self.tag_counts = order, tag_flags, tag_counts
        self.flag_counts, self.groups, self.strong = flag_counts, groups, strong
        self.n_flags, self.n_tag_counts, self.n_columns = n_flags, n_tag_counts, n_columns
        self.n_attributes, self.label_columns, self.choices = n_attributes, label_columns, choices
        self.named, self.named_ui, self.dialog, self.hidden = named, named_ui, dialog, hidden
        self.text_words = text_words
        if n_tag_counts + len(flag_counts) > MOST_COUNTED or 2 * len(strong) > MOST_ROLES:
            raise ValueError("too many kinds of elements, or roles")

    def rows(
        self,
        float[:, ::1] matrix,
        *,
        # candidates
        const int64_t[::1] top,
        const int64_t[::1] bottom,
        const double[::1] levels,
        const int64_t[::1] chains,
        const int64_t[::1] chain_starts,
        const double[:, ::1] attributes,
        # elements
        const int64_t[::1] parent,
        const int64_t[::1] end,
        const int64_t[::1] depth,
        const int64_t[::1] tag,
        const int64_t[::1] names,
        const int64_t[::1] hides,
        const int64_t[::1] element_groups,
        const int64_t[::1] name_flags,
        # text nodes, blocks, terms
        const int64_t[::1] node_element,
        const int64_t[::1] node_words,
        const int64_t[::1] block_element,
        const double[::1] block_words,
        const double[::1] block_chars,
        const double[::1] block_link_chars,
        const int64_t[::1] node_start,
        const int64_t[:, ::1] spans,
        # controls
        const int64_t[::1] controls,
        const int64_t[::1] read,
        const double[:, ::1] control_columns,
        int64_t most_controls,
        double unread,
        # the page
        double page_words,
        int64_t title_element,
        int64_t region_top,
        double region_share,
        bint title_of_policy,
    ):
        """Fill a matrix, shape (candidates, columns)."""
        cdef int64_t n = parent.shape[0], i, j, k, e, first, last, up, n_candidates = top.shape[0]
        cdef int64_t n_counts = self.n_tag_counts + self.flag_counts.shape[0]
        cdef int64_t n_roles = 2 * self.strong.shape[0], n_terms = spans.shape[0]
        cdef int64_t n_read = read.shape[0], half = self.strong.shape[0], bits, own, above
        cdef int64_t at_above = N_PLAIN + self.n_flags, at_counts = at_above + self.n_flags
        cdef int64_t at_terms = at_counts + n_counts, at_attributes = at_terms + n_roles
        cdef int64_t at_controls = at_attributes + self.n_attributes
        cdef double words, strong, weak, all_strong = 0, parent_words, parent_strong, value
        cdef bint readable
        cdef int64_t* flags = NULL  # of each element, and of it and all above
        cdef int64_t* flags_to = NULL
        cdef int64_t* children = NULL
        cdef int32_t* counts = NULL  # of each kind, in all elements before each
        cdef double* sums = NULL  # likewise
        cdef double* control_sums = NULL  # over all read before each
        cdef int32_t* terms = NULL  # likewise
        cdef Term* order = NULL
        cdef double* v = NULL
        if matrix.shape[0] != n_candidates or matrix.shape[1] != self.order.shape[0]:
            raise ValueError("a row for each candidate and a column for each feature, please")
        if control_columns.shape[0] != n_read or control_columns.shape[1] != self.n_columns:
            raise ValueError("a row for each control that was read, please")
        try:
            flags = <int64_t*>calloc(2 * n + 1, sizeof(int64_t))
            children = <int64_t*>calloc(n + 1, sizeof(int64_t))
            counts = <int32_t*>calloc((n + 1) * MOST_COUNTED, sizeof(int32_t))
            sums = <double*>calloc((n + 1) * N_SUMS, sizeof(double))
            control_sums = <double*>calloc((n_read + 1) * self.n_columns, sizeof(double))
            terms = <int32_t*>calloc((n_terms + 1) * n_roles, sizeof(int32_t))
            order = <Term*>calloc(n_terms + 1, sizeof(Term))
            v = <double*>calloc(at_controls + self.n_columns, sizeof(double))
            if (flags is NULL or children is NULL or counts is NULL or sums is NULL
                    or control_sums is NULL or terms is NULL or order is NULL or v is NULL):
                raise MemoryError
            flags_to = flags + n
            for e in range(n):
                bits = self.tag_flags[tag[e]] | name_flags[names[e]]
                if hides[e]:
                    bits |= self.hidden
                if element_groups[e]:
                    for i in range(self.groups.shape[0]):
                        if element_groups[e] >> self.groups[i, 0] & 1:
                            bits |= self.groups[i, 1]
                flags[e] = bits
                flags_to[e] = bits | (flags_to[parent[e]] if e else 0)
                children[parent[e]] += 1
                memcpy(
                    counts + (e + 1) * MOST_COUNTED, counts + e * MOST_COUNTED,
                    MOST_COUNTED * sizeof(int32_t),
                )
                j = self.tag_counts[tag[e]]
                i = (e + 1) * MOST_COUNTED
                while j:
                    counts[i] += j & 1
                    j >>= 1
                    i += 1
                if bits:
                    i = (e + 1) * MOST_COUNTED + self.n_tag_counts
                    for j in range(self.flag_counts.shape[0]):
                        counts[i + j] += bits & self.flag_counts[j] != 0
            for i in range(node_element.shape[0]):
                sums[(node_element[i] + 1) * N_SUMS + SUM_WORDS] += node_words[i]
            for i in range(block_element.shape[0]):
                e = (block_element[i] + 1) * N_SUMS
                sums[e + SUM_BLOCKS] += 1
                sums[e + SUM_CHARS] += block_chars[i]
                sums[e + SUM_LINKED] += block_link_chars[i]
                if block_words[i] >= self.text_words:
                    sums[e + SUM_TEXT] += block_words[i]
            for i in range(N_SUMS, (n + 1) * N_SUMS):
                sums[i] += sums[i - N_SUMS]
            for i in range(n_terms):
                e = node_element[place_of(node_start, spans[i, 0] + 1) - 1]
                order[i] = Term(e, spans[i, 1])
            qsort(order, n_terms, sizeof(Term), by_element)
            for i in range(n_terms):
                memcpy(terms + (i + 1) * n_roles, terms + i * n_roles, n_roles * sizeof(int32_t))
                terms[(i + 1) * n_roles + order[i].role] += 1
                all_strong += order[i].role < half and self.strong[order[i].role]
            for i in range(n_read):
                for j in range(self.n_columns):
                    k = i * self.n_columns + j
                    control_sums[k + self.n_columns] = control_sums[k] + control_columns[i, j]

            for i in range(n_candidates):
                e, last, up = top[i], end[top[i]], parent[top[i]]
                own = 0
                for j in range(chain_starts[i], chain_starts[i + 1]):
                    own |= flags[chains[j]]
                above = flags_to[up]
                for j in range(self.n_flags):
                    v[N_PLAIN + j] = own >> j & 1
                    v[at_above + j] = above >> j & 1
                for j in range(n_counts):
                    v[at_counts + j] = counts[last * MOST_COUNTED + j] - counts[e * MOST_COUNTED + j]
                for j in range(self.n_attributes):
                    v[at_attributes + j] = attributes[i, j]
                self.place(&v[at_terms], terms, order, n_terms, e, last)
                v[ROLES] = strong = weak = 0
                for j in range(half):
                    v[ROLES] += v[at_terms + j] > 0
                    strong += v[at_terms + j] * self.strong[j]
                    weak += v[at_terms + half + j]
                parent_strong = self.strong_in(terms, order, n_terms, up, end[up]) - strong
                words = sums[last * N_SUMS + SUM_WORDS] - sums[e * N_SUMS + SUM_WORDS]
                parent_words = sums[end[up] * N_SUMS + SUM_WORDS] - sums[up * N_SUMS + SUM_WORDS]
                v[WORDS] = words
                v[PAGE_SHARE] = words / max(page_words, 1.0)
                v[PAGE_WORDS] = page_words
                v[BLOCKS] = sums[last * N_SUMS + SUM_BLOCKS] - sums[e * N_SUMS + SUM_BLOCKS]
                v[ELEMENTS] = last - e
                v[LINK_DENSITY] = ratio(
                    sums[last * N_SUMS + SUM_LINKED] - sums[e * N_SUMS + SUM_LINKED],
                    sums[last * N_SUMS + SUM_CHARS] - sums[e * N_SUMS + SUM_CHARS],
                )
                v[WORDS_PER_BLOCK] = ratio(words, v[BLOCKS])
                v[TEXT_WORDS] = sums[last * N_SUMS + SUM_TEXT] - sums[e * N_SUMS + SUM_TEXT]
                v[TEXT_SHARE] = ratio(v[TEXT_WORDS], words)
                v[HOLDS_TITLE] = e <= title_element < last
                v[HOLDS_REGION] = e <= region_top < last
                v[IN_REGION] = region_top < e < end[region_top]
                v[REGION_SHARE] = region_share
                v[START] = <double>e / max(n, 1)
                v[FINISH] = <double>last / max(n, 1)
                v[WORDS_BEFORE] = sums[e * N_SUMS + SUM_WORDS]
                v[WORDS_AFTER] = page_words - v[WORDS_BEFORE] - words
                v[DEPTH] = depth[e]
                v[LEVELS] = levels[i]
                v[WORDS_BESIDE_AFTER] = (
                    sums[end[up] * N_SUMS + SUM_WORDS] - sums[last * N_SUMS + SUM_WORDS]
                )
                v[CHAIN] = depth[bottom[i]] - depth[e]
                v[SIBLINGS] = children[up]
                v[TAG], v[BOTTOM_TAG] = tag[e], tag[bottom[i]]
                v[PARENT_WORDS] = parent_words - words
                v[PARENT_RATIO] = ratio(words, parent_words)
                v[PARENT_TERMS] = parent_strong
                v[PARENT_DENSITY] = ratio(parent_strong, parent_words - words)
                v[DENSITY] = ratio(strong, words)
                v[WEAK_DENSITY] = ratio(weak, words)
                v[STRONG_SHARE] = ratio(strong, all_strong)
                v[PAGE_STRONG] = all_strong
                v[TITLE] = title_of_policy
                v[OWN_NAMED] = (own & self.named != 0) + (own & self.named_ui != 0)
                v[ABOVE_NAMED] = (above & self.named != 0) + (above & self.named_ui != 0)
                # Named elements are the first of the flags that are counted.
                v[NAMED_SHARE] = ratio(v[at_counts + self.n_tag_counts], last - e)
                v[DIALOG] = own & self.dialog != 0
                first, k = place_of(controls, e), place_of(controls, last)
                v[CONTROLS] = k - first
                readable = k - first <= most_controls
                first, k = place_of(read, first), place_of(read, k)
                for j in range(self.n_columns):
                    v[at_controls + j] = (
                        control_sums[k * self.n_columns + j]
                        - control_sums[first * self.n_columns + j]
                    ) if readable else unread
                v[LABEL_ROLES] = 0
                for j in range(self.label_columns):
                    v[LABEL_ROLES] += v[at_controls + j] > 0
                v[CHOICE_SHARE] = ratio(v[at_controls + self.choices], v[CONTROLS])
                for j in range(self.order.shape[0]):
                    matrix[i, j] = <float>v[self.order[j]]
        finally:
            free(flags)
            free(children)
            free(counts)
            free(sums)
            free(control_sums)
            free(terms)
            free(order)
            free(v)

    cdef void place(
        self,
        double* into,
        const int32_t* terms,
        const Term* order,
        int64_t n_terms,
        int64_t start,
        int64_t end,
    ) noexcept:
        """Terms of each role in a range of elements."""
        cdef int64_t n_roles = 2 * self.strong.shape[0], role
        cdef const int32_t* low = terms + terms_before(order, n_terms, start) * n_roles
        cdef const int32_t* high = terms + terms_before(order, n_terms, end) * n_roles
        for role in range(n_roles):
            into[role] = high[role] - low[role]

    cdef double strong_in(
        self,
        const int32_t* terms,
        const Term* order,
        int64_t n_terms,
        int64_t start,
        int64_t end,
    ) noexcept:
        cdef double found[MOST_ROLES]
        cdef double total = 0
        cdef int64_t role
        self.place(found, terms, order, n_terms, start, end)
        for role in range(self.strong.shape[0]):
            total += found[role] * self.strong[role]
        return total
