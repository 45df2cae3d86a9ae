"""What the walk asks of UTF-8 text; part of `_walk.pyx`."""

cdef uint64_t HIGH_BITS = 0x8080808080808080
cdef uint64_t ONES = 0x0101010101010101

# --- characters -----------------------------------------------------------------------------------

cdef inline uint32_t character(const uint8_t** at) noexcept nogil:
    """The character at a place, which moves on. The text is sound UTF-8 and ends with NUL."""
    cdef const uint8_t* p = at[0]
    cdef uint32_t code = p[0]
    cdef int more = 0 if code < 0x80 else 1 if code < 0xE0 else 2 if code < 0xF0 else 3
    at[0] = p + 1
    if more:
        code &= 0x3F >> more
        while more and at[0][0] & 0xC0 == 0x80:
            code = code << 6 | (at[0][0] & 0x3F)
            at[0] += 1
            more -= 1
    return code


cdef bint is_space(const char* text) noexcept:
    cdef const uint8_t* at = <const uint8_t*>text
    cdef uint32_t code
    while at[0]:
        if at[0] == c" " or 9 <= at[0] <= 13:
            at += 1
            continue
        code = character(&at)
        if not Py_UNICODE_ISSPACE(code):  # a macro, which looks at its argument twice
            return False
    return True


cdef inline int64_t n_characters(const char* text, size_t size) noexcept nogil:
    cdef int64_t n = size
    cdef uint64_t eight
    while size >= 8:
        memcpy(&eight, text, 8)
        if eight & HIGH_BITS:  # of the bytes 10xxxxxx, which are no character's first
            n -= (((eight >> 7) & ~(eight >> 6) & ONES) * ONES) >> 56
        text += 8
        size -= 8
    while size:
        n -= (<uint8_t>text[0] & 0xC0) == 0x80
        text += 1
        size -= 1
    return n


cdef inline bint starts(const char* text, const char* word) noexcept nogil:
    """Whether a text begins with a word in lower case, case aside."""
    while word[0]:
        if (text[0] | 0x20 if c"A" <= text[0] <= c"Z" else text[0]) != word[0]:
            return False
        text += 1
        word += 1
    return True


cdef const char* past_spaces(const char* text) noexcept:
    cdef const uint8_t* at = <const uint8_t*>text
    cdef const uint8_t* next_ = at
    cdef uint32_t code = character(&next_)
    while code and Py_UNICODE_ISSPACE(code):
        at = next_
        code = character(&next_)
    return <const char*>at


cdef bint declares(const char* text, const char* key, const char* value) noexcept:
    """Whether a style begins with a declaration."""
    if not starts(text, key):
        return False
    text = past_spaces(text + strlen(key))
    return text[0] == c":" and starts(past_spaces(text + 1), value)


cdef bint hides(const char* style) noexcept:
    cdef char letter
    while style[0]:
        letter = style[0] | 0x20
        if letter == c"d" and declares(style, b"display", b"none"):
            return True
        if letter == c"v" and declares(style, b"visibility", b"hidden"):
            return True
        style += 1
    return False


cdef bint names_control(const char* names, size_t size) noexcept:
    r"""Whether `\b(?:btn|button)|button\b` is found in a name, case aside."""
    cdef size_t i
    for i in range(1, size):
        if names[i] | 0x20 != c"b":
            continue
        if starts(names + i, b"button"):
            if not is_word_before(names, i) or not is_word_at(names, i + 6, size):
                return True
        elif starts(names + i, b"btn") and not is_word_before(names, i):
            return True
    return False


cdef bint is_word_before(const char* names, size_t i) noexcept:
    i -= 1
    while i and <uint8_t>names[i] & 0xC0 == 0x80:
        i -= 1
    cdef const uint8_t* at = <const uint8_t*>names + i
    return is_word(character(&at))


cdef bint is_word_at(const char* names, size_t i, size_t size) noexcept:
    cdef const uint8_t* at = <const uint8_t*>names + i
    return i < size and is_word(character(&at))


cdef inline bint is_word(uint32_t code) noexcept:
    return code == c"_" or Py_UNICODE_ISALNUM(code)
