# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What `detector.consent.controls` asks of elements' attributes, read from libxml2's own nodes.

`controls` says what it is, and does the same with lxml's elements. What is out of the ordinary is
left to it: namespaces, entities, letters whose lower case is in ASCII though they are not.
"""

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport strchr, strcmp, strlen
from lxml.includes cimport etreepublic as lxml
from lxml.includes.tree cimport (
    XML_ELEMENT_NODE, XML_ENTITY_REF_NODE, XML_TEXT_NODE, xmlAttr, xmlNode,
)

from detector._walk cimport Elements

include "_number.pxi"

lxml.import_lxml__etree()

cdef const char* NOTHING = b""

# Of words that are looked for.
cdef enum:
    POLICY = 1
    OPENS = 2

# Columns of `Reader.facts`.
cdef enum:
    NOWHERE, TO_POLICY, ELSEWHERE, HOOKED, HANDLED, TOGGLE, FIELD, N_FACTS

# Columns of `Reader.marks`.
cdef enum:
    FIXED, MODAL, CLICKABLE, MARK_HOOKED, N_MARKS


cdef inline xmlNode* node_of(elements, int64_t number) except NULL:
    if isinstance(elements, Elements):
        return <xmlNode*><size_t>(<Elements>elements).nodes[number]
    return (<lxml._Element?>elements[number])._c_node


cdef inline const char* value_of(xmlAttr* attribute) noexcept:
    """An attribute's value, or NULL where it has a namespace or is not one plain text."""
    cdef xmlNode* text = attribute.children
    if attribute.ns is not NULL:
        return NULL
    if text is NULL:
        return NOTHING
    if text.next is not NULL or text.type != XML_TEXT_NODE:
        return NULL
    return <const char*>text.content if text.content is not NULL else NOTHING


cdef inline uint8_t lower(char c) noexcept nogil:
    return c | 0x20 if c"A" <= c <= c"Z" else c


cdef inline int pair_of(uint8_t one, uint8_t other) noexcept nogil:
    """Case and more aside: what it finds is looked at again."""
    return (one & 31) << 5 | other & 31


cdef inline bint is_word(uint8_t c) noexcept nogil:
    return c"a" <= (c | 0x20) <= c"z" or c"0" <= c <= c"9" or c == c"_"


cdef inline bint is_space(char c) noexcept nogil:
    return c == c" " or 9 <= c <= 13 or 28 <= c <= 31


cdef bint begins(const char* text, const char* word) noexcept nogil:
    """Whether a text begins with a word in lower case, case aside."""
    while word[0]:
        if lower(text[0]) != <uint8_t>word[0]:
            return False
        text += 1
        word += 1
    return True


cdef bint is_odd(const char* text) noexcept nogil:
    """Whether it has one of the letters that are the same as one in ASCII, case aside: a dotted or
    dotless i, a long s, the sign of Kelvin."""
    cdef const uint8_t* at = <const uint8_t*>text
    while at[0]:
        if at[0] >= 0xC4 and (
            (at[0] == 0xC4 and (at[1] == 0xB0 or at[1] == 0xB1))
            or (at[0] == 0xC5 and at[1] == 0xBF)
            or (at[0] == 0xE2 and at[1] == 0x84 and at[2] == 0xAA)
        ):
            return True
        at += 1
    return False


cdef int leads_nowhere(const char* href) noexcept nogil:
    """Whether an address leads nowhere; -1 where Python has to say."""
    cdef const char* at = href
    while is_space(at[0]):
        at += 1
    if <uint8_t>at[0] >= 0x80:
        return -1  # perhaps more white space
    if not at[0] or at[0] == c"#" or (at[0] == c"/" and at[1] == c"#"):
        return True
    if begins(at, b"javascript:") or begins(at, b"about:blank"):
        return True
    if begins(at, b"http://") or begins(at, b"https://"):
        at += 7 if at[4] == c":" else 8
        while at[0] and at[0] != c"/" and at[0] != c"?" and at[0] != c"#":
            if begins(at, b"javascript:"):
                return True
            at += 1
        if at[0] == c"/":
            at += 1
        if at[0] == c"#" or begins(at, b"javascript:"):
            return True
    at = strchr(href, c"/")
    while at is not NULL:
        if begins(at, b"/javascript:void"):
            return True
        at = strchr(at + 1, c"/")
    return False


