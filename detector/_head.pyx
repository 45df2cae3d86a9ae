# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Finds the few elements of a tree that `detector.metadata` reads, over libxml2's own nodes.

Objects are made for those alone. It may find some that say nothing after all.
"""

from libc.string cimport strcmp
from lxml.includes cimport etreepublic as lxml
from lxml.includes.tree cimport XML_ELEMENT_NODE, XML_TEXT_NODE, xmlAttr, xmlNode

cdef extern from "libxml/xmlversion.h":
    int LIBXML_VERSION

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define fetch(address) __builtin_prefetch(address)
    #else
    #define fetch(address)
    #endif
    """
    void fetch(const void* address) noexcept nogil

lxml.import_lxml__etree()

LIBXML = (LIBXML_VERSION // 10000, LIBXML_VERSION // 100 % 100)
"""Version of libxml2 whose structs this was compiled for."""

cdef enum:
    MOST = 8  # rules, and names and values of each


cdef struct Rule:
    const char* tag
    const char* attributes[MOST + 1]  # NULL behind the last
    const char* values[MOST + 1]


cdef class Rules:
    """Which elements are wanted.

    Args:
        rules: tags, and for each names of attributes and the values, in lower case, that one of
            them must have; without names, any element of the tag will do.
    """
    cdef Rule[MOST] rules
    cdef int n
    cdef list held

    def __cinit__(self, rules):
        cdef int i, j
        self.held = []
        if len(rules) > MOST:
            raise ValueError("too many rules")
        for i, (tag, attributes, values) in enumerate(rules):
            if max(len(attributes), len(values)) > MOST:
                raise ValueError("a rule is too long")
            self.rules[i].tag = self.hold(tag)
            for j, name in enumerate(attributes):
                self.rules[i].attributes[j] = self.hold(name)
            for j, value in enumerate(values):
                self.rules[i].values[j] = self.hold(value)
        self.n = len(rules)

    cdef const char* hold(self, str text) except NULL:
        cdef bytes data = text.encode()
        self.held.append(data)
        return data

    def find(self, lxml._Element root not None):
        """The wanted elements of a tree, in its order."""
        cdef list found = []
        cdef xmlNode* node = root._c_node
        cdef xmlNode* next_
        while True:
            next_ = NULL
            if node.type == XML_ELEMENT_NODE:
                if self.wants(node):
                    found.append(lxml.elementFactory(root._doc, node))
                next_ = node.children
                # What follows, while the children are gone through; a node lies in two cache lines.
                fetch(node.next)
                fetch(<const void*>(<size_t>node.next + sizeof(xmlNode) // 2))
            while next_ is NULL:
                if node is root._c_node:  # what follows the root is not its own
                    return found
                next_ = node.next
                if next_ is NULL:
                    node = node.parent
            node = next_

    cdef bint wants(self, const xmlNode* node) noexcept:
        cdef int i
        cdef const char* name = <const char*>node.name
        for i in range(self.n):
            if name[0] == self.rules[i].tag[0] and strcmp(name, self.rules[i].tag) == 0:
                return not self.rules[i].attributes[0] or has_value(node, &self.rules[i])
        return False


cdef bint has_value(const xmlNode* node, const Rule* rule) noexcept:
    cdef const xmlAttr* attribute = node.properties
    cdef const xmlNode* value
    while attribute is not NULL:
        if is_among(<const char*>attribute.name, rule.attributes):
            value = attribute.children
            if value is not NULL and (
                value.next is not NULL  # in more than one piece
                or value.type != XML_TEXT_NODE
                or is_among(<const char*>value.content, rule.values)
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
