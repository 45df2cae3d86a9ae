# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The walk of `detector.blocks` over libxml2's own nodes, through lxml's C API.

It gives the same columns, number for number: `_walk_python` there says what they are and why; the
tests compare the two. No Python code runs while nodes are visited, so nothing can change the tree
in the meantime.
"""

import os

cimport cython
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_FromStringAndSize
from cpython.bytes cimport PyBytes_AS_STRING
from cpython.unicode cimport PyUnicode_DecodeUTF8, Py_UNICODE_ISALNUM, Py_UNICODE_ISSPACE
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memchr, memcmp, memcpy, memset, strcmp, strlen
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

# Columns of elements, text nodes, blocks and paths; the first three in the order of their names.
cdef enum:
    PARENT, END, DEPTH, TAG, NAMES, HIDES, PATH, CLASS_PATH, SIBLINGS, N_ELEMENT
cdef enum:
    START, ELEMENT, LINK, STATE, N_NODE
cdef enum:
    BLOCK, FIRST, CUE, N_BLOCK
cdef enum:
    TAGS_OF, LAST_PARENT, GROUP, N_PATH
ELEMENT_NAMES = (
    "parent", "end", "depth", "tag", "names", "hides", "path", "class_path", "siblings"
)
NODE_NAMES = ("node_start", "node_element", "node_link", "node_state")
BLOCK_NAMES = ("element", "first_node", "cue")

# Keys of attributes that are read.
cdef enum:
    NO_KEY, CLASS, NAMING, STYLE, HIDDEN, ARIA_HIDDEN, CLICKABLE

cdef int64_t CODE_TEXT = 4

cdef const char* NOTHING = b""
cdef const char* LINE = "\xe2\x80\xa8"  # LINE_SEPARATOR of `detector.tags`

include "_number.pxi"
include "_numbering.pxi"
include "_growing.pxi"
include "_characters.pxi"
include "_tags.pxi"
include "_texts.pxi"


# --- nodes ----------------------------------------------------------------------------------------

cdef inline xmlNode* visited_from(xmlNode* node) noexcept nogil:
    """The first of a node and the siblings after it that the walk looks at, or NULL."""
    while node is not NULL:
        if (node.type == XML_ELEMENT_NODE or node.type == XML_COMMENT_NODE
                or node.type == XML_PI_NODE or node.type == XML_ENTITY_REF_NODE):
            return node
        node = node.next
    return NULL


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

# A name that the tree's dictionary holds, and what it was found to be. Within a walk no name is
# freed, so that the same pointer is the same name.
cdef struct Seen:
    const void* name
    int64_t is_  # the number of a tag's facts, or an attribute's key


@cython.final
cdef class _Walk(_Texts):
    """One walk: what it has noted, and where it stands."""
    cdef Rows elements
    cdef int64_t* xml_nodes
    cdef int64_t xml_room
    cdef Bytes naming, key
    cdef Strings names, classes
    cdef Pairs class_paths, tag_paths
    cdef Bytes controls  # of each name, whether it names a control
    cdef Columns class_names  # of each string of classes, the name that it is alone, or 0
    cdef Columns paths
    cdef list held  # attributes' values that are in more than one piece
    cdef Frame* stack
    cdef int64_t n_stack, room
    cdef int64_t glued, n_groups
    cdef Seen[128] tags_seen, keys_seen

    def __cinit__(self):
        self.names, self.classes = Strings(), Strings()
        self.class_paths, self.tag_paths = Pairs(), Pairs()
        self.held = []
        self.now = Frame(0, -1, 0, 0, -1, False)
        self.glued = -1

    def __dealloc__(self):
        free(self.elements.at)
        free(self.xml_nodes)
        release(&self.class_names)
        release(&self.paths)
        free(self.naming.at)
        free(self.key.at)
        free(self.controls.at)
        free(self.stack)

    cdef int run(self, xmlNode* root) except -1:
        """Visit a tree's nodes."""
        cdef xmlNode* node = root
        cdef xmlNode* next_
        self.names.number(b"", 0)
        self.classes.number(b"", 0)
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
            self.close(self.now.number)
            for i in range(1, self.n_stack):
                self.close(self.stack[i].number)
        return 0

    cdef inline void close(self, int64_t number) noexcept:
        """Note where an element's subtree ends."""
        self.elements.at[number * N_ELEMENT + END] = <Number>self.elements.n

    cdef bint start(self, xmlNode* node) except -1:
        """Note an element; whether its children are looked at."""
        cdef Facts* facts = self.facts_of(node)
        cdef int64_t up = self.now.number, number = self.elements.n, path
        cdef int64_t class_ = 0, name = 0
        cdef const char* classes = b""
        cdef bint clickable = False
        cdef bint hidden = facts.hides
        self.naming.n = 0
        if node.type == XML_ELEMENT_NODE and node.properties is not NULL:
            classes = self.read(node, &hidden, &clickable)
        if facts.page_wide:
            classes = b""  # their names are about the whole page
            self.naming.n = 0
            hidden = False
        if classes[0]:
            class_ = self.classes.number(classes, strlen(classes))
        if self.naming.n:
            name = self.name_of(classes)
        elif class_:
            while class_ >= self.class_names.n:  # those before it stand beside another name
                add_number(&self.class_names, 0)
            name = self.class_names.at[0][class_]
            if not name:
                name = self.class_names.at[0][class_] = self.name_of(classes)
        path = self.path_of(class_, facts.code)
        if self.paths.at[LAST_PARENT][path] != up:
            # Children of an element come one after the other, but for what is below them, and no
            # path is as long below. So a path's last parent is all that has to be known.
            self.paths.at[LAST_PARENT][path] = up
            self.paths.at[GROUP][path] = self.n_groups
            self.n_groups += 1
        if self.n_stack == self.room:
            self.deepen()
        self.stack[self.n_stack] = self.now
        if number == self.xml_room:
            self.lengthen()
        cdef Number* at = next_row(&self.elements, N_ELEMENT)
        at[PARENT] = <Number>up
        at[END] = 0
        at[DEPTH] = <Number>self.n_stack
        at[TAG] = <Number>facts.code
        at[NAMES] = <Number>name
        at[HIDES] = hidden
        at[PATH] = <Number>self.paths.at[TAGS_OF][path]
        at[CLASS_PATH] = <Number>path
        at[SIBLINGS] = <Number>self.paths.at[GROUP][path]
        self.xml_nodes[number] = <int64_t><size_t>node
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
        elif facts.anchor or clickable or self.controls.at[name]:
            self.now.control = True
            if self.opened and self.glued == self.nodes.n:
                self.note(up, -1, 0)
                self.add_text(b" ", 1, 1)
            if facts.anchor:
                self.now.link = number
        self.now.state |= facts.bits
        if node.type == XML_ENTITY_REF_NODE:
            self.take_entity(node)
            return False
        self.take(node.children)
        return True

    cdef inline Facts* facts_of(self, xmlNode* node) noexcept:
        cdef Seen* seen
        if node.type != XML_ELEMENT_NODE or (node.ns is not NULL and node.ns.href is not NULL):
            return self.tags.facts + self.tags.find(node)
        seen = &self.tags_seen[place_of(node.name)]
        if seen.name is not <const void*>node.name:
            seen.name = node.name
            seen.is_ = self.tags.find(node)
        return self.tags.facts + seen.is_

    cdef int64_t name_of(self, const char* classes) except -1:
        """The number of the name that classes and `self.naming` are together."""
        cdef size_t size = strlen(classes)
        cdef int64_t name
        self.key.n = 0
        if size:
            add(&self.key, b"\0c ", 3)
            add(&self.key, classes, size)
        if self.naming.n:
            add(&self.key, self.naming.at, self.naming.n)
        name = self.names.number(self.key.at, self.key.n)
        if <size_t>name == self.controls.n:
            add(&self.controls, b"\1" if names_control(self.key.at, self.key.n) else b"", 1)
        return name

    cdef int64_t path_of(self, int64_t class_, int64_t code) except -1:
        """The number of the path of an element with these classes and this tag."""
        cdef int64_t above = self.now.path
        cdef int64_t path = self.class_paths.number(above + 1, class_ << 8 | code)
        if path == self.paths.n:
            if path == self.paths.room:
                grow(&self.paths, N_PATH)
            self.paths.at[TAGS_OF][path] = self.tag_paths.number(
                self.paths.at[TAGS_OF][above] + 1 if above >= 0 else 0, code
            )
            self.paths.at[LAST_PARENT][path] = -1
            self.paths.n += 1
        return path

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
        self.close(self.now.number)
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

    cdef int lengthen(self) except -1:
        cdef int64_t room = 2 * self.xml_room if self.xml_room else 512
        cdef int64_t* nodes = <int64_t*>realloc(self.xml_nodes, room * sizeof(int64_t))
        if nodes is NULL:
            raise MemoryError
        self.xml_nodes, self.xml_room = nodes, room
        return 0

    cdef const char* read(self, xmlNode* node, bint* hidden, bint* clickable) except NULL:
        """Read attributes: the names but classes go to `self.naming`, classes are returned."""
        cdef const char* classes = b""
        cdef const char* value
        cdef xmlAttr* attribute = node.properties
        cdef const char* name
        cdef char letter
        cdef int key
        cdef Seen* seen
        while attribute is not NULL:
            name = <const char*>attribute.name
            seen = &self.keys_seen[place_of(name)]
            if seen.name is not <const void*>name:
                seen.name = name
                seen.is_ = key_of(name)
            key = <int>seen.is_
            if key and (attribute.ns is NULL or attribute.ns.href is NULL):
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

    # --- what was noted ---------------------------------------------------------------------------

    cdef int forget(self) except -1:
        """Give back what the walk alone needs: of a large page as much as the columns take."""
        self.class_paths = self.tag_paths = None
        self.classes = None
        release(&self.class_names)
        release(&self.paths)
        memset(&self.class_names, 0, sizeof(Columns))
        memset(&self.paths, 0, sizeof(Columns))
        free(self.text.at)
        self.text.at = NULL
        return 0

    cdef dict columns(self):
        """The columns as bytes of `Number`, by the names that `BlockTable` has for them."""
        cdef int64_t n_nodes = self.nodes.n, n_blocks = self.blocks.n
        cdef int at
        if self.n_text > INT32_MAX:
            raise OverflowError("the text is too long")
        # Where the next ones would start.
        next_row(&self.nodes, N_NODE)[START] = <Number>self.n_text
        next_row(&self.blocks, N_BLOCK)[FIRST] = <Number>n_nodes
        found = {}
        for at, name in enumerate(ELEMENT_NAMES):
            found[name] = column_of(&self.elements, N_ELEMENT, at, self.elements.n)
        for at, name in enumerate(NODE_NAMES):
            found[name] = column_of(&self.nodes, N_NODE, at, n_nodes + (at == START))
        for at, name in enumerate(BLOCK_NAMES):
            found[name] = column_of(&self.blocks, N_BLOCK, at, n_blocks + (at == FIRST))
        return found


