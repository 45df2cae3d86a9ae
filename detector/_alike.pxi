"""Which of many hashes are the same; for `_words` and `_repetition`."""

include "_mixing.pxi"


cdef uint64_t slots_for(Py_ssize_t n) noexcept nogil:
    cdef uint64_t slots = 16
    while slots < 2 * <uint64_t>n:
        slots *= 2
    return slots


cdef int find_alike(const uint64_t* hashes, Py_ssize_t n, int32_t* out) except -1:
    """Fill `out` with the number of the first entry that has the same hash as each."""
    cdef Py_ssize_t i
    cdef uint64_t mask = slots_for(n - n // 4) - 1, slot  # two thirds full at most
    if n > INT32_MAX:
        raise ValueError("too many hashes")
    cdef uint32_t* slots = <uint32_t*>calloc(mask + 1, sizeof(uint32_t))  # numbers from 1
    if slots is NULL:
        raise MemoryError
    for i in range(n):
        slot = mixed(hashes[i]) & mask
        while slots[slot] and hashes[slots[slot] - 1] != hashes[i]:
            slot = (slot + 1) & mask
        if not slots[slot]:
            slots[slot] = <uint32_t>(i + 1)
        out[i] = <int32_t>(slots[slot] - 1)
    free(slots)
    return 0
