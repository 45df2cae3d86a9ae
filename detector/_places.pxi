"""Searching numbers that ascend; for `_consent` and `_candidates`."""

cdef inline int64_t place_of(const Number[::1] ascending, int64_t value) noexcept nogil:
    """How many are less."""
    cdef int64_t low = 0, high = ascending.shape[0], middle
    while low < high:
        middle = (low + high) >> 1
        if ascending[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low
