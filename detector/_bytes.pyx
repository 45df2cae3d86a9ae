# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What a page's bytes are asked before they are parsed; beside it: `encoding.py`, `document.py`."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memchr, memcpy

cdef uint64_t HIGH_BITS = 0x8080808080808080

cdef enum:
    STRIDE = 64  # bytes that are looked at together


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
                while at + STRIDE <= size and is_ascii(&data[at]):
                    at += STRIDE
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


cdef inline bint is_ascii(const uint8_t* stride) noexcept:
    cdef uint8_t any_ = 0
    cdef int i
    for i in range(STRIDE):  # compiled to vectors
        any_ |= stride[i]
    return any_ < 0x80


def read_tags(bytes data not None, Py_ssize_t least):
    """Where the end tags of `html` and `body` begin and end; and the same of the names and attributes
    of start tags, where these have `least` bytes or more beside quoted values.

    What is a tag is as `_TAGS` of `detector.document` has it: what stands in comments, scripts and
    quoted values is none.
    """
    cdef const char* at = PyBytes_AS_STRING(data)  # a NUL follows the last byte
    cdef const char* start = at
    cdef const char* end = at + PyBytes_GET_SIZE(data)
    cdef const char* tag
    cdef Py_ssize_t quoted
    cdef list ends = [], long_ones = []
    while True:
        at = <const char*>memchr(at, c"<", end - at)
        if at is NULL:
            return ends, long_ones
        at += 1
        if at[0] == c"/":
            if is_name(at + 1, b"body") or is_name(at + 1, b"html"):
                tag = at - 1
                at += 5
                while is_space(at[0]):
                    at += 1
                if at[0] == c">":
                    at += 1
                    ends.append((tag - start, at - start))
        elif at[0] == c"!" and at[1] == c"-" and at[2] == c"-":
            at += 3
            if at[0] != c">" and not (at[0] == c"-" and at[1] == c">"):
                at = past_comment(at, end)
        elif c"a" <= <uint8_t>at[0] | 0x20 <= c"z":
            if (is_name(at, b"script") and not is_word(at[6])) or (
                is_name(at, b"style") and not is_word(at[5])
            ):
                at = past_script(at + 5, end)
            else:
                tag = at
                quoted = 0
                at = past_tag(at + 1, end, &quoted)
                if at - tag - quoted >= least:
                    long_ones.append((tag - start, at - start))


cdef const char* past_comment(const char* at, const char* end) noexcept:
    while at < end:
        at = <const char*>memchr(at, c"-", end - at)
        if at is NULL:
            return end
        if at[1] == c"-" and at[2] == c">":
            return at
        at += 1
    return end


cdef const char* past_script(const char* at, const char* end) noexcept:
    while at < end:
        at = <const char*>memchr(at, c"<", end - at)
        if at is NULL:
            return end
        if at[1] == c"/" and (is_name(at + 2, b"script") or is_name(at + 2, b"style")):
            return at
        at += 1
    return end


cdef const char* past_tag(const char* at, const char* end, Py_ssize_t* quoted) noexcept:
    """The `>` that ends a tag, not one in a quoted value; or the end of the page. The bytes of such
    values are added up."""
    cdef const char* quote
    while at < end and at[0] != c">":
        if at[0] != c"=":
            at += 1
            continue
        at += 1
        while is_space(at[0]):
            at += 1
        if at[0] == c'"' or at[0] == c"'":
            quote = <const char*>memchr(at + 1, at[0], end - at - 1)
            if quote is not NULL:  # an open one quotes nothing
                quoted[0] += quote + 1 - at
                at = quote + 1
        else:
            while at < end and at[0] != c">" and not is_space(at[0]):
                at += 1
    return at


cdef inline bint is_space(char byte) noexcept:
    return byte == c" " or 9 <= byte <= 13


cdef inline bint is_word(char byte) noexcept:
    return (c"a" <= <uint8_t>byte | 0x20 <= c"z") or c"0" <= byte <= c"9" or byte == c"_"


cdef inline bint is_name(const char* at, const char* name) noexcept:
    """Whether a name in lower case stands at a place, case aside; it may be the end."""
    while name[0]:
        if at[0] | 0x20 != name[0]:
            return False
        at += 1
        name += 1
    return True
