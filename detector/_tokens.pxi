"""The table of learned scores, read line by line; part of `_names.pyx`."""

from libc.math cimport isfinite
from libc.string cimport memchr, memcmp

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(str text, Py_ssize_t* size) except NULL


cdef struct Line:
    const char* token  # in UTF-8
    Py_ssize_t size
    Py_ssize_t chars  # of the text before the token
    double score


cdef struct Lines:  # of a text that ends with a NUL
    const char* at
    const char* stop
    Py_ssize_t chars
    Slow slow


cdef bint next_line(Lines* lines, Line* line) except -1:
    """Read a token and its score; ValueError for a line of another form, or a token that is no
    larger than the one of the line before, which `line` still holds."""
    cdef const char* end = <const char*>memchr(lines.at, b"\t", lines.stop - lines.at)
    cdef const char* token = lines.at
    cdef Py_ssize_t size = end - token, i
    cdef int order
    if end is NULL or not size:
        raise ValueError("a line without a token")
    if line.token is not NULL:
        order = memcmp(line.token, token, min(line.size, size))
        if order > 0 or (order == 0 and line.size >= size):
            raise ValueError("tokens are not sorted")
    line.token, line.size, line.chars = token, size, lines.chars
    lines.at = read_decimal(end + 1, &line.score, &lines.slow)
    if lines.at is NULL or lines.at[0] != b"\n" or not isfinite(line.score):
        raise ValueError("a score that is no number")
    lines.at += 1
    lines.chars += lines.at - token
    for i in range(size):
        lines.chars -= (token[i] & 0xC0) == 0x80  # no first byte of a character
        if token[i] == b"\n":
            raise ValueError("a line without a score")
    return True
