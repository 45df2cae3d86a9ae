"""What tags are to the walk, and how cues begin; part of `_walk.pyx`."""

# What a tag is to the walk, as `detector.blocks` has it.
cdef struct Facts:
    int64_t code
    bint block
    int64_t bits
    bint skipped
    bint breaks
    bint hides


cdef class Tags:
    """What tags are to the walk, and how cues begin.

    Args:
        tags: what each tag is to the walk: code, block, bits of state, skipped, breaks, hides.
        metadata: the tags that a head may hold.
        leading: characters that a cue may stand behind.
        cues: the cues, in lower case.
    """
    cdef Strings known, metadata
    cdef Facts* facts
    cdef bytes leading
    cdef uint8_t[65536] cues  # by a hash of what cues begin with
    cdef int64_t anchor, html, body

    def __cinit__(self, tags, metadata, leading, cues):
        self.known, self.metadata = Strings(), Strings()
        for tag in metadata:
            self.metadata.number(<bytes>tag.encode(), len(tag))
        self.facts = <Facts*>calloc(len(tags) + 1, sizeof(Facts))
        if self.facts is NULL:
            raise MemoryError
        for tag, (code, block, bits, skipped, breaks, hidden) in tags.items():
            name = tag.encode()
            self.facts[self.known.number(name, len(name))] = Facts(
                code, block, bits, skipped, breaks, hidden
            )
        self.anchor, self.html, self.body = (tags[tag][0] for tag in ("a", "html", "body"))
        self.leading = leading.encode("utf-32")[4:] + bytes(4)
        for cue in cues:
            self.cues[slot_of(int.from_bytes(cue.encode()[:8], "big"))] = True

    def __dealloc__(self):
        free(self.facts)

    cdef Facts find(self, xmlNode* node) noexcept:
        """Facts of a node's tag: the name in its namespace, or behind a brace as `str` has it."""
        cdef const char* name = <const char*>node.name
        cdef const char* at = name
        cdef int64_t number
        if node.type == XML_ELEMENT_NODE:
            if node.ns is NULL or node.ns.href is NULL:
                number = self.lookup(name)
                if number >= 0:
                    return self.facts[number]
            while at[0]:
                at += 1
                if (at - 1)[0] == c"}":
                    name = at
            number = self.lookup(name)
            if number >= 0:
                return self.facts[number]
        return Facts(0, False, 0, False, False, False)

    cdef int64_t lookup(self, const char* name) noexcept:
        return self.known.find(name, strlen(name))

    cdef bint may_cue(self, const char* text) noexcept:
        """Whether a text may begin with a cue, by eight characters of its words.

        Those in other scripts are not looked into: they may.
        """
        cdef const uint8_t* at = <const uint8_t*>text
        cdef const uint32_t* leading = <const uint32_t*>PyBytes_AS_STRING(self.leading)
        cdef uint32_t code = character(&at)
        cdef uint64_t start = 0
        cdef bint parted = False
        cdef int n = 0, i
        while code:  # what is before the words
            i = 0
            while leading[i] and leading[i] != code:
                i += 1
            if not leading[i]:
                break
            code = character(&at)
        while code and n < 8:
            if code >= 0x80:
                return True
            if code == c"_" or Py_UNICODE_ISALNUM(code):
                if parted and n:
                    start = start << 8 | c" "
                    n += 1
                    if n == 8:
                        return self.cues[slot_of(start)]
                parted = False
                start = start << 8 | (code | 0x20 if c"A" <= code <= c"Z" else code)
                n += 1
                if n > 1 and self.cues[slot_of(start)]:
                    return True
            else:
                parted = True
            code = character(&at)
        return False


cdef inline uint32_t slot_of(uint64_t start) noexcept nogil:
    return <uint32_t>(start * <uint64_t>0x9E3779B97F4A7C15 >> 48)
