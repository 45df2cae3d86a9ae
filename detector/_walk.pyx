# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The walk of `detector.blocks` over libxml2's own nodes, through lxml's C API.

It gives the same columns, number for number: `_walk_python` there says what they are and why; the
tests compare the two. No Python code runs while nodes are visited, so nothing can change the tree
in the meantime.
"""

import os

from cpython.bytearray cimport PyByteArray_FromStringAndSize
from cpython.bytes cimport PyBytes_AS_STRING
from cpython.unicode cimport PyUnicode_DecodeUTF8, Py_UNICODE_ISALNUM, Py_UNICODE_ISSPACE
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memchr, memcmp, memcpy, strcmp, strlen
from lxml.includes cimport etreepublic as lxml
from lxml.includes.tree cimport (
    XML_CDATA_SECTION_NODE, XML_COMMENT_NODE, XML_ELEMENT_NODE, XML_ENTITY_REF_NODE, XML_PI_NODE,
    XML_TEXT_NODE, XML_XINCLUDE_END, XML_XINCLUDE_START, xmlAttr, xmlNode,
)

cdef extern from "libxml/xmlversion.h":
    int LIBXML_VERSION

lxml.import_lxml__etree()

LIBXML = (LIBXML_VERSION // 10000, LIBXML_VERSION // 100 % 100)
"""Version of libxml2 whose structs this was compiled for."""

# Columns of elements, text nodes and blocks, in the order in which `walk` gives them.
cdef enum:
    PARENT, END, DEPTH, TAG, NAMES, HIDES, PATH, CLASS_PATH, SIBLINGS, NODE, N_ELEMENT
cdef enum:
    START, ELEMENT, LINK, STATE, N_NODE
cdef enum:
    BLOCK, FIRST, CUE, N_BLOCK

# Keys of attributes that are read.
cdef enum:
    NO_KEY, CLASS, NAMING, STYLE, HIDDEN, ARIA_HIDDEN, CLICKABLE

cdef int64_t CODE_TEXT = 4

cdef const char* NOTHING = b""
cdef const char* LINE = "\xe2\x80\xa8"  # LINE_SEPARATOR of `detector.tags`

include "_numbering.pxi"
include "_characters.pxi"
include "_tags.pxi"


# --- nodes ----------------------------------------------------------------------------------------

cdef inline xmlNode* text_from(xmlNode* node) noexcept nogil:
    """The text node at a place among siblings, XInclude's marks passed over; or NULL."""
    while node is not NULL:
        if node.type == XML_TEXT_NODE or node.type == XML_CDATA_SECTION_NODE:
            return node
        if node.type != XML_XINCLUDE_START and node.type != XML_XINCLUDE_END:
            return NULL
        node = node.next
    return NULL


cdef inline xmlNode* visited_from(xmlNode* node) noexcept nogil:
    """The first of a node and the siblings after it that the walk looks at, or NULL."""
    while node is not NULL:
        if (node.type == XML_ELEMENT_NODE or node.type == XML_COMMENT_NODE
                or node.type == XML_PI_NODE or node.type == XML_ENTITY_REF_NODE):
            return node
        node = node.next
    return NULL


cdef inline const char* content(xmlNode* node) noexcept nogil:
    return <const char*>node.content if node.content is not NULL else NOTHING


cdef int key_of(const char* name) noexcept nogil:
    if name[0] == c"c":
        return CLASS if strcmp(name, b"class") == 0 else NO_KEY
    if name[0] == c"i":
        return NAMING if strcmp(name, b"id") == 0 or strcmp(name, b"itemprop") == 0 else NO_KEY
    if name[0] == c"r":
        return NAMING if strcmp(name, b"role") == 0 else NO_KEY
    if name[0] == c"s":
        return STYLE if strcmp(name, b"style") == 0 else NO_KEY
    if name[0] == c"h":
        return HIDDEN if strcmp(name, b"hidden") == 0 else NO_KEY
    if name[0] == c"a":
        return ARIA_HIDDEN if strcmp(name, b"aria-hidden") == 0 else NO_KEY
    if strcmp(name, b"onclick") == 0 or strcmp(name, b"tabindex") == 0:
        return CLICKABLE
    return NO_KEY


cdef class Elements:
    """The elements of a walk, by number; lxml's objects for them are made when asked for.

    Only for a tree that nobody else can change: the nodes are not held, their document is.
    """

    def __dealloc__(self):
        free(self.nodes)

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self.n))]
        cdef int64_t i = index
        if i < 0:
            i += self.n
        if not 0 <= i < self.n:
            raise IndexError(f"there are {self.n} elements, no number {index}")
        return lxml.elementFactory(self.root._doc, <xmlNode*><size_t>self.nodes[i])


