"""What terms are found by, and what was found; part of `_lexicon.pyx`."""

# A term of a hash, and what its next four characters must be: those of them that are certain.
cdef struct Row:
    uint64_t next
    uint64_t mask
    int64_t number


# Terms by a hash of their first characters; `detector.lexicon.index.Index`.
cdef struct Sized:
    int size
    uint64_t low  # which of the first eight characters those are
    uint64_t high
    int shift  # of a hash, to its bit
    uint8_t* bits  # by upper bits of a hash: may it be that of a term?
    uint32_t* first  # by fewer of them: how many hashes are less
    const uint64_t* hashes
    const int64_t* edges
    Row* rows
    int64_t n


cdef struct Match:
    int64_t start
    int64_t end
    int64_t row
    int64_t origin  # of the start


cdef struct Matches:
    Match* at
    int64_t n
    int64_t room


cdef int by_place(const void* one, const void* other) noexcept nogil:
    cdef const Match* a = <const Match*>one
    cdef const Match* b = <const Match*>other
    if a.start != b.start:
        return -1 if a.start < b.start else 1
    if a.end != b.end:
        return -1 if a.end > b.end else 1
    return (a.row > b.row) - (a.row < b.row)


cdef inline uint64_t units(int size) noexcept:
    """The bits of so many characters, 0 to 4."""
    return ~<uint64_t>0 if size == 4 else (<uint64_t>1 << 16 * size) - 1


cdef inline uint64_t four(const uint16_t* codes) noexcept nogil:
    """Four characters from a place; a line's end reads as a word's."""
    cdef uint64_t packed, zeros
    cdef int place
    memcpy(&packed, codes, sizeof(packed))
    # Is one of them a line's end? (Where a lane is 0, its highest bit is set here.)
    zeros = packed ^ 0x000A000A000A000AULL
    if (zeros - 0x0001000100010001ULL) & ~zeros & 0x8000800080008000ULL:
        for place in range(4):
            if packed >> 16 * place & 0xFFFF == BREAK:
                packed ^= <uint64_t>(BREAK ^ SPACE) << 16 * place
    return packed


cdef inline int64_t place_of(const Sized* sized, uint64_t hash_) noexcept nogil:
    """Where a hash stands among those of terms, or -1."""
    cdef int64_t at = sized.first[hash_ >> (64 - FIRST_BITS)]
    cdef int64_t end = sized.first[(hash_ >> (64 - FIRST_BITS)) + 1]
    while at < end and sized.hashes[at] < hash_:
        at += 1
    return at if at < end and sized.hashes[at] == hash_ else -1


cdef uint64_t hash_of(const uint16_t* codes, int64_t n) noexcept nogil:
    cdef uint64_t state = 0xCBF29CE484222325ULL  # FNV-1a
    cdef int64_t i
    for i in range(n):
        state = (state ^ codes[i]) * 0x100000001B3ULL
    return state ^ state >> 32


cdef bint is_same(const uint16_t* term, const uint16_t* codes, int64_t n) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        if term[i] != codes[i]:
            return False  # at its end at the latest: no label holds a line feed
    return term[n] == BREAK
