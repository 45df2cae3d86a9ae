"""The few elements that `detector.metadata` reads; part of `_walk.pyx`."""

cdef enum:
    MOST = 8  # carriers, and names and values of each


cdef struct Carrier:
    const char* tag
    const char* attributes[MOST + 1]  # NULL behind the last
    const char* values[MOST + 1]


@cython.final
cdef class Carriers:
    """Which elements carry metadata.

    Args:
        carriers: tags, and for each names of attributes and the values, in lower case, that one of
            them must have; without names, any element of the tag will do.
    """
    cdef Carrier[MOST] carriers
    cdef int n
    cdef list held

    def __cinit__(self, carriers):
        cdef int i, j
        self.held = []
        if len(carriers) > MOST:
            raise ValueError("too many carriers")
        for i, (tag, attributes, values) in enumerate(carriers):
            if max(len(attributes), len(values)) > MOST:
                raise ValueError("too many names or values")
            self.carriers[i].tag = self.hold(tag)
            for j, name in enumerate(attributes):
                self.carriers[i].attributes[j] = self.hold(name)
            for j, value in enumerate(values):
                self.carriers[i].values[j] = self.hold(value)
        self.n = len(carriers)

    cdef const char* hold(self, str text) except NULL:
        cdef bytes data = text.encode()
        self.held.append(data)
        return data

    cdef int search(self, xmlNode* root, Columns* found) except -1:
        """Note those in a subtree that may say something."""
        cdef xmlNode* node = root
        cdef xmlNode* next_
        while True:
            next_ = NULL
            if node.type == XML_ELEMENT_NODE:
                self.look(node, found)
                next_ = node.children
            while next_ is NULL:
                if node is root:  # what follows the root is not its own
                    return 0
                next_ = node.next
                if next_ is NULL:
                    node = node.parent
            node = next_

    cdef int look(self, xmlNode* node, Columns* found) except -1:
        """Note an element if it may say something."""
        cdef int i
        cdef const char* name = <const char*>node.name
        for i in range(self.n):
            if name[0] == self.carriers[i].tag[0] and strcmp(name, self.carriers[i].tag) == 0:
                if not self.carriers[i].attributes[0] or has_value(node, &self.carriers[i]):
                    add_number(found, <int64_t><size_t>node)
                break
        return 0


cdef bint has_value(const xmlNode* node, const Carrier* carrier) noexcept:
    cdef const xmlAttr* attribute = node.properties
    cdef const xmlNode* value
    while attribute is not NULL:
        if is_among(<const char*>attribute.name, carrier.attributes):
            value = attribute.children
            if value is not NULL and (
                value.next is not NULL  # in more than one piece
                or value.type != XML_TEXT_NODE
                or is_among(<const char*>value.content, carrier.values)
            ):
                return True
        attribute = attribute.next
    return False


cdef bint is_among(const char* text, const char* const* texts) noexcept:
    """Whether a text is one of some, its case aside."""
    cdef int i = 0
    cdef const char* other
    cdef const char* at
    if text is NULL:
        return False
    while texts[i] is not NULL:
        other, at = texts[i], text
        while at[0] and (at[0] | 0x20 if c"A" <= at[0] <= c"Z" else at[0]) == other[0]:
            at += 1
            other += 1
        if not at[0] and not other[0]:
            return True
        i += 1
    return False
