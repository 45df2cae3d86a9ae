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
    const Number* breaks,
    const Number* last_break,
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
    const Number* breaks,
    const Number* last_break,
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
    const Number* breaks,
    const Number* last_break,
    const uint32_t* table,
    const uint8_t* fates,
) noexcept:
    """With as few branches as can be: most characters of a page come by here."""
    cdef int64_t i = start, j, n = 0, n_starts = 0, end = start + 1, next_break = -1
    cdef uint32_t code, entry
    cdef uint8_t here, left = GAP, fate
    cdef bint is_word, in_word = False, may_be_plain
    cdef Plain plain
    # Of `into` nothing is read in the loop: what is written there might have changed it.
    cdef uint16_t* codes = into.codes
    cdef int64_t* starts = into.starts
    cdef int64_t* origin = into.origin
    while breaks < last_break and breaks[0] < start:
        breaks += 1
    may_be_plain = all_spaces(kind, data, stop, breaks, last_break)
    if breaks < last_break:
        next_break = breaks[0]
    while i < stop:
        # One by one up to `end`, then as many as are plain.
        while i < end:
            code = PyUnicode_READ(kind, data, i)
            if i == next_break:
                code = BREAK
                breaks += 1
                next_break = breaks[0] if breaks < last_break else -1
            i += 1
            entry = table[code if kind < 4 or code < 0xFFFF else 0xFFFF]
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
            origin[n_starts] = i - 1 - start
            n_starts += is_word & (not in_word)
            n += fate  # `DROP` or `KEEP`
            in_word = is_word
        if may_be_plain:
            while i + CHUNK <= stop and fold_plain(&plain, kind, data, i):
                while 0 <= next_break < i + CHUNK:
                    plain.codes[next_break - i] = BREAK
                    plain.kept[next_break - i] = 1
                    breaks += 1
                    next_break = breaks[0] if breaks < last_break else -1
                for j in range(CHUNK):
                    codes[n] = plain.codes[j]
                    starts[n_starts] = n
                    origin[n_starts] = i + j - start
                    n_starts += plain.begins[j]
                    n += plain.kept[j]
                i += CHUNK
                in_word = codes[n - 1] > SPACE if plain.kept[CHUNK - 1] else False
                left = plain_kind(<uint16_t>PyUnicode_READ(kind, data, i - 1))
        end = min(i + CHUNK, stop)
    codes[n] = BREAK
    memset(codes + n + 1, 0, WINDOW * sizeof(uint16_t))
    into.n, into.n_starts, into.n_dense = n + 1, n_starts, 0
    return True


# --- plain characters -----------------------------------------------------------------------------

# What nearly all text consists of is folded by rules, for many characters at once: letters, digits
# and punctuation of ASCII, typographic punctuation, spaces that don't break. There are no branches,
# and all that is asked has all bits set or none, so that compilers make vectors of it.
cdef struct Plain:
    uint16_t[CHUNK] codes  # what each character becomes
    uint16_t[CHUNK] kept  # 1 if that is kept
    uint16_t[CHUNK] begins  # 1 if it begins a word


cdef inline uint16_t all_bits(bint is_so) noexcept nogil:
    return <uint16_t>(-<int>is_so)


cdef inline uint16_t is_plain(uint16_t c) noexcept nogil:
    return all_bits(c < 0x80) | all_bits(c == 0xA0) | all_bits(<uint16_t>(c - 0x2010) < 0x17)


cdef inline uint16_t is_lower(uint16_t c) noexcept nogil:
    return all_bits(<uint16_t>(c - 0x61) < 26)


cdef inline uint16_t is_upper(uint16_t c) noexcept nogil:
    return all_bits(<uint16_t>(c - 0x41) < 26)


cdef inline uint16_t is_alphanumeric(uint16_t c) noexcept nogil:
    return is_lower(c) | is_upper(c) | all_bits(<uint16_t>(c - 0x30) < 10)


cdef inline uint16_t is_stop(uint16_t c) noexcept nogil:
    return (
        all_bits(<uint16_t>(c - 0x0A) < 3) | all_bits(c == 0x21) | all_bits(c == 0x2E)
        | all_bits(c == 0x3B) | all_bits(c == 0x3F) | all_bits(c == 0x7C) | all_bits(c == 0x2022)
        | all_bits(c == 0x2026)
    )


cdef inline uint8_t plain_kind(uint16_t c) noexcept nogil:
    return (
        LOWER if is_lower(c) else UPPER if is_upper(c) else WORD if is_alphanumeric(c)
        else STOP if is_stop(c) else GAP
    )


cdef bint agrees(const uint32_t[::1] table, const uint8_t[::1] fates) noexcept:
    """Whether the tables say the same of plain characters."""
    cdef uint32_t c, code
    cdef int left, here
    cdef uint8_t fate
    for c in range(0x2027):  # none behind these is plain
        if is_plain(c):
            code = c | 0x20 if is_upper(c) else c
            code = code if is_alphanumeric(c) else BREAK if is_stop(c) else SPACE
            if table[c] != (code | <uint32_t>plain_kind(c) << 16):
                return False
    for left in (GAP, WORD, LOWER, UPPER, STOP):
        for here in (GAP, WORD, LOWER, UPPER, STOP):
            fate = PART if left == LOWER and here == UPPER else KEEP
            if here == GAP and (left == GAP or left == STOP):
                fate = DROP
            if fates[left << 3 | here] != fate:
                return False
    return True


cdef inline bint fold_plain(Plain* into, int kind, const void* data, int64_t at) noexcept:
    """Fold a chunk of text; False if it, and the character before it, are not all plain, or if a
    space would have to be put between two."""
    cdef int j
    cdef Py_UCS4 code = PyUnicode_READ(kind, data, at - 1)
    cdef uint16_t c, before, word, upper, stop, after_word
    cdef uint16_t odd = ~is_plain(<uint16_t>code) | all_bits(code > 0xFFFF)
    for j in range(CHUNK):
        code = PyUnicode_READ(kind, data, at + j)
        odd |= all_bits(code > 0xFFFF)
        c, before = <uint16_t>code, <uint16_t>PyUnicode_READ(kind, data, at + j - 1)
        word, upper, stop = is_alphanumeric(c), is_upper(c), is_stop(c)
        after_word = is_alphanumeric(before)
        odd |= ~is_plain(c) | (upper & is_lower(before))
        into.codes[j] = word & (c | (upper & 0x20)) | stop & BREAK | ~(word | stop) & SPACE
        into.kept[j] = (word | stop | after_word) & 1
        into.begins[j] = word & ~after_word & 1
    return not odd


cdef bint all_spaces(
    int kind, const void* data, int64_t stop, const Number* breaks, const Number* last_break
) noexcept:
    """Whether it is in the place of spaces that line feeds are read."""
    while breaks < last_break and breaks[0] < stop:
        if PyUnicode_READ(kind, data, breaks[0]) != SPACE:
            return False
        breaks += 1
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