cdef inline size_t place_of(const void* name) noexcept nogil:
    """Where to look for a name among those that were seen."""
    return (<size_t>name ^ <size_t>name >> 7) & 127


def walk(Tags tags not None, lxml._Element root not None, int64_t max_blocks, bint owned):
    """Walk a tree.

    Args:
        tags: what its tags are to the walk.
        root: the element to begin at.
        max_blocks: most blocks that are cut.
        owned: nobody else can change the tree, so that its elements may be made later.

    Returns:
        Elements; columns by name, as bytes of `Number`, `cue` telling only where one may stand;
        the distinct names; the text; whether `max_blocks` ended the walk.
    """
    if root._c_node is NULL or root._c_node.type != XML_ELEMENT_NODE:
        raise TypeError("a walk begins at an element")
    cdef _Walk noted = _Walk.__new__(_Walk)
    noted.tags = tags
    noted.max_blocks = max_blocks
    noted.run(root._c_node)
    text = PyUnicode_DecodeUTF8(noted.text.at, noted.text.n, NULL) if noted.text.n else ""
    noted.forget()
    columns = noted.columns()
    cdef Elements elements = Elements.__new__(Elements)
    elements.root = root
    elements.n = noted.elements.n
    elements.nodes, noted.xml_nodes = noted.xml_nodes, NULL
    made = elements if owned else list(elements)
    return made, columns, noted.names.strings(), text, bool(noted.cut)
