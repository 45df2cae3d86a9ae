# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.measures` in one pass over a page's text; `detector.features.context` says what it counts.

Besides, the title's heading.
"""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from cpython.unicode cimport (
    Py_UNICODE_ISALNUM, Py_UNICODE_ISDECIMAL, Py_UNICODE_ISSPACE, Py_UNICODE_ISTITLE,
    Py_UNICODE_ISUPPER, Py_UNICODE_TOLOWER,
)
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

include "_number.pxi"


ctypedef fused Char:
    uint8_t
    uint16_t
    uint32_t

# Bits of a character's kind, as `detector.measures` packs them: its class, whether it is of a word
# or a word by itself, whether the hash is of it, and whether as the letter's lower case.
cdef enum:
    CLASS = 15, IN_WORD = 4, ALONE = 5, SOLID = 6, UPPER = 7

# Of all letters' lower cases these depend on more than the letter, or are more than one.
cdef uint32_t SIGMA = 0x3A3, DOTTED_I = 0x130

cdef uint64_t HASH_BASE = 0x9E3779B97F4A7C15  # odd, and large

# Rows of a block's sums, in the order of `detector.measures.SUMS`.
cdef enum:
    WORDS, CHARS, FREE_WORDS, LINK_CHARS, LINKS, BOLD_CHARS, CODE_CHARS, N_SUMS


def characters(
    uint8_t[::1] alnum, uint8_t[::1] upper, uint8_t[::1] title, uint8_t[::1] decimal,
    uint8_t[::1] space, uint16_t[::1] lower,
):
    """Fill `detector.chars.Characters`."""
    cdef uint32_t code
    cdef Py_ssize_t n = lower.shape[0]
    if not alnum.shape[0] == upper.shape[0] == title.shape[0] == decimal.shape[0] == n:
        raise ValueError("the tables are not of one size")
    if space.shape[0] != n or n > 0x10000:
        raise ValueError("the tables are not of the basic plane")
    for code in range(<uint32_t>n):
        alnum[code] = Py_UNICODE_ISALNUM(code)
        upper[code] = Py_UNICODE_ISUPPER(code)
        title[code] = Py_UNICODE_ISTITLE(code)
        decimal[code] = Py_UNICODE_ISDECIMAL(code)
        space[code] = Py_UNICODE_ISSPACE(code)
        lower[code] = <uint16_t>Py_UNICODE_TOLOWER(code)


cdef struct _Measured:
    const Number* node_start
    const Number* node_link
    const Number* node_state
    const Number* first_node
    const uint8_t* kinds
    Py_ssize_t n
    uint8_t space, ideograph, symbol
    int64_t bold_text, code_text
    Number* node_chars
    Number* node_words
    Number* sums
    int32_t* classes
    Number* last_class
    uint64_t* text_hash
    int32_t* word_start


def measure(
    str text not None,
    const Number[::1] node_start,
    const Number[::1] node_link,
    const Number[::1] node_state,
    const Number[::1] first_node,
    const uint8_t[::1] kinds,
    tuple codes,
    int64_t bold_text,
    int64_t code_text,
    Number[::1] node_chars,
    Number[::1] node_words,
    Number[:, ::1] sums,
    int32_t[:, ::1] classes,
    Number[::1] last_class,
    uint64_t[::1] text_hash,
    int32_t[::1] word_start,
):
    """Fill the last seven from the others, and give the words of all blocks.

    sums: (sums, b), a row for each of `detector.measures.SUMS`.
    word_start: one longer than the text, which has no more words; filled as far as they go.
    kinds: of the basic plane's characters, bits as `CLASS` and so on have them.
    codes: of the class space, and of the kinds of ideographs and of symbols.
    bold_text, code_text: bits of `node_state`.
    """
    cdef Py_ssize_t n_nodes = node_link.shape[0], n = first_node.shape[0] - 1
    if node_start[n_nodes] != len(text) or first_node[n] != n_nodes:
        raise ValueError("the text nodes are not this text's")
    if word_start.shape[0] != len(text) + 1 or len(text) > INT32_MAX:
        raise ValueError("there is no room for the words, or the text is too long")
    if (
        not n == sums.shape[1] == classes.shape[0] == last_class.shape[0] == text_hash.shape[0]
        or sums.shape[0] != N_SUMS or classes.shape[1] != CLASS + 1
        or not n_nodes == node_state.shape[0] == node_chars.shape[0] == node_words.shape[0]
    ):
        raise ValueError("one entry for each block and text node, please")
    cdef _Measured out
    if n == 0:
        return 0
    out.node_start, out.node_link, out.node_state = &node_start[0], &node_link[0], &node_state[0]
    out.first_node, out.kinds = &first_node[0], &kinds[0]
    out.space, out.ideograph, out.symbol = codes
    out.bold_text, out.code_text = bold_text, code_text
    out.node_chars, out.node_words = &node_chars[0], &node_words[0]
    out.sums, out.classes, out.last_class = &sums[0, 0], &classes[0, 0], &last_class[0]
    out.text_hash, out.word_start, out.n = &text_hash[0], &word_start[0], n
    cdef int kind = PyUnicode_KIND(text)
    if kind == 1:
        return _measure(<const uint8_t*>PyUnicode_DATA(text), &out)
    if kind == 2:
        return _measure(<const uint16_t*>PyUnicode_DATA(text), &out)
    return _measure(<const uint32_t*>PyUnicode_DATA(text), &out)


cdef inline uint8_t kind_of(Char code, const _Measured* t) noexcept nogil:
    if Char is uint32_t:
        if code > 0xFFFF:
            return t.ideograph if 0x20000 <= code < 0x40000 else t.symbol
    return t.kinds[code]


cdef Py_ssize_t _measure(const Char* text, const _Measured* t) noexcept nogil:
    cdef Py_ssize_t n = t.n, block, node, at, stop, words, all_words, link_words, links
    cdef Py_ssize_t page_words = 0
    cdef Char code
    cdef uint64_t hash_, solid
    cdef uint32_t kind, before = 0
    cdef uint32_t counts[2][CLASS + 1]  # in turns: a count need not wait for the one before
    cdef int64_t spaces, chars, all_chars, link_chars, bold, coded, link, link_before = -1
    cdef int i
    for block in range(n):
        hash_ = all_words = all_chars = link_words = link_chars = links = bold = coded = 0
        memset(counts, 0, sizeof(counts))
        for node in range(t.first_node[block], t.first_node[block + 1]):
            at, stop = t.node_start[node], t.node_start[node + 1]
            words, chars = page_words, stop - at
            spaces = counts[0][t.space] + counts[1][t.space]
            while at < stop:
                code = text[at]
                kind = kind_of(code, t)
                counts[at & 1][kind & CLASS] += 1
                t.word_start[page_words] = <int32_t>at  # of the next one, if this is none
                page_words += (kind >> ALONE & 1) + ((kind & ~before) >> IN_WORD & 1)
                before = kind
                solid = -<uint64_t>(kind >> SOLID & 1)
                hash_ = hash_ * (1 + (solid & (HASH_BASE - 1))) + (code + (kind >> UPPER << 5) & solid)
                at += 1
            words = page_words - words
            chars -= counts[0][t.space] + counts[1][t.space] - spaces
            t.node_chars[node], t.node_words[node] = chars, words
            all_words += words
            all_chars += chars
            link = t.node_link[node]
            if link >= 0:
                link_chars += chars
                link_words += words
                links += link != link_before
            link_before = link
            bold += chars if t.node_state[node] & t.bold_text else 0
            coded += chars if t.node_state[node] & t.code_text else 0
        t.sums[WORDS * n + block], t.sums[CHARS * n + block] = all_words, all_chars
        t.sums[FREE_WORDS * n + block] = all_words - link_words
        t.sums[LINK_CHARS * n + block], t.sums[LINKS * n + block] = link_chars, links
        t.sums[BOLD_CHARS * n + block], t.sums[CODE_CHARS * n + block] = bold, coded
        for i in range(CLASS + 1):
            t.classes[block * (CLASS + 1) + i] = counts[0][i] + counts[1][i]
        at = t.node_start[t.first_node[block + 1]] - 1
        while all_chars and kind_of(text[at], t) & CLASS == t.space:
            at -= 1
        t.last_class[block] = kind_of(text[at], t) & CLASS if all_chars else t.space
        t.text_hash[block] = hash_
    return page_words


# --- the title's heading --------------------------------------------------------------------------

cdef struct Set:  # of hashes that are not 0
    uint64_t* slots
    uint64_t mask
    Py_ssize_t n


cdef int make_set(Set* made, Py_ssize_t most) except -1:
    made.mask, made.n = 15, 0
    while made.mask < 2 * <uint64_t>most:
        made.mask = 2 * made.mask + 1
    made.slots = <uint64_t*>calloc(made.mask + 1, sizeof(uint64_t))
    if made.slots is NULL:
        raise MemoryError
    return 0


cdef inline uint64_t* place_in(const Set* there, uint64_t hash_) noexcept nogil:
    """Where a hash stands in a set, or would."""
    cdef uint64_t at = (hash_ ^ hash_ >> 32) & there.mask
    while there.slots[at] and there.slots[at] != hash_:
        at = (at + 1) & there.mask
    return &there.slots[at]


cdef Py_ssize_t read_set(
    str text, Py_ssize_t start, Py_ssize_t stop, Set* out, const Set* wanted,
) noexcept:
    """Fill an empty set with what white space parts, in lower case; how many of it are wanted.

    -1 where a character's lower case depends on what is beside it, or is more than a character.
    """
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t at, found = 0
    cdef uint32_t code
    cdef uint64_t hash_ = 0
    cdef uint64_t* place
    for at in range(start, stop + 1):
        code = PyUnicode_READ(kind, data, at) if at < stop else c" "
        if not Py_UNICODE_ISSPACE(code):
            if code == SIGMA or code == DOTTED_I:
                return -1
            hash_ = ((hash_ if hash_ else 1) ^ <uint32_t>Py_UNICODE_TOLOWER(code)) * HASH_BASE
        elif hash_:
            place = place_in(out, hash_)
            if not place[0]:
                place[0] = hash_
                out.n += 1
                found += wanted is not NULL and place_in(wanted, hash_)[0] != 0
            hash_ = 0
    return found


def title_block(
    str text not None,
    str title not None,
    const Number[::1] node_start,
    const Number[::1] first_node,
    const Number[::1] heading_level,
    Py_ssize_t most,
):
    """The block that `detector.features.position.title_block` finds; None where it has to look.

    most: headings that are looked at.
    """
    cdef Py_ssize_t n = heading_level.shape[0], block, best = -1, start, stop, found
    cdef double score, first, best_score = 0
    cdef Set wanted, heading
    if first_node.shape[0] != n + 1 or node_start[node_start.shape[0] - 1] != len(text):
        raise ValueError("the blocks are not this text's")
    make_set(&wanted, len(title) // 2 + 1)
    try:
        if read_set(title, 0, len(title), &wanted, NULL) < 0:
            return None
        for block in range(n):
            if not heading_level[block]:
                continue
            if not most:
                break
            most -= 1
            first = 0.5 if heading_level[block] == 1 else 0
            if first + 1 <= best_score:
                continue
            start, stop = node_start[first_node[block]], node_start[first_node[block + 1]]
            make_set(&heading, (stop - start) // 2 + 1)
            found = read_set(text, start, stop, &heading, &wanted)
            free(heading.slots)
            if found < 0:
                return None
            score = first + <double>found / max(wanted.n + heading.n - found, 1)
            if score > best_score:
                best, best_score = block, score
    finally:
        free(wanted.slots)
    return best
