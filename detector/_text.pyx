# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.measures` in one pass over a page's text; `detector.features.context` says what it counts.

Besides checks of UTF-8, and end tags.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memchr, memcpy, memset

cdef uint64_t HIGH_BITS = 0x8080808080808080


ctypedef fused Char:
    uint8_t
    uint16_t
    uint32_t

# Bits of a character's kind, as `detector.measures` packs them: its class, whether it is of a word
# (1) or a word by itself (2), and whether the hash is of it, and as which letter.
cdef enum:
    CLASS = 15, WORD = 4, SOLID = 6, UPPER = 7

# Rows of a block's sums, in the order of `detector.measures.SUMS`.
cdef enum:
    WORDS, CHARS, FREE_WORDS, LINK_CHARS, LINK_WORDS, LINKS, BOLD_CHARS, CODE_CHARS, N_SUMS


cdef struct _Measured:
    const int64_t* node_start
    const int64_t* node_link
    const int64_t* node_state
    const int64_t* first_node
    const uint8_t* kinds
    Py_ssize_t n
    uint64_t base
    uint8_t space, ideograph, symbol
    int64_t bold_text, code_text
    double* node_chars
    int64_t* node_words
    double* sums
    int64_t* classes
    int64_t* edge_classes
    uint64_t* text_hash


def measure(
    str text not None,
    const int64_t[::1] node_start,
    const int64_t[::1] node_link,
    const int64_t[::1] node_state,
    const int64_t[::1] first_node,
    const uint8_t[::1] kinds,
    uint64_t base,
    tuple codes,
    int64_t bold_text,
    int64_t code_text,
    double[::1] node_chars,
    int64_t[::1] node_words,
    double[:, ::1] sums,
    int64_t[:, ::1] classes,
    int64_t[:, ::1] edge_classes,
    uint64_t[::1] text_hash,
):
    """Fill the last six from the others; `sums` has a row for each of `detector.measures.SUMS`.

    kinds: of the basic plane's characters, bits as `CLASS` and so on have them.
    base: of the hash, whose powers letters are multiplied with.
    codes: of the class space, and of the kinds of ideographs and of symbols.
    bold_text, code_text: bits of `node_state`.
    """
    cdef Py_ssize_t n_nodes = node_link.shape[0], n = first_node.shape[0] - 1
    if node_start[n_nodes] != len(text) or first_node[n] != n_nodes:
        raise ValueError("the text nodes are not this text's")
    if (
        not n == sums.shape[1] == classes.shape[0] == edge_classes.shape[1] == text_hash.shape[0]
        or sums.shape[0] != N_SUMS or classes.shape[1] != CLASS + 1
        or not n_nodes == node_state.shape[0] == node_chars.shape[0] == node_words.shape[0]
    ):
        raise ValueError("one entry for each block and text node, please")
    cdef _Measured out
    if n == 0:
        return
    out.node_start, out.node_link, out.node_state = &node_start[0], &node_link[0], &node_state[0]
    out.first_node, out.kinds, out.base = &first_node[0], &kinds[0], base
    out.space, out.ideograph, out.symbol = codes
    out.bold_text, out.code_text = bold_text, code_text
    out.node_chars, out.node_words = &node_chars[0], &node_words[0]
    out.sums, out.classes, out.edge_classes = &sums[0, 0], &classes[0, 0], &edge_classes[0, 0]
    out.text_hash, out.n = &text_hash[0], n
    cdef int kind = PyUnicode_KIND(text)
    if kind == 1:
        _measure(<const uint8_t*>PyUnicode_DATA(text), &out)
    elif kind == 2:
        _measure(<const uint16_t*>PyUnicode_DATA(text), &out)
    else:
        _measure(<const uint32_t*>PyUnicode_DATA(text), &out)


cdef inline uint8_t kind_of(Char code, const _Measured* t) noexcept nogil:
    if Char is uint32_t:
        if code > 0xFFFF:
            return t.ideograph if 0x20000 <= code < 0x40000 else t.symbol
    return t.kinds[code]


