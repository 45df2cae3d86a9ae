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
    bint carries


# Of ASCII characters: what they are in lower case where they are part of a word, or 0.
cdef uint8_t[128] WORD
for _character in range(128):
    WORD[_character] = (
        ord(chr(_character).lower()) if chr(_character).isalnum() or _character == c"_" else 0
    )

cdef uint32_t FOLDS_TO_LETTER = 0x345  # the only character that is none and becomes one

cdef enum:
    QUICK = 4  # first bytes of a cue by which most texts are told to have none
    N_QUICK = 4096
    OPENING = 8  # first bytes of a cue, or all, by which the rest are
    CUE_TEXT = 80  # characters of a text that are looked at
    UNSURE = -1  # the role of a cue where Python has to look


cdef inline uint32_t quick_of(const char* start) noexcept:
    """Where the first `QUICK` bytes of a cue are noted."""
    cdef uint32_t four
    memcpy(&four, start, QUICK)
    return (four * <uint32_t>0x9E3779B1) >> 20


@cython.final
cdef class Tags:
    """What tags are to the walk, and how cues begin.

    Args:
        tags: what each tag is to the walk: code, block, bits of state, skipped, breaks, hides.
        metadata: the tags that a head may hold.
        carriers: which elements carry metadata.
        leading: characters that a cue may stand behind.
        cues: the cues, folded, by the characters that they are looked up by, two of them.
    """
    cdef Strings known, metadata
    cdef Carriers carriers
    cdef Facts* facts  # by number; the last is that of all other tags
    cdef int64_t n_known
    cdef bytes leading
    cdef dict cues
    cdef uint8_t[128][128] begins  # whether a cue begins with these two
    cdef Strings terms  # cues of ASCII alone
    cdef list roles  # theirs
    cdef Strings openings  # of all cues
    cdef uint8_t[N_QUICK] quick  # by the hash of what cues begin with

    def __cinit__(self, tags, metadata, carriers, leading, dict cues):
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
                code, tag == "a", tag in ("html", "body"), block, bits, skipped, breaks, hidden, False
            )
        self.carriers = Carriers(carriers)
        for tag, _, _ in carriers:
            self.facts[self.known.find(<bytes>tag.encode(), len(tag))].carries = True
        self.leading = leading.encode("utf-32")[4:] + bytes(4)
        self.cues = cues
        self.terms, self.openings, self.roles = Strings(), Strings(), []
        for term, role in (each for of_key in cues.values() for each in of_key):
            name = term.encode()
            if len(name) < QUICK:
                raise ValueError("cues are longer")
            self.quick[quick_of(name)] = True
            self.openings.number(name, min(len(name), OPENING))
            if term.isascii():
                self.terms.number(name, len(name))
                self.roles.append(role)
        for key in cues:
            if key.isascii():
                self.begins[<int>ord(key[0])][<int>ord(key[1])] = True

    def __dealloc__(self):
        free(self.facts)

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

    cdef int cue_of(self, const char* text) except -2:
        """The role of the cue that a text begins with, as `Cues.role_of` has it, or `UNSURE`."""
        cdef const uint8_t* at = <const uint8_t*>text
        cdef const uint8_t* second
        cdef uint32_t code = character(&at), next_
        while code and not (code < 0x80 and WORD[code]) and self.leads(code):
            code = character(&at)
        if not code:
            return 0
        second = at
        next_ = character(&at)
        if not next_:  # they are longer
            return 0
        if code >= 0x80 or next_ >= 0x80:
            return UNSURE if (chr(code) + chr(next_)).casefold() in self.cues else 0
        code = code + 32 if c"A" <= code <= c"Z" else code
        if not self.begins[code][next_ + 32 if c"A" <= next_ <= c"Z" else next_]:
            return 0
        return self.read_cue(code, second)

    cdef bint leads(self, uint32_t code) noexcept:
        cdef const uint32_t* leading = <const uint32_t*>PyBytes_AS_STRING(self.leading)
        while leading[0] and leading[0] != code:
            leading += 1
        return leading[0] != 0

    cdef int read_cue(self, uint32_t code, const uint8_t* at) except -2:
        """The role of the longest cue that a character and the text after it begin with."""
        cdef char[CUE_TEXT + 1] start  # words in lower case, one space between them
        cdef int n = 0, role = 0, left
        cdef bint parted = False
        for left in range(CUE_TEXT):
            if not code:
                break
            if code < 0x80 and WORD[code]:
                # No cue ends inside a word.
                if n >= QUICK and (parted or not c"a" <= WORD[code] <= c"z"):
                    role = self.role_of(start, n) or role
                if n and parted:
                    start[n] = c" "
                    n += 1
                parted = False
                start[n] = WORD[code]
                n += 1
                if QUICK <= n <= QUICK + 1 and not self.quick[quick_of(start)]:
                    return role
                if OPENING <= n <= OPENING + 1 and self.openings.find(start, OPENING) < 0:
                    return role
            elif code >= 0x80 and (Py_UNICODE_ISALNUM(code) or code == FOLDS_TO_LETTER):
                return UNSURE
            else:
                parted = True
            code = character(&at)
        return self.role_of(start, n) or role if n >= QUICK else 0

    cdef int role_of(self, const char* term, int size) except -2:
        cdef int64_t number = self.terms.find(term, size)
        return self.roles[number] if number >= 0 else 0
