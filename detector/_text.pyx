# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.measures` in one pass over a page's text; `_measure_numpy` there says what it counts."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

cdef uint64_t GOLDEN = 0x9E3779B97F4A7C15


def measure(
    str text not None,
    const int64_t[::1] node_start,
    const int64_t[::1] first_node,
    const uint8_t[::1] class_table,
    const uint8_t[::1] word_table,
    const uint64_t[::1] multipliers,
    tuple codes,
    int64_t[:, ::1] node_classes,
    int64_t[::1] node_words,
    int64_t[::1] first_class,
    int64_t[::1] last_class,
    uint64_t[::1] text_hash,
):
    """Fill the last five, which must be zero, from the others.

    class_table, word_table: of the basic plane, as `detector.chars` has them.
    multipliers: of a text's letters by place; a power of two of them.
    codes: of the classes space, symbol, upper and han.
    """
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef uint8_t space = codes[0], symbol = codes[1], upper = codes[2], han = codes[3]
    cdef Py_ssize_t block, node, at, places = multipliers.shape[0] - 1, place
    cdef uint32_t code
    cdef uint64_t value, hash_
    cdef uint8_t class_, word, before = 0
    cdef bint shown
    if node_start[node_start.shape[0] - 1] != len(text):
        raise ValueError("the text nodes are not this text's")
    for block in range(first_node.shape[0] - 1):
        hash_ = place = 0
        shown = False
        for node in range(first_node[block], first_node[block + 1]):
            for at in range(node_start[node], node_start[node + 1]):
                code = PyUnicode_READ(kind, data, at)
                if code > 0xFFFF:
                    class_ = han if 0x20000 <= code < 0x40000 else symbol
                    word = 2 if class_ == han else 0
                else:
                    if 0xD800 <= code < 0xE000:  # half of a pair
                        code = c"?"
                    class_, word = class_table[code], word_table[code]
                node_classes[node, class_] += 1
                node_words[node] += word == 2 or (word == 1 and before != 1)
                before = word
                if class_ == space:
                    continue
                if not shown:
                    first_class[block] = class_
                    shown = True
                last_class[block] = class_
                if class_ != symbol:
                    value = <uint64_t>code + (32 if class_ == upper else 0)
                    hash_ += (value * GOLDEN ^ value << 31) * multipliers[place & places]
                    place += 1
        text_hash[block] = hash_