# --- the walk -------------------------------------------------------------------------------------

# What an element's end brings back.
cdef struct Frame:
    int64_t number
    int64_t link
    int64_t state
    int64_t block
    int64_t path
    bint control


cdef class _Walk:
    """One walk: what it has noted, and where it stands."""
    cdef Tags tags
    cdef int64_t max_blocks
    cdef Columns elements, nodes, blocks
    cdef Bytes text, naming, key
    cdef Strings names, labels  # labels: a tag's code and its classes
    cdef Pairs class_paths, tag_paths, groups
    cdef Bytes controls  # of each name, whether it names a control
    cdef Columns path_tags  # of each path of tags and classes, that of its tags
    cdef list held  # attributes' values that are in more than one piece
    cdef Frame* stack
    cdef int64_t n_stack, room
    cdef Frame now  # of the element whose children are looked at
    cdef int64_t n_text, glued
    cdef bint opened, cut

    def __cinit__(self):
        self.names, self.labels = Strings(), Strings()
        self.class_paths, self.tag_paths, self.groups = Pairs(), Pairs(), Pairs()
        self.held = []
        self.now = Frame(0, -1, 0, 0, -1, False)
        self.glued = -1

    def __dealloc__(self):
        release(&self.elements)
        release(&self.nodes)
        release(&self.blocks)
        release(&self.path_tags)
        free(self.text.at)
        free(self.naming.at)
        free(self.key.at)
        free(self.controls.at)
        free(self.stack)

    cdef int run(self, xmlNode* root) except -1:
        """Visit a tree's nodes."""
        cdef xmlNode* node = root
        cdef xmlNode* next_
        self.names.number(b"", 0)
        add(&self.controls, b"", 1)
        while not self.cut:
            if node.type == XML_ELEMENT_NODE or node.type == XML_ENTITY_REF_NODE:
                next_ = visited_from(node.children) if self.start(node) else NULL
                if next_ is not NULL:
                    node = next_
                    continue
                if not self.cut:
                    self.end()
            while self.n_stack and not self.cut:  # what follows the root is not its own
                self.take(node.next)
                next_ = visited_from(node.next)
                if next_ is not NULL:
                    node = next_
                    break
                if not self.cut:
                    node = node.parent
                    self.end()
            else:
                break
        cdef int64_t i
        if self.cut:  # close what is open
            self.elements.at[END][self.now.number] = self.elements.n
            for i in range(1, self.n_stack):
                self.elements.at[END][self.stack[i].number] = self.elements.n
        return 0

    cdef bint start(self, xmlNode* node) except -1:
        """Note an element; whether its children are looked at."""
        cdef Facts facts = self.tags.find(node)
        cdef int64_t up = self.now.number, number = self.elements.n, name = 0, path, label
        cdef const char* classes = b""
        cdef bint clickable = False
        cdef bint hidden = facts.hides
        if self.n_stack == self.room:
            self.deepen()
        self.stack[self.n_stack] = self.now
        if node.type == XML_ELEMENT_NODE and node.properties is not NULL:
            classes = self.read(node, &hidden, &clickable)
        else:
            self.naming.n = 0
        if facts.code == self.tags.html or facts.code == self.tags.body:
            classes = b""  # their names are about the whole page
            self.naming.n = 0
            hidden = False
        cdef size_t n_classes = strlen(classes)
        self.key.n = 0
        if n_classes:
            add(&self.key, b"\0c ", 3)
            add(&self.key, classes, n_classes)
        if n_classes or self.naming.n:
            add(&self.key, self.naming.at, self.naming.n)
            name = self.names.number(self.key.at, self.key.n)
            if <size_t>name == self.controls.n:
                add(&self.controls, b"\1" if names_control(self.key.at, self.key.n) else b"", 1)
        self.key.n = 0
        add(&self.key, <const char*>&facts.code, 1)
        add(&self.key, classes, n_classes)
        label = self.labels.number(self.key.at, self.key.n)
        path = self.class_paths.number(self.now.path + 1, label)
        if path == self.path_tags.n:
            if path == self.path_tags.room:
                grow(&self.path_tags, 1)
            self.path_tags.at[0][path] = self.tag_paths.number(
                self.path_tags.at[0][self.now.path] + 1 if self.now.path >= 0 else 0, facts.code
            )
            self.path_tags.n += 1
        if number == self.elements.room:
            grow(&self.elements, N_ELEMENT)
        self.elements.at[PARENT][number] = up
        self.elements.at[END][number] = 0
        self.elements.at[DEPTH][number] = self.n_stack
        self.elements.at[TAG][number] = facts.code
        self.elements.at[NAMES][number] = name
        self.elements.at[HIDES][number] = hidden
        self.elements.at[PATH][number] = self.path_tags.at[0][path]
        self.elements.at[CLASS_PATH][number] = path
        self.elements.at[SIBLINGS][number] = self.groups.number(up, path)
        self.elements.at[NODE][number] = <int64_t><size_t>node
        self.elements.n = number + 1
        self.n_stack += 1
        self.now.number = number
        self.now.path = path
        self.now.control = False
        if facts.skipped and not (strcmp(<const char*>node.name, b"head") == 0
                                  and self.holds_body(node)):
            return False
        if facts.block:
            self.now.block = number
            self.opened = False
        elif facts.breaks:
            if self.opened:
                self.note(up, self.now.link, self.now.state)
                self.add_text(LINE, 3, 1)
        elif facts.code == self.tags.anchor or clickable or self.controls.at[name]:
            self.now.control = True
            if self.opened and self.glued == self.nodes.n:
                self.note(up, -1, 0)
                self.add_text(b" ", 1, 1)
            if facts.code == self.tags.anchor:
                self.now.link = number
        self.now.state |= facts.bits
        if node.type == XML_ENTITY_REF_NODE:
            self.take_entity(node)
            return False
        self.take(node.children)
        return True

    cdef bint holds_body(self, xmlNode* head) noexcept:
        """See `METADATA` of `detector.tags`."""
        cdef xmlNode* child = head.children
        while child is not NULL:
            if child.type == XML_ELEMENT_NODE and (
                (child.ns is not NULL and child.ns.href is not NULL)
                or self.tags.metadata.find(<const char*>child.name, strlen(<const char*>child.name)) < 0
            ):
                return True
            child = child.next
        return False

    cdef int end(self) except -1:
        """Close the innermost open element."""
        cdef bint is_control = self.now.control, was_block = self.now.block == self.now.number
        self.elements.at[END][self.now.number] = self.elements.n
        self.n_stack -= 1
        self.now = self.stack[self.n_stack]
        if was_block:
            self.opened = False
        elif is_control:
            self.glued = self.nodes.n
        return 0

    cdef int deepen(self) except -1:
        cdef int64_t room = 2 * self.room if self.room else 64
        cdef Frame* moved = <Frame*>realloc(self.stack, room * sizeof(Frame))
        if moved is NULL:
            raise MemoryError
        self.stack, self.room = moved, room
        return 0

    cdef const char* read(self, xmlNode* node, bint* hidden, bint* clickable) except NULL:
        """Read attributes: the names but classes go to `self.naming`, classes are returned."""
        cdef const char* classes = b""
        cdef const char* value
        cdef xmlAttr* attribute = node.properties
        cdef const char* name
        cdef char letter
        cdef int key
        self.naming.n = 0
        while attribute is not NULL:
            name = <const char*>attribute.name
            key = NO_KEY
            if attribute.ns is NULL or attribute.ns.href is NULL:
                key = key_of(name)
            if key:
                value = self.value(node, attribute)
                if key == CLASS:
                    classes = value
                elif key == NAMING:
                    add(&self.naming, b"\0", 1)
                    letter = c"p" if name[1] == c"t" else name[0]  # itemprop, id, role
                    add(&self.naming, &letter, 1)
                    add(&self.naming, b" ", 1)
                    add(&self.naming, value, strlen(value))
                elif key == STYLE:
                    hidden[0] = hidden[0] or hides(value)
                elif key == CLICKABLE:
                    clickable[0] = True
                elif key == HIDDEN or strcmp(value, b"true") == 0:
                    hidden[0] = True
            attribute = attribute.next
        return classes

    cdef const char* value(self, xmlNode* node, xmlAttr* attribute) except NULL:
        cdef xmlNode* child = attribute.children
        if child is NULL:
            return b""
        if child.next is NULL and child.type == XML_TEXT_NODE:
            return content(child)
        whole = lxml.attributeValue(node, attribute).encode()
        self.held.append(whole)
        return PyBytes_AS_STRING(whole)

    # --- text -------------------------------------------------------------------------------------

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
        self.begin(text_from(first.next) is not NULL or self.tags.may_cue(content(first)))
        node = first
        while node is not NULL and not self.cut:
            self.copy(content(node), strlen(content(node)))
            node = text_from(node.next)
        return 0

    cdef int take_entity(self, xmlNode* node) except -1:
        """A reference that the parser left: lxml shows it as it stands."""
        cdef const char* name = <const char*>node.name
        self.begin(True)
        if not self.cut:
            self.copy(b"&", 1)
            self.copy(name, strlen(name))
            self.copy(b";", 1)
        return 0

    cdef int begin(self, bint may_cue) except -1:
        """Begin a text node, and a block if none is open."""
        cdef int64_t block = self.blocks.n
        if self.opened:
            return self.note(self.now.number, self.now.link, self.now.state)
        if block == self.max_blocks:
            self.cut = True
            return 0
        self.opened = True
        if block + 1 >= self.blocks.room:
            grow(&self.blocks, N_BLOCK)
        self.blocks.at[BLOCK][block] = self.now.block
        self.blocks.at[FIRST][block] = self.nodes.n
        self.blocks.at[CUE][block] = may_cue
        self.blocks.n = block + 1
        self.note(self.now.number, self.now.link, self.now.state)
        return self.add_text(b" ", 1, 1)  # no word runs on from block to block

    cdef int note(self, int64_t element, int64_t link, int64_t state) except -1:
        """Begin a text node."""
        cdef int64_t node = self.nodes.n
        if node + 1 >= self.nodes.room:
            grow(&self.nodes, N_NODE)
        self.nodes.at[START][node] = self.n_text
        self.nodes.at[ELEMENT][node] = element
        self.nodes.at[LINK][node] = link
        self.nodes.at[STATE][node] = state
        self.nodes.n = node + 1
        return 0

    cdef int add_text(self, const char* text, size_t size, int64_t n) except -1:
        self.n_text += n
        return add(&self.text, text, size)

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

    # --- what was noted ---------------------------------------------------------------------------

    cdef dict columns(self):
        """The columns as bytes of int64, by the names that `BlockTable` has for them."""
        if not self.nodes.room:
            grow(&self.nodes, N_NODE)
        if not self.blocks.room:
            grow(&self.blocks, N_BLOCK)
        self.nodes.at[START][self.nodes.n] = self.n_text
        self.blocks.at[FIRST][self.blocks.n] = self.nodes.n
        found = {}
        for i, name in enumerate(
            ("parent", "end", "depth", "tag", "names", "hides", "path", "class_path", "siblings")
        ):
            found[name] = as_bytes(self.elements.at[<int>i], self.elements.n)
        found["node_start"] = as_bytes(self.nodes.at[START], self.nodes.n + 1)
        found["node_element"] = as_bytes(self.nodes.at[ELEMENT], self.nodes.n)
        found["node_link"] = as_bytes(self.nodes.at[LINK], self.nodes.n)
        found["node_state"] = as_bytes(self.nodes.at[STATE], self.nodes.n)
        found["element"] = as_bytes(self.blocks.at[BLOCK], self.blocks.n)
        found["first_node"] = as_bytes(self.blocks.at[FIRST], self.blocks.n + 1)
        found["cue"] = as_bytes(self.blocks.at[CUE], self.blocks.n)
        return found


