"""Rows of numbers that grow; part of `_walk.pyx`, which makes columns of them at the end."""

cdef struct Rows:
    Number* at
    int64_t n
    int64_t room


cdef inline Number* next_row(Rows* rows, int width) except NULL:
    """A new row, to be filled."""
    cdef Number* moved
    cdef int64_t room
    if rows.n == rows.room:
        room = 2 * rows.room if rows.room else 512
        moved = <Number*>realloc(rows.at, room * width * sizeof(Number))
        if moved is NULL:
            raise MemoryError
        rows.at, rows.room = moved, room
    rows.n += 1
    return rows.at + (rows.n - 1) * width


cdef bytearray column_of(const Rows* rows, int width, int number, int64_t n):
    """A column of the first rows, as bytes."""
    cdef bytearray made = PyByteArray_FromStringAndSize(NULL, n * sizeof(Number))
    cdef Number* column = <Number*>PyByteArray_AS_STRING(made)
    cdef int64_t i
    for i in range(n):
        column[i] = rows.at[i * width + number]
    return made
