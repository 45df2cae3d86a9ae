"""The lexicon's file, read for `detector.lexicon.matcher`; part of `_lexicon.pyx`."""

from libc.string cimport memchr, memcmp

cdef enum:
    MOST_NAMES = 16


cdef struct Names:  # of roles, or of strengths
    const char* text[MOST_NAMES]
    Py_ssize_t size[MOST_NAMES]
    int n


cdef int names_of(Names* names, list given) except -1:
    if len(given) > MOST_NAMES:
        raise ValueError("too many names")
    names.n = 0
    for name in given:
        names.text[names.n], names.size[names.n] = <bytes>name, len(name)
        names.n += 1
    return 0


cdef int number_of(const Names* names, const char* text, Py_ssize_t size) noexcept nogil:
    """The number of a name, or -1."""
    cdef int i
    for i in range(names.n):
        if names.size[i] == size and not memcmp(names.text[i], text, size):
            return i
    return -1


def read_rows(
    bytes body not None,
    list roles not None,
    list strengths not None,
    bytes stem not None,
    int64_t[::1] role_ids,
    int64_t[::1] strength_ids,
):
    """Fill the numbers of the rows' roles and strengths from the lines of the lexicon's files.

    Args:
        body: lines of role, strength, term and source, a tab between two.
        roles, strengths: their names, in UTF-8.
        stem: what is written for an asterisk, in two bytes.
        role_ids, strength_ids: as long as there are lines.

    Returns:
        The terms, a line feed between two; None if a row has another form, or such a name.
    """
    cdef Names known_roles, known_strengths
    cdef Py_ssize_t row, n = role_ids.shape[0], i
    cdef const char* at = body
    cdef const char* stop = at + len(body)
    cdef const char* field[5]
    names_of(&known_roles, roles)
    names_of(&known_strengths, strengths)
    if strength_ids.shape[0] != n or len(stem) != 2:
        raise ValueError("as many strengths as roles, and two bytes for a stem, please")
    cdef const char* instead = stem
    terms = bytearray(len(body) + body.count(b"*") + 1)
    cdef char* first = terms
    cdef char* out = first
    for row in range(n):
        field[0] = at
        for i in range(4):
            at = <const char*>memchr(at, b"\t" if i < 3 else b"\n", stop - at)
            if at is NULL:
                return None
            at += 1
            field[i + 1] = at
        role_ids[row] = number_of(&known_roles, field[0], field[1] - field[0] - 1)
        strength_ids[row] = number_of(&known_strengths, field[1], field[2] - field[1] - 1)
        if role_ids[row] < 0 or strength_ids[row] < 0:
            return None
        for i in range(field[3] - field[2] - 1):
            if field[2][i] == b"\n":
                return None
            if field[2][i] == b"*":
                out[0], out[1] = instead[0], instead[1]
                out += 2
            else:
                out[0] = field[2][i]
                out += 1
        out[0] = b"\n"
        out += 1
    if at != stop or not n:
        return None
    return first[: out - first - 1].decode("utf-8")


def first_alike(
    const uint16_t[::1] codes, const int64_t[::1] starts, const int64_t[::1] role_ids,
    int64_t[::1] first,
):
    """Fill the first term of the same characters and role as each; of none, that is itself.

    Args:
        codes, starts: as of `Terms`.
    """
    cdef int64_t n = starts.shape[0], row, other, size
    cdef uint64_t n_slots = 64, slot
    cdef const uint16_t* code
    if not n == role_ids.shape[0] == first.shape[0] or n > INT32_MAX - 1:
        raise ValueError("one entry for each term, please")
    while n_slots < 2 * <uint64_t>n:
        n_slots *= 2
    cdef int32_t* slots = <int32_t*>calloc(n_slots, sizeof(int32_t))
    if slots is NULL:
        raise MemoryError
    for row in range(n):
        code = &codes[starts[row]]
        size = 0
        while code[size] != BREAK:
            size += 1
        first[row] = row
        if not size:
            continue
        slot = (hash_of(code, size) + <uint64_t>role_ids[row]) & (n_slots - 1)
        while slots[slot]:
            other = slots[slot] - 1
            if role_ids[other] == role_ids[row] and is_same(&codes[starts[other]], code, size):
                first[row] = other
                break
            slot = (slot + 1) & (n_slots - 1)
        else:
            slots[slot] = <int32_t>row + 1
    free(slots)
