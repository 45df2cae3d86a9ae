"""Numbers in a text, read as Python reads them; part of `_forest.pyx` and `_names.pyx`."""

from libc.math cimport fma
from libc.string cimport strncmp

cdef extern from "Python.h":
    double PyOS_string_to_double(const char* text, char** end, void* overflow) except? -1.0

cdef extern from "<float.h>":
    const int FLT_EVAL_METHOD  # 0 where a double is not reckoned with in more digits than it has

cdef enum:
    MOST_DIGITS = 18  # of an integer: as many as are surely in range
    MOST_DECIMALS = 22  # up to which a power of ten is a double
cdef double* TENS = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]
cdef uint64_t SEVENTEEN_DIGITS = 100_000_000_000_000_000ULL  # one more than their largest number
cdef double DOUBT = 2.0 ** -40  # of the part of a quotient that rounding leaves: far above its error


cdef struct Slow:  # a number that took long to read, and that may stand there again
    const char* text
    Py_ssize_t size
    double value


cdef inline bint is_digit(char c) noexcept nogil:
    return b"0" <= c <= b"9"


cdef inline const char* read_integer(const char* text, int64_t* value) noexcept nogil:
    """What is behind the integer that stands there; NULL if none does, or a very large one."""
    cdef bint negative = text[0] == b"-"
    cdef int64_t found = 0
    text += negative
    cdef const char* start = text
    while is_digit(text[0]) and text - start < MOST_DIGITS:
        found = 10 * found + (text[0] - 48)
        text += 1
    value[0] = -found if negative else found
    if text == start or is_digit(text[0]):
        return NULL
    return text


cdef inline const char* read_decimal(const char* text, double* value, Slow* slow) except? NULL:
    """What is behind the decimal fraction that stands there; NULL if none does, or a large one.

    text: ends with a NUL.
    """
    cdef const char* at = text
    cdef bint negative = text[0] == b"-"
    cdef uint64_t digits = 0
    cdef int n_digits = 0, n_decimals = 0
    cdef char* end
    at += negative
    while is_digit(at[0]) and digits < SEVENTEEN_DIGITS:
        digits = 10 * digits + (at[0] - 48)
        n_digits += 1
        at += 1
    if at[0] == b".":
        at += 1
        while is_digit(at[0]) and digits < SEVENTEEN_DIGITS:
            digits = 10 * digits + (at[0] - 48)
            n_digits += 1
            n_decimals += 1
            at += 1
    # Seventeen digits divided by a power of ten, as the sum of two doubles: its rounding is the
    # number's if doubt about the smaller one changes nothing.
    cdef double high = <double>digits
    cdef double low = <double>(<int64_t>digits - <int64_t>high)
    cdef double power, quotient, rest
    if (
        n_digits and n_decimals <= MOST_DECIMALS and FLT_EVAL_METHOD == 0
        and not is_digit(at[0]) and at[0] != b"e" and at[0] != b"E"
    ):
        power = TENS[n_decimals]
        quotient = high / power
        rest = (fma(-quotient, power, high) + low) / power
        if quotient + rest * (1 - DOUBT) == quotient + rest * (1 + DOUBT):
            value[0] = -(quotient + rest) if negative else quotient + rest
            return at
    if slow.size and not strncmp(text, slow.text, slow.size) and not is_in_decimal(text[slow.size]):
        value[0] = slow.value
        return text + slow.size
    if not is_in_decimal(text[0]):  # no number, or a name of one
        return NULL
    try:
        value[0] = PyOS_string_to_double(text, &end, NULL)
    except ValueError:
        return NULL
    slow.text, slow.size, slow.value = text, end - text, value[0]
    return end


cdef inline bint is_in_decimal(char c) noexcept nogil:
    return is_digit(c) or c == b"." or c == b"-" or c == b"+" or c == b"e"
