"""Pieces of text, and the memory for what is made of them; part of `_lexicon.pyx`."""

cdef int64_t behind_line(
    int kind, const void* data, int64_t start, int64_t stop, const Number* first, const Number* last
) noexcept:
    """Behind a line feed from start to stop, one of the last; -1 if there is none.

    first, last: offsets at which a line feed is read, none of them before start.
    """
    cdef int64_t at, line = -1
    while first < last and first[0] < stop:
        line = first[0]
        first += 1
    if line >= 0:
        return line + 1
    for at in range(stop - 1, start - 1, -1):
        if PyUnicode_READ(kind, data, at) == BREAK:
            return at + 1
    return -1


cdef int64_t behind_space(int kind, const void* data, int64_t start, int64_t stop) noexcept:
    """Behind the last space from start to stop, or stop."""
    cdef int64_t at
    for at in range(stop - 1, start - 1, -1):
        if PyUnicode_READ(kind, data, at) == SPACE:
            return at + 1
    return stop


cdef Py_ssize_t one_line(uint32_t* line, str text) noexcept:
    """A text's characters with single spaces between words; how many they are."""
    cdef Py_ssize_t i, n = 0
    cdef int kind = PyUnicode_KIND(text)
    cdef const void* data = PyUnicode_DATA(text)
    cdef Py_UCS4 code
    for i in range(PyUnicode_GET_LENGTH(text)):
        code = PyUnicode_READ(kind, data, i)
        if not Py_UNICODE_ISSPACE(code):
            line[n] = code
            n += 1
        elif n and line[n - 1] != SPACE:
            line[n] = SPACE
            n += 1
    return n - 1 if n and line[n - 1] == SPACE else n


cdef int reserve(Canonical* folded, int64_t room) except -1:
    """Room for so many characters and a window, in one piece that begins with the codes."""
    cdef size_t codes = ((room + WINDOW) * sizeof(uint16_t) + 7) // 8 * 8
    cdef char* at = <char*>malloc(codes + 3 * room * sizeof(int64_t))
    if at is NULL:
        raise MemoryError
    folded.codes = <uint16_t*>at
    folded.origin = <int64_t*>(at + codes)
    folded.starts = folded.origin + room
    folded.dense = folded.starts + room
    return 0


cdef int add(Matches* found, Match match) except -1:
    cdef Match* moved
    if found.n == found.room:
        found.room = 2 * found.room + 64
        moved = <Match*>realloc(found.at, found.room * sizeof(Match))
        if moved is NULL:
            raise MemoryError
        found.at = moved
    found.at[found.n] = match
    found.n += 1
    return 0
