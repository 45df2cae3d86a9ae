"""Which block a word is in; for `_topic` and `_scores`."""

cdef struct Cursor:  # goes through the words of a page in order; starts as Cursor(-1, 0)
    Py_ssize_t block  # that the word is in
    Py_ssize_t end  # of the block's words


cdef inline void move_to(Cursor* cursor, Py_ssize_t word, const Number* owned) noexcept nogil:
    """owned: words of each block."""
    while word >= cursor.end:
        cursor.block += 1
        cursor.end += owned[cursor.block]


cdef int check_owned(const Number[::1] owned, Py_ssize_t n) except -1:
    """ValueError unless the blocks have `n` words together; `move_to` goes no further then."""
    cdef Py_ssize_t i, total = 0
    for i in range(owned.shape[0]):
        if owned[i] < 0:
            raise ValueError("a block has less than no words")
        total += owned[i]
    if total != n or n > INT32_MAX:
        raise ValueError(f"the blocks have {total} words, not {n}")
    return 0
