# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.features.scores` in one pass over ancestors and one over words."""

from libc.math cimport INFINITY, isnan, sqrt
from libc.stdint cimport INT32_MAX, int32_t, int64_t
from libc.stdlib cimport calloc, free

include "_number.pxi"
include "_owned.pxi"

cdef enum:
    TOGETHER = 1024  # words of which those with a score are found before they are summed up


cdef struct Sums:
    double total
    double count


cdef struct Block:
    double total
    double count
    double low
    double high
    double first


cdef inline double ratio(double numerator, double denominator) noexcept nogil:
    return numerator / denominator if denominator != 0 else 0


def names(
    const Number[::1] parent,
    const double[::1] score,
    const Number[::1] element,
    int64_t limit,
    double far,
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
):
    """Fill the ten columns of the scores along the ancestors, from `first` on.

    parent, score: (e,), NaN where a score is not known, as the root's; element: (b,).
    limit: how many of its ancestors, itself included, are looked at.
    far: how far away the lowest score is where none is known.
    start: the block that the matrix's first row is of.
    """
    cdef Py_ssize_t i, step, lowest
    cdef int64_t at
    cdef double total, low, high, value
    cdef int count
    cdef float* row
    if parent.shape[0] != score.shape[0]:
        raise ValueError("one entry for each element, please")
    if matrix.shape[1] < first + 10 or not 0 <= start <= element.shape[0] - matrix.shape[0]:
        raise ValueError("one entry for each block, please")
    for i in range(start, start + matrix.shape[0]):
        row = &matrix[i - start, first]
        for step in range(10):
            row[step] = 0
        at = element[i]
        total, low, high = 0, INFINITY, -INFINITY
        count = lowest = 0
        for step in range(limit):
            value = score[at]
            if not isnan(value):
                if step < 2:
                    row[step] = <float>value  # its own, its parent's
                if count < 3:
                    row[7 + count] = <float>value
                total += value
                count += 1
                if value < low:
                    low, lowest = value, step
                high = max(high, value)
            if not at:
                break
            at = parent[at]
        row[2] = <float>total
        row[3] = <float>(total / max(count, 1))
        row[4] = <float>low if count else 0
        row[5] = <float>lowest if count else <float>far
        row[6] = <float>high if count else 0


cdef inline void tell(const Block* of, float* row, Sums* under) noexcept nogil:
    """What is said of a block that has words with a score, and what it adds to its element's."""
    row[0] = <float>(of.total / of.count)
    row[1], row[2], row[3] = <float>of.low, <float>of.high, <float>of.first
    row[4] = <float>(of.total / sqrt(of.count))
    under.total += of.total
    under.count += of.count


def words(
    const Number[::1] number,
    const double[::1] score,
    const Number[::1] owned,
    const Number[::1] element,
    const Number[::1] end,
    const Number[:, ::1] levels,
    float[:, ::1] rows,
    Py_ssize_t n_levels,
):
    """Fill `rows` with the columns of the scores of words, five and `n_levels`.

    number: of the page's words, (w,), in order; score: of the distinct ones, (d,), NaN where it is
    not known; end: (e,).
    owned, element: words and element of each block, (b,); levels: (b, n_levels at least), ancestors.
    """
    cdef Py_ssize_t n = element.shape[0], n_words = number.shape[0], i, k, level, begin, n_known
    cdef int32_t[TOGETHER] known
    cdef int64_t at = -1
    cdef Cursor cursor = Cursor(-1, 0)
    cdef double value
    cdef Block of = Block(0, 0, 0, 0, 0)
    cdef Sums under
    cdef float* row
    check_owned(owned, n_words)
    if (not n == owned.shape[0] == levels.shape[0] == rows.shape[0] or levels.shape[1] < n_levels
            or rows.shape[1] != 5 + n_levels):
        raise ValueError("one entry for each block, please")
    cdef Sums* before = <Sums*>calloc(end.shape[0] + 1, sizeof(Sums))  # sums before each element
    try:
        if before is NULL:
            raise MemoryError
        rows[:] = 0
        for begin in range(0, n_words, TOGETHER):
            n_known = 0
            for i in range(begin, min(begin + TOGETHER, n_words)):
                known[n_known] = <int32_t>i  # of the next one, if this is none
                n_known += not isnan(score[number[i]])
            for k in range(n_known):
                i = known[k]
                value = score[number[i]]
                move_to(&cursor, i, &owned[0])
                if cursor.block != at:  # words come block by block
                    if at >= 0:
                        tell(&of, &rows[at, 0], &before[element[at] + 1])
                    at = cursor.block
                    of = Block(0, 0, 0, 0, value)
                of.total += value
                of.count += 1
                of.low = min(of.low, value)
                of.high = max(of.high, value)
        if at >= 0:
            tell(&of, &rows[at, 0], &before[element[at] + 1])
        for i in range(end.shape[0]):
            before[i + 1].total += before[i].total
            before[i + 1].count += before[i].count
        for i in range(n):
            row = &rows[i, 0]
            for level in range(n_levels):
                at = levels[i, level]
                under.total = before[end[at]].total - before[at].total
                under.count = before[end[at]].count - before[at].count
                row[5 + level] = <float>ratio(under.total, under.count)
    finally:
        free(before)
