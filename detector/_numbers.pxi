"""Numbers of a model's text; part of `_forest.pyx`."""

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(str text, Py_ssize_t* size) except NULL
    bint PyUnicode_IS_ASCII(str text)
    double PyOS_string_to_double(const char* text, char** end, void* overflow) except? -1.0

cdef enum:
    MOST_DIGITS = 18  # of an integer: as many as are surely in range


def read_integers(list rows, list sizes, int64_t[::1] numbers):
    """The rows of a model's text, joined, as integers; false if one has another form, or size.

    Args:
        rows: texts of numbers, a space between two.
        sizes: how many each should have.
        numbers: as many as all of them together; to be filled.
    """
    cdef Py_ssize_t at = 0, i, length, last
    cdef const char* text
    cdef const char* stop
    cdef const char* start
    cdef int64_t value
    cdef bint negative
    for i in range(len(rows)):
        last = at + <Py_ssize_t>sizes[i]
        if last > numbers.shape[0] or not PyUnicode_IS_ASCII(rows[i]):
            return False
        text = PyUnicode_AsUTF8AndSize(rows[i], &length)
        stop = text + length
        while at < last:
            negative = text[0] == b"-"
            text += negative
            start, value = text, 0
            while b"0" <= text[0] <= b"9" and text - start < MOST_DIGITS:
                value = 10 * value + (text[0] - 48)
                text += 1
            if text == start:
                return False
            numbers[at] = -value if negative else value
            at += 1
            if text[0] != b" " if at < last else text != stop:
                return False
            text += 1
    return at == numbers.shape[0]


def read_decimals(list rows, list sizes, double[::1] numbers):
    """The same of decimal fractions, rounded as Python rounds them."""
    cdef Py_ssize_t at = 0, i, length, last
    cdef const char* text
    cdef const char* stop
    cdef char* end
    for i in range(len(rows)):
        last = at + <Py_ssize_t>sizes[i]
        if last > numbers.shape[0] or not PyUnicode_IS_ASCII(rows[i]):
            return False
        text = PyUnicode_AsUTF8AndSize(rows[i], &length)
        stop = text + length
        while at < last:
            if not is_decimal(text[0]):  # no number, or a name of one
                return False
            try:
                numbers[at] = PyOS_string_to_double(text, &end, NULL)
            except ValueError:
                return False
            at += 1
            if end[0] != b" " if at < last else end != stop:
                return False
            text = end + 1
    return at == numbers.shape[0]


def may_be_decimals(list rows, list sizes):
    """Whether each row holds so many words of nothing but the characters of decimal fractions."""
    cdef Py_ssize_t i, k, length, spaces
    cdef const char* text
    for i in range(len(rows)):
        if not PyUnicode_IS_ASCII(rows[i]):
            return False
        text = PyUnicode_AsUTF8AndSize(rows[i], &length)
        spaces = 0
        for k in range(length):
            if text[k] == b" ":
                spaces += 1
            elif not is_decimal(text[k]):
                return False
        if not length or spaces + 1 != <Py_ssize_t>sizes[i]:
            return False
    return True


cdef inline bint is_decimal(char c) noexcept nogil:
    return b"0" <= c <= b"9" or c == b"." or c == b"-" or c == b"+" or c == b"e"