cdef class Reader:
    """Reads attributes.

    Args:
        policy: words of addresses of policy pages; opens: of consent tools' hooks; both in lower
            case.
        opens_whole: such words that count only where a word ends behind them.
        fields: types of input that take a text; toggles: those that are on or off.
    """
    cdef list policy, opens, opens_whole, fields, toggles
    cdef uint8_t[1024] pairs  # by two characters: which words may begin so?

    def __cinit__(self, *, policy, opens, opens_whole, fields, toggles):
        self.policy = [word.encode() for word in policy]
        self.opens = [word.encode() for word in opens]
        self.opens_whole = [word.encode() for word in opens_whole]
        self.fields = [word.encode() for word in fields]
        self.toggles = [word.encode() for word in toggles]
        for kind, words in ((POLICY, self.policy), (OPENS, self.opens), (OPENS, self.opens_whole)):
            for word in words:
                if len(word) < 2:
                    raise ValueError("a word has two characters or more")
                self.pairs[pair_of(word[0], word[1])] |= kind

    cdef int has(self, const char* text, int kind) except -2:
        """Whether one of the words stands in a text; -1 where Python has to say."""
        cdef uint8_t this = text[0], next_
        cdef const char* behind
        if not this:
            return False
        while text[1]:
            next_ = text[1]
            if self.pairs[pair_of(this, next_)] & kind:
                for word in self.policy if kind == POLICY else self.opens:
                    if begins(text, <bytes>word):
                        return True
                if kind == OPENS:
                    for word in self.opens_whole:
                        if begins(text, <bytes>word):
                            behind = text + len(<bytes>word)
                            if <uint8_t>behind[0] >= 0x80:
                                return -1
                            if not is_word(behind[0]):
                                return True
            this = next_
            text += 1
        return False

    def speaks_of_policy(self, str text not None):
        """Whether a text has a word of policies; None where Python has to say."""
        cdef bytes encoded = text.encode("utf-8", "replace")
        return None if is_odd(encoded) else bool(self.has(encoded, POLICY))

    def facts(self, elements, const Number[::1] numbers, double[:, :] facts):
        """Fill in `controls.ControlFacts` of elements; those of the numbers returned are left."""
        cdef Py_ssize_t i
        cdef list left = []
        if facts.shape[0] != numbers.shape[0] or facts.shape[1] != N_FACTS:
            raise ValueError("a row for each element, please")
        for i in range(numbers.shape[0]):
            if not self.read_control(node_of(elements, numbers[i]), &facts[i, 0]):
                left.append(i)
        return left

    cdef bint read_control(self, xmlNode* node, double* facts) except -1:
        """False where it is left to Python."""
        cdef xmlAttr* attribute = node.properties
        cdef const char* name
        cdef const char* value
        cdef const char* kind = NOTHING
        cdef bint is_input = strcmp(<const char*>node.name, b"input") == 0
        cdef int found, column
        for column in range(N_FACTS):
            facts[column] = 0
        if node.ns is not NULL:
            return False
        while attribute is not NULL:
            name, value = <const char*>attribute.name, value_of(attribute)
            if value is NULL or is_odd(value) or is_odd(name):
                return False
            if strcmp(name, b"href") == 0:
                found = leads_nowhere(value)
                if found < 0:
                    return False
                if found:
                    facts[NOWHERE] = 1
                else:
                    found = self.has(value, POLICY)
                    facts[TO_POLICY if found else ELSEWHERE] = 1
                value = strchr(value, c"#")
                if value is not NULL and not facts[HOOKED]:
                    found = self.has(value, OPENS)
                    if found < 0:
                        return False
                    facts[HOOKED] = found
            elif strcmp(name, b"class") and strcmp(name, b"id"):
                if strcmp(name, b"onclick") == 0:
                    facts[HANDLED] = 1
                elif strcmp(name, b"type") == 0:
                    kind = value
                elif strcmp(name, b"role") == 0 and strcmp(value, b"switch") == 0:
                    facts[TOGGLE] = 1
                if not facts[HOOKED]:
                    found = self.hooks(name, value)
                    if found < 0:
                        return False
                    facts[HOOKED] = found
            attribute = attribute.next
        if is_input:
            if is_one(kind, self.toggles):
                facts[TOGGLE] = 1
            facts[FIELD] = is_one(kind, self.fields)
        elif strcmp(<const char*>node.name, b"textarea") == 0:
            facts[FIELD] = 1
        return True

    cdef int hooks(self, const char* name, const char* value) except -2:
        cdef int found = self.has(name, OPENS)
        return found if found else self.has(value, OPENS)

    def marks(
        self,
        elements,
        const Number[::1] chains,
        const Number[::1] chain_starts,
        double[:, ::1] marks,
        bint links,
    ):
        """Fill in what attributes say of chains of elements, but for their styles.

        Returns pairs of a row and a style, and the rows that are left to Python.
        """
        cdef Py_ssize_t i, j
        cdef list styles = [], left = []
        if marks.shape[0] != chain_starts.shape[0] - 1 or marks.shape[1] != N_MARKS:
            raise ValueError("a row for each chain, please")
        for i in range(marks.shape[0]):
            for j in range(N_MARKS):
                marks[i, j] = 0
            for j in range(chain_starts[i], chain_starts[i + 1]):
                if not self.read_marks(node_of(elements, chains[j]), &marks[i, 0], i, styles, links):
                    left.append(i)
                    break
        return styles, left

    cdef bint read_marks(
        self, xmlNode* node, double* marks, Py_ssize_t row, list styles, bint links
    ) except -1:
        cdef xmlAttr* attribute = node.properties
        cdef const char* name
        cdef const char* value
        cdef int found
        while attribute is not NULL:
            name, value = <const char*>attribute.name, value_of(attribute)
            if value is NULL or is_odd(value) or is_odd(name):
                return False
            if strcmp(name, b"class") and strcmp(name, b"id") and strcmp(name, b"href"):
                if strcmp(name, b"style") == 0:
                    styles.append((row, PyUnicode_DecodeUTF8(value, strlen(value), NULL)))
                elif strcmp(name, b"aria-modal") == 0:
                    if strcmp(value, b"true") == 0:
                        marks[MODAL] = 1
                elif strcmp(name, b"onclick") == 0 or strcmp(name, b"tabindex") == 0:
                    marks[CLICKABLE] = 1
                if links and not marks[MARK_HOOKED]:
                    found = self.hooks(name, value)
                    if found < 0:
                        return False
                    marks[MARK_HOOKED] = found
            attribute = attribute.next
        return True


