"""Folding; part of `_lexicon.pyx`. `detector.lexicon.folding` says what it is."""

# --- folding --------------------------------------------------------------------------------------

# A canonical text: `detector.lexicon.folding.Folded` says what is in it.
cdef struct Canonical:
    uint16_t* codes
    int64_t* origin
    int64_t* starts
    int64_t* dense
    int64_t n
    int64_t n_starts
    int64_t n_dense


cdef int fold_into(
    Canonical* into,
    int kind,
    const void* data,
    int64_t start,
    int64_t stop,
    const int64_t* breaks,
    const int64_t* last_break,
    const uint32_t* table,
    const uint8_t* fates,
) except -1:
    """Fold a piece of a text. The arrays have room for twice its length and one more, `codes` for a
    window behind that.

    At each of `breaks`, offsets that ascend, a line feed is read.
    """
    cdef int64_t size = stop - start, i, n = 0, kept = 0
    cdef uint32_t code, entry
    cdef uint8_t here, left = GAP, fate
    cdef bint has_dense = False, in_word = False
    cdef uint16_t* codes = into.codes
    cdef int64_t* origin = into.origin
    cdef uint8_t* kinds = <uint8_t*>malloc(2 * size + 1)
    if kinds is NULL:
        raise MemoryError
    into.n_starts = into.n_dense = 0
    while breaks < last_break and breaks[0] < start:
        breaks += 1
    for i in range(start, stop):
        code = PyUnicode_READ(kind, data, i)
        if breaks < last_break and breaks[0] == i:
            code = BREAK
            breaks += 1
        entry = table[code if code < 0xFFFF else 0xFFFF]
        if not entry & 0xFFFF:
            continue
        here = entry >> 16
        fate = fates[left << 3 | here]
        left = here
        if fate == DROP:
            continue
        if fate == PART:
            codes[n], origin[n], kinds[n] = SPACE, i - start, GAP
            n += 1
            in_word = False
        codes[n], origin[n], kinds[n] = <uint16_t>entry, i - start, here
        if <uint16_t>entry <= SPACE:
            in_word = False
        elif not in_word:
            in_word = True
            into.starts[into.n_starts] = n
            into.n_starts += 1
        n += 1
        has_dense = has_dense or here == DENSE
    kept = n
    if has_dense:
        kept = into.n_starts = 0
        in_word = False
        for i in range(n):
            if (kinds[i] == GAP and 0 < i < n - 1
                    and kinds[i - 1] == DENSE and kinds[i + 1] == DENSE):
                continue  # designers letter-space short labels
            if kinds[i] == DENSE:
                into.dense[into.n_dense] = kept
                into.n_dense += 1
            if codes[i] <= SPACE:
                in_word = False
            elif not in_word:
                in_word = True
                into.starts[into.n_starts] = kept
                into.n_starts += 1
            codes[kept], origin[kept] = codes[i], origin[i]
            kept += 1
    free(kinds)
    codes[kept], origin[kept] = BREAK, size
    memset(codes + kept + 1, 0, WINDOW * sizeof(uint16_t))
    into.n = kept + 1
    return 0


cdef bint fold_quickly(
    Canonical* into,
    int kind,
    const void* data,
    int64_t start,
    int64_t stop,
    const int64_t* breaks,
    const int64_t* last_break,
    const uint32_t* table,
    const uint8_t* fates,
) noexcept:
    """`fold_into` for a text without scripts that are written without spaces; False if it has some.

    Of `origin` only that of the starts is filled in, at the numbers of these. Room for a window
    behind the text is filled with zeros.
    """
    # One loop for each size of a character, of which the compiler makes three.
    if kind == 1:
        return fold_loop(into, 1, data, start, stop, breaks, last_break, table, fates)
    if kind == 2:
        return fold_loop(into, 2, data, start, stop, breaks, last_break, table, fates)
    return fold_loop(into, 4, data, start, stop, breaks, last_break, table, fates)


cdef inline bint fold_loop(
    Canonical* into,
    int kind,
    const void* data,
    int64_t start,
    int64_t stop,
    const int64_t* breaks,
    const int64_t* last_break,
    const uint32_t* table,
    const uint8_t* fates,
) noexcept:
    """With as few branches as can be: most characters of a page come by here."""
    cdef int64_t i, n = 0, n_starts = 0, next_break = -1
    cdef uint32_t code, entry
    cdef uint8_t here, left = GAP, fate
    cdef bint is_word, in_word = False
    # Of `into` nothing is read in the loop: what is written there might have changed it.
    cdef uint16_t* codes = into.codes
    cdef int64_t* starts = into.starts
    cdef int64_t* origin = into.origin
    while breaks < last_break and breaks[0] < start:
        breaks += 1
    if breaks < last_break:
        next_break = breaks[0]
    for i in range(start, stop):
        code = PyUnicode_READ(kind, data, i)
        if i == next_break:
            code = BREAK
            breaks += 1
            next_break = breaks[0] if breaks < last_break else -1
        entry = table[code if code < 0xFFFF else 0xFFFF]
        if not entry & 0xFFFF:
            continue
        here = entry >> 16
        fate = fates[left << 3 | here]
        left = here
        if here == DENSE:
            return False
        if fate == PART:
            codes[n] = SPACE
            n += 1
            in_word = False
            fate = KEEP
        is_word = <uint16_t>entry > SPACE
        codes[n] = <uint16_t>entry
        starts[n_starts] = n
        origin[n_starts] = i - start
        n_starts += is_word & (not in_word)
        n += fate  # `DROP` or `KEEP`
        in_word = is_word
    codes[n] = BREAK
    memset(codes + n + 1, 0, WINDOW * sizeof(uint16_t))
    into.n, into.n_starts, into.n_dense = n + 1, n_starts, 0
    return True


def fold(
    str text not None,
    const uint32_t[::1] table,
    const uint8_t[::1] fates,
    uint16_t[::1] codes,
    int64_t[::1] origin,
    int64_t[::1] starts,
    int64_t[::1] dense,
):
    """Fill the last four, each at least twice as long as the text and nine, from the others.

    Returns:
        The canonical text, and how many there are of codes, starts and dense.
    """
    cdef Py_ssize_t size = len(text)
    cdef Canonical into
    if min(len(codes), len(origin), len(starts), len(dense)) < 2 * size + 1 + WINDOW:
        raise ValueError("there must be room for twice the text and nine more")
    into.codes, into.origin, into.starts, into.dense = &codes[0], &origin[0], &starts[0], &dense[0]
    fold_into(
        &into, PyUnicode_KIND(text), PyUnicode_DATA(text), 0, size, NULL, NULL, &table[0], &fates[0]
    )
    return PyUnicode_FromKindAndData(2, &codes[0], into.n), into.n, into.n_starts, into.n_dense