cdef void _measure(const Char* text, const _Measured* t) noexcept nogil:
    cdef Py_ssize_t n = t.n, block, node, at, start, stop, words, spaces
    cdef Char code
    cdef uint64_t hash_, power, solid, base = t.base
    cdef uint8_t kind, word, before = 0, space = t.space
    cdef int64_t counts[2][CLASS + 1]  # in turns: a count need not wait for the one before
    cdef double chars
    cdef double* sums
    cdef int i
    cdef int64_t link, link_before = -1
    for block in range(n):
        hash_, power = 0, 1
        memset(counts, 0, sizeof(counts))
        sums = t.sums + block
        for i in range(N_SUMS):
            sums[i * n] = 0
        for node in range(t.first_node[block], t.first_node[block + 1]):
            words = 0
            spaces = counts[0][space] + counts[1][space]
            for at in range(t.node_start[node], t.node_start[node + 1]):
                code = text[at]
                kind = kind_of(code, t)
                word = kind >> WORD & 3
                words += (word >> 1) + (word & ~before & 1)
                before = word
                solid = -<uint64_t>(kind >> SOLID & 1)
                hash_ += power * ((code + (kind >> UPPER << 5)) & solid)
                power *= (base & solid) | (1 & ~solid)
                counts[at & 1][kind & CLASS] += 1
            chars = (t.node_start[node + 1] - t.node_start[node]
                     - (counts[0][space] + counts[1][space] - spaces))
            t.node_chars[node], t.node_words[node] = chars, words
            sums[WORDS * n] += words
            sums[CHARS * n] += chars
            link = t.node_link[node]
            if link >= 0:
                sums[LINK_CHARS * n] += chars
                sums[LINK_WORDS * n] += words
                sums[LINKS * n] += link != link_before
            link_before = link
            if t.node_state[node] & t.bold_text:
                sums[BOLD_CHARS * n] += chars
            if t.node_state[node] & t.code_text:
                sums[CODE_CHARS * n] += chars
        sums[FREE_WORDS * n] = sums[WORDS * n] - sums[LINK_WORDS * n]
        for i in range(CLASS + 1):
            t.classes[block * (CLASS + 1) + i] = counts[0][i] + counts[1][i]
        start, stop = t.node_start[t.first_node[block]], t.node_start[t.first_node[block + 1]]
        while start < stop and kind_of(text[start], t) & CLASS == space:
            start += 1
        while start < stop and kind_of(text[stop - 1], t) & CLASS == space:
            stop -= 1
        t.edge_classes[block] = kind_of(text[start], t) & CLASS if start < stop else space
        t.edge_classes[n + block] = kind_of(text[stop - 1], t) & CLASS if start < stop else space
        t.text_hash[block] = hash_


def is_utf8(const uint8_t[::1] data not None):
    """Whether bytes are UTF-8 without fault, as Python's strict decoder has it."""
    cdef Py_ssize_t at = 0, size = data.shape[0]
    cdef uint64_t eight
    cdef uint8_t lead, low, high
    cdef int more
    while at < size:
        if at + 8 <= size:
            memcpy(&eight, &data[at], 8)
            if not eight & HIGH_BITS:
                at += 8
                continue
        lead = data[at]
        at += 1
        if lead < 0x80:
            continue
        if not 0xC2 <= lead <= 0xF4:
            return False
        more = 1 if lead < 0xE0 else 2 if lead < 0xF0 else 3
        # What the second byte may be: no overlong forms, no surrogates, nothing beyond the planes.
        low = 0xA0 if lead == 0xE0 else 0x90 if lead == 0xF0 else 0x80
        high = 0x9F if lead == 0xED else 0x8F if lead == 0xF4 else 0xBF
        if at + more > size:
            return False
        while more:
            if not low <= data[at] <= high:
                return False
            low, high = 0x80, 0xBF
            at += 1
            more -= 1
    return True


def without_end_tags(bytes data not None):
    """The page without the end tags of `html` and `body`, as `detector.document` drops them."""
    cdef const char* at = PyBytes_AS_STRING(data)  # a NUL follows the last byte
    cdef const char* end = at + PyBytes_GET_SIZE(data)
    cdef const char* kept = at
    cdef const char* tag
    cdef list pieces = []
    while at < end:
        at = <const char*>memchr(at, c"<", end - at)
        if at is NULL:
            break
        tag = at
        at += 1
        if at[0] != c"/" or not (is_name(at + 1, b"body") or is_name(at + 1, b"html")):
            continue
        at += 5
        while at[0] == c" " or 9 <= at[0] <= 13:
            at += 1
        if at[0] == c">":
            at += 1
            pieces.append(PyBytes_FromStringAndSize(kept, tag - kept))
            kept = at
    if not pieces:
        return data
    pieces.append(PyBytes_FromStringAndSize(kept, end - kept))
    return b"".join(pieces)


cdef bint is_name(const char* at, const char* name) noexcept:
    """Whether four letters stand at a place, case aside; it may be the end."""
    cdef int i
    for i in range(4):
        if at[i] | 0x20 != name[i]:
            return False
    return True