cdef bint is_one(const char* text, list words) noexcept:
    """Whether a text is one of the words in lower case, case aside."""
    cdef size_t size = strlen(text)
    for word in words:
        if size == <size_t>len(<bytes>word) and begins(text, <bytes>word):
            return True
    return False


# --- ids ------------------------------------------------------------------------------------------

def ids_beside(
    elements,
    const Number[::1] tag,
    const Number[::1] end,
    const uint8_t[::1] nameless,
    const uint8_t[::1] skipped,
):
    """Ids that a walk's names do not have; None where Python has to say.

    Those are the ids of elements that have no names in it, and of all below elements that it
    skipped, of which it knows nothing but that they are there. nameless, skipped: which tags may
    be such.
    """
    cdef xmlNode* root
    cdef xmlNode* node
    cdef list found = []
    cdef int64_t number
    for number in range(tag.shape[0]):
        if nameless[tag[number]]:
            if not note_id(node_of(elements, number), found):
                return None
        elif skipped[tag[number]] and end[number] == number + 1:
            root = node_of(elements, number)
            node = after(root, root)
            while node is not NULL:
                if not note_id(node, found):
                    return None
                node = after(node, root)
    return found


cdef bint note_id(xmlNode* node, list found) except -1:
    """False where Python has to say."""
    cdef xmlAttr* attribute
    cdef const char* value
    if node.type != XML_ELEMENT_NODE:
        return True
    attribute = node.properties
    while attribute is not NULL:
        if strcmp(<const char*>attribute.name, b"id") == 0 and attribute.ns is NULL:
            value = value_of(attribute)
            if value is NULL:
                return False
            found.append(PyUnicode_DecodeUTF8(value, strlen(value), NULL))
        attribute = attribute.next
    return True


# --- labels ---------------------------------------------------------------------------------------

cdef str attribute_of(xmlNode* node, tuple keys):
    """The first of some attributes that is not blank, "" where all are; None: ask Python."""
    cdef xmlAttr* attribute
    cdef const char* value
    for key in keys:
        attribute = node.properties
        while attribute is not NULL:
            if strcmp(<const char*>attribute.name, <bytes>key) == 0:
                value = value_of(attribute)
                if value is NULL:
                    return None
                words = PyUnicode_DecodeUTF8(value, strlen(value), NULL).split()
                if words:
                    return " ".join(words)
                break
            attribute = attribute.next
    return ""


cdef inline xmlNode* after(xmlNode* node, xmlNode* root) noexcept nogil:
    """The next node of a subtree in document order, or NULL."""
    if node.children is not NULL and node.type == XML_ELEMENT_NODE:
        return node.children
    while node != root:
        if node.next is not NULL:
            return node.next
        node = node.parent
    return NULL


def spoken(elements, int64_t number, keys, inner_keys, inner_tags):
    """What an element without text says by its attributes, or those of what it holds.

    keys, inner_keys: names of attributes, the first that is not blank counts; inner_tags: of the
    elements whose `inner_keys` count. All as tuples of bytes.
    Returns None where Python has to say: there are namespaces, entities or titles.
    """
    cdef xmlNode* root = node_of(elements, number)
    cdef xmlNode* node = root
    cdef str said = attribute_of(root, keys)
    if said is None or said:
        return said
    while node is not NULL:
        if node.type == XML_ENTITY_REF_NODE:
            return None
        if node.type == XML_ELEMENT_NODE:
            if node.ns is not NULL:
                return None
            for tag in <tuple>inner_tags:
                if strcmp(<const char*>node.name, <bytes>tag) == 0:
                    said = attribute_of(node, inner_keys)
                    if said is None or said:
                        return said
                    if strcmp(<const char*>node.name, b"title") == 0 and node.children is not NULL:
                        return None
                    break
        node = after(node, root)
    return ""
