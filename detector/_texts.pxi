"""Text nodes and the blocks that they are in, as the walk meets them; part of `_walk.pyx`."""

# --- nodes of text --------------------------------------------------------------------------------

cdef inline xmlNode* text_from(xmlNode* node) noexcept nogil:
    """The text node at a place among siblings, XInclude's marks passed over; or NULL."""
    while node is not NULL:
        if node.type == XML_TEXT_NODE or node.type == XML_CDATA_SECTION_NODE:
            return node
        if node.type != XML_XINCLUDE_START and node.type != XML_XINCLUDE_END:
            return NULL
        node = node.next
    return NULL


cdef inline const char* content(xmlNode* node) noexcept nogil:
    return <const char*>node.content if node.content is not NULL else NOTHING


# What an element's end brings back.
cdef struct Frame:
    int64_t number
    int64_t link
    int64_t state
    int64_t block
    int64_t path
    bint control


# --- what is noted --------------------------------------------------------------------------------

cdef class _Texts:
    """Text nodes and blocks that were noted, and where the walk stands."""
    cdef Tags tags
    cdef int64_t max_blocks
    cdef Rows nodes, blocks
    cdef Bytes text
    cdef int64_t n_text  # its characters
    cdef Frame now  # of the element whose children are looked at
    cdef bint opened, cut

    def __dealloc__(self):
        free(self.nodes.at)
        free(self.blocks.at)
        free(self.text.at)

    @cython.final
    cdef int take(self, xmlNode* node) except -1:
        """Take the text that begins at a place among siblings, if it counts."""
        cdef xmlNode* first = text_from(node)
        if first is NULL:
            return 0
        node = first
        while node is not NULL and (
            is_space(content(node)) if not self.opened else content(node)[0] == 0
        ):
            node = text_from(node.next)
        if node is NULL:
            return 0
        # Where a text is in several pieces, what it begins with is not looked for here.
        self.begin(
            not self.opened
            and (text_from(first.next) is not NULL or self.tags.may_cue(content(first)))
        )
        node = first
        while node is not NULL and not self.cut:
            self.copy(content(node), strlen(content(node)))
            node = text_from(node.next)
        return 0

    @cython.final
    cdef int take_entity(self, xmlNode* node) except -1:
        """A reference that the parser left: lxml shows it as it stands."""
        cdef const char* name = <const char*>node.name
        self.begin(True)
        if not self.cut:
            self.copy(b"&", 1)
            self.copy(name, strlen(name))
            self.copy(b";", 1)
        return 0

    @cython.final
    cdef int begin(self, bint may_cue) except -1:
        """Begin a text node, and a block if none is open."""
        cdef Number* row
        if self.opened:
            return self.note(self.now.number, self.now.link, self.now.state)
        if self.blocks.n == self.max_blocks:
            self.cut = True
            return 0
        self.opened = True
        row = next_row(&self.blocks, N_BLOCK)
        row[BLOCK], row[FIRST], row[CUE] = <Number>self.now.block, <Number>self.nodes.n, may_cue
        self.note(self.now.number, self.now.link, self.now.state)
        return self.add_text(b" ", 1, 1)  # no word runs on from block to block

    @cython.final
    cdef int note(self, int64_t element, int64_t link, int64_t state) except -1:
        """Begin a text node."""
        cdef Number* row = next_row(&self.nodes, N_NODE)
        row[START], row[ELEMENT] = <Number>self.n_text, <Number>element
        row[LINK], row[STATE] = <Number>link, <Number>state
        return 0

    @cython.final
    cdef int add_text(self, const char* text, size_t size, int64_t n) except -1:
        self.n_text += n
        return add(&self.text, text, size)

    @cython.final
    cdef int copy(self, const char* text, size_t size) except -1:
        cdef const char* line
        while self.now.state & CODE_TEXT:
            line = <const char*>memchr(text, c"\n", size)
            if line is NULL:
                break
            self.add_text(text, line - text, n_characters(text, line - text))
            self.add_text(LINE, 3, 1)
            size -= line + 1 - text
            text = line + 1
        return self.add_text(text, size, n_characters(text, size))
