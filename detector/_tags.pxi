"""What tags are to the walk, and how cues begin; part of `_walk.pyx`."""

# What a tag is to the walk, as `detector.blocks` has it.
cdef struct Facts:
    int64_t code
    bint anchor
    bint page_wide
    bint block
    int64_t bits
    bint skipped
    bint breaks
    bint hides


# Of ASCII characters: what they are in lower case where they are part of a word, or 0.
cdef uint8_t[128] WORD
for _character in range(128):
    WORD[_character] = (
        ord(chr(_character).lower()) if chr(_character).isalnum() or _character == c"_" else 0
    )

cdef uint32_t FOLDS_TO_LETTER = 0x345  # the only character that is none and becomes one


@cython.final
cdef class Tags:
    """What tags are to the walk, and how cues begin.

    Args:
        tags: what each tag is to the walk: code, block, bits of state, skipped, breaks, hides.
        metadata: the tags that a head may hold.
        leading: characters that a cue may stand behind.
        cues: the cues, folded, by the characters that they are looked up by, two of them.
    """
    cdef Strings known, metadata
    cdef Facts* facts  # by number; the last is that of all other tags
    cdef int64_t n_known
    cdef bytes leading
    cdef dict cues
    cdef uint8_t[128][128] begins  # whether a cue begins with these two
    cdef uint64_t* openings  # first eight bytes of cues, a hash table
    cdef uint64_t n_openings

    def __cinit__(self, tags, metadata, leading, dict cues):
        self.known, self.metadata = Strings(), Strings()
        for tag in metadata:
            self.metadata.number(<bytes>tag.encode(), len(tag))
        self.n_known = len(tags)
        self.facts = <Facts*>calloc(len(tags) + 1, sizeof(Facts))
        if self.facts is NULL:
            raise MemoryError
        for tag, (code, block, bits, skipped, breaks, hidden) in tags.items():
            if not 0 <= code < 256:
                raise ValueError("codes of tags are numbers of eight bits")
            name = tag.encode()
            self.facts[self.known.number(name, len(name))] = Facts(
                code, tag == "a", tag in ("html", "body"), block, bits, skipped, breaks, hidden
            )
        self.leading = leading.encode("utf-32")[4:] + bytes(4)
        self.cues = cues
        terms = [term for of_key in cues.values() for term, _ in of_key]
        self.n_openings = 1 << (4 * len(terms) + 1).bit_length()
        self.openings = <uint64_t*>calloc(self.n_openings, sizeof(uint64_t))
        if self.openings is NULL:
            raise MemoryError
        for term in terms:
            opening = int.from_bytes(term.encode()[:8], "big")
            self.openings[self.opening_at(opening)] = opening
        for key in cues:
            if key.isascii():
                self.begins[<int>ord(key[0])][<int>ord(key[1])] = True

    def __dealloc__(self):
        free(self.facts)
        free(self.openings)

    cdef int64_t find(self, xmlNode* node) noexcept:
        """The number of a node's facts, by its tag: the name in its namespace, or behind a brace as `str` has it."""
        cdef const char* name = <const char*>node.name
        cdef const char* at = name
        cdef int64_t number = -1
        if node.type == XML_ELEMENT_NODE:
            if node.ns is NULL or node.ns.href is NULL:
                number = self.lookup(name)
            if number < 0:
                while at[0]:
                    at += 1
                    if (at - 1)[0] == c"}":
                        name = at
                number = self.lookup(name)
        return number if number >= 0 else self.n_known

    cdef int64_t lookup(self, const char* name) noexcept:
        return self.known.find(name, strlen(name))

    cdef bint may_cue(self, const char* text) except -1:
        """Whether a text may begin with a cue; one that does not is let through now and then."""
        cdef const uint8_t* at = <const uint8_t*>text
        cdef const uint8_t* second
        cdef uint32_t code = character(&at), next_
        while code and not (code < 0x80 and WORD[code]) and self.leads(code):
            code = character(&at)
        if not code:
            return False
        second = at
        next_ = character(&at)
        if not next_:  # they are longer
            return False
        if code >= 0x80 or next_ >= 0x80:
            return (chr(code) + chr(next_)).casefold() in self.cues
        code = code + 32 if c"A" <= code <= c"Z" else code
        if not self.begins[code][next_ + 32 if c"A" <= next_ <= c"Z" else next_]:
            return False
        return self.opens(code, second)

    cdef bint leads(self, uint32_t code) noexcept:
        cdef const uint32_t* leading = <const uint32_t*>PyBytes_AS_STRING(self.leading)
        while leading[0] and leading[0] != code:
            leading += 1
        return leading[0] != 0

    cdef bint opens(self, uint32_t code, const uint8_t* at) noexcept:
        """Whether a character and the text after it begin as a cue does, by eight bytes of words.

        Letters of other scripts are not looked at: they may.
        """
        cdef uint64_t start = 0
        cdef bint parted = False
        cdef int n = 0
        while code:
            if code < 0x80 and WORD[code]:
                if parted and n:
                    start = start << 8 | c" "
                    n += 1
                    if n == 8:
                        break
                parted = False
                start = start << 8 | WORD[code]
                n += 1
                if n == 8 or self.openings[self.opening_at(start)]:
                    break
            elif code >= 0x80 and (Py_UNICODE_ISALNUM(code) or code == FOLDS_TO_LETTER):
                return True
            else:
                parted = True
            code = character(&at)
        return n > 0 and self.openings[self.opening_at(start)] != 0

    cdef inline uint64_t opening_at(self, uint64_t opening) noexcept:
        """Where an opening is in the table, or where it would be."""
        cdef uint64_t slot = opening * <uint64_t>0x9E3779B97F4A7C15 >> 32
        slot &= self.n_openings - 1
        while self.openings[slot] and self.openings[slot] != opening:
            slot = (slot + 1) & (self.n_openings - 1)
        return slot
