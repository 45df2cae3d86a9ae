# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.blocks.fold`, of a part of a text and of many blocks at once."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_FromKindAndData, PyUnicode_KIND
from cpython.unicode cimport Py_UNICODE_ISSPACE
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t
from libc.stdlib cimport free, malloc

include "_number.pxi"

ctypedef fused character:
    uint8_t
    uint16_t
    uint32_t


cdef inline bint is_space(uint32_t code) noexcept:
    if code < 128:
        return code == 32 or 9 <= code <= 13 or 28 <= code <= 31
    return Py_UNICODE_ISSPACE(code)


cdef Py_ssize_t fold_into(
    character* out, const character* text, Py_ssize_t size, uint32_t line
) noexcept:
    """Write a text of which `line` parts the lines; returns how long it has become."""
    cdef Py_ssize_t i, n = 0
    cdef character gap = 0
    for i in range(size):
        if is_space(text[i]):
            if text[i] == line:
                gap = c"\n"
            elif not gap:
                gap = c" "
        else:
            if gap and n:
                out[n] = gap
                n += 1
            gap = 0
            out[n] = text[i]
            n += 1
    return n


cdef Py_ssize_t join_into(
    character* out,
    const character* text,
    const Number* node_start,
    const Number* first_node,
    const int64_t* blocks,
    Py_ssize_t n_blocks,
    uint32_t line,
) noexcept:
    cdef Py_ssize_t i, n = 0, gap = 0, more
    cdef int64_t start, stop
    for i in range(n_blocks):
        start, stop = node_start[first_node[blocks[i]]], node_start[first_node[blocks[i] + 1]]
        if gap:
            out[n] = out[n + 1] = c"\n"
        more = fold_into(out + n + gap, text + start, stop - start, line)
        if more:
            n += gap + more
            gap = 2
    return n


def fold(str text not None, Py_ssize_t start, Py_ssize_t stop, Py_UCS4 line):
    """A part of a text, its white space folded; `line` parts its lines."""
    cdef int kind = PyUnicode_KIND(text)
    cdef Py_ssize_t n
    cdef char* data = <char*>PyUnicode_DATA(text) + start * kind
    if not 0 <= start <= stop <= len(text):
        raise ValueError("that is no part of the text")
    cdef void* out = malloc((stop - start) * kind + 1)
    if out is NULL:
        raise MemoryError
    try:
        if kind == 1:
            n = fold_into(<uint8_t*>out, <const uint8_t*>data, stop - start, line)
        elif kind == 2:
            n = fold_into(<uint16_t*>out, <const uint16_t*>data, stop - start, line)
        else:
            n = fold_into(<uint32_t*>out, <const uint32_t*>data, stop - start, line)
        return PyUnicode_FromKindAndData(kind, out, n)
    finally:
        free(out)


def join(
    str text not None,
    const Number[::1] node_start,
    const Number[::1] first_node,
    const int64_t[::1] blocks,
    Py_UCS4 line,
):
    """The texts of blocks that have any, folded, a blank line between them.

    node_start, first_node: of a `BlockTable`; blocks: numbers in it.
    """
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t n_blocks = blocks.shape[0], i, n, size = 0
    cdef int64_t start, stop
    for i in range(n_blocks):
        if not 0 <= blocks[i] < first_node.shape[0] - 1:
            raise IndexError(f"there is no block {blocks[i]}")
        start = node_start[first_node[blocks[i]]]
        stop = node_start[first_node[blocks[i] + 1]]
        if not 0 <= start <= stop <= len(text):
            raise ValueError("the blocks are not this text's")
        size += stop - start + 2
    if not n_blocks:
        return ""
    cdef void* out = malloc(size * kind)
    if out is NULL:
        raise MemoryError
    try:
        if kind == 1:
            n = join_into(<uint8_t*>out, <const uint8_t*>data, &node_start[0], &first_node[0],
                          &blocks[0], n_blocks, line)
        elif kind == 2:
            n = join_into(<uint16_t*>out, <const uint16_t*>data, &node_start[0], &first_node[0],
                          &blocks[0], n_blocks, line)
        else:
            n = join_into(<uint32_t*>out, <const uint32_t*>data, &node_start[0], &first_node[0],
                          &blocks[0], n_blocks, line)
        return PyUnicode_FromKindAndData(kind, out, n)
    finally:
        free(out)
