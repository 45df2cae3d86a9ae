"""What makes places in hash tables of numbers."""

# Keys of the hash tables; random, so that no page can be written that makes them slow.
cdef uint64_t SEED, FACTOR
SEED, FACTOR = (int.from_bytes(os.urandom(8), "little") | 1 for _ in range(2))


cdef inline uint64_t mixed(uint64_t value) noexcept nogil:
    value *= FACTOR
    value ^= value >> 32
    value *= SEED
    return value ^ (value >> 29)