cdef bytearray as_bytes(int64_t* data, int64_t n):
    return PyByteArray_FromStringAndSize(<char*>data, n * sizeof(int64_t))


def walk(Tags tags not None, lxml._Element root not None, int64_t max_blocks, bint owned):
    """Walk a tree.

    Args:
        tags: what its tags are to the walk.
        root: the element to begin at.
        max_blocks: most blocks that are cut.
        owned: nobody else can change the tree, so that its elements may be made later.

    Returns:
        Elements; columns by name, as bytes of int64, `cue` telling only where one may stand;
        the distinct names; the text; whether `max_blocks` ended the walk.
    """
    if root._c_node is NULL or root._c_node.type != XML_ELEMENT_NODE:
        raise TypeError("a walk begins at an element")
    cdef _Walk noted = _Walk.__new__(_Walk)
    noted.tags = tags
    noted.max_blocks = max_blocks
    noted.run(root._c_node)
    columns = noted.columns()
    text = PyUnicode_DecodeUTF8(noted.text.at, noted.text.n, NULL) if noted.text.n else ""
    cdef Elements elements = Elements.__new__(Elements)
    elements.root = root
    elements.n = noted.elements.n
    elements.nodes, noted.elements.at[NODE] = noted.elements.at[NODE], NULL
    made = elements if owned else list(elements)
    return made, columns, noted.names.strings(), text, bool(noted.cut)
