# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The candidates of `detector.consent.candidates` and their rows, for all of a page at once.

`candidates` and `features` say what they are, and do the same with numpy; `layout` leads here.
"""

from cpython.bytearray cimport PyByteArray_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free, qsort
from libc.string cimport memcpy, memset

include "_number.pxi"
include "_places.pxi"


def climb(
    const Number[::1] seeds,
    const Number[::1] parent,
    const Number[::1] depth,
    const Number[::1] tag,
    const uint8_t[::1] outside,
    const Number[::1] node_element,
    const Number[::1] node_chars,
    int64_t most,
):
    """`consent.candidates._climb`: tops, bottoms and levels; chains, one after another, and where
    each of them begins. All as bytes.

    outside: of each tag, whether its elements can't be candidates.
    most: candidates that are kept.
    """
    cdef int64_t n = parent.shape[0], i, up, at, n_tops = 0, n_kept = 0, n_chain = 0, deepest = 0
    cdef double* chars = <double*>calloc(n + 1, sizeof(double))
    # Of each marked element the number of its top, from 1.
    cdef int64_t* top_of = <int64_t*>calloc(n + 1, sizeof(int64_t))
    cdef int64_t* tops = <int64_t*>calloc(n + 1, sizeof(int64_t))
    cdef int64_t* levels = <int64_t*>calloc(n + 2, sizeof(int64_t))
    cdef int64_t* place = <int64_t*>calloc(n + 2, sizeof(int64_t))
    cdef int64_t* sizes = <int64_t*>calloc(n + 2, sizeof(int64_t))
    cdef int64_t* at_depth = NULL
    cdef Number* top
    cdef Number* bottom
    cdef Number* level
    cdef Number* chain
    cdef Number* start
    try:
        if (chars is NULL or top_of is NULL or tops is NULL or levels is NULL or place is NULL
                or sizes is NULL):
            raise MemoryError
        for i in range(node_element.shape[0]):
            chars[node_element[i]] += node_chars[i]
        for i in range(n - 1, 0, -1):
            chars[parent[i]] += chars[i]
        for i in range(seeds.shape[0]):
            at = seeds[i]
            while not top_of[at] and not outside[tag[at]]:
                top_of[at] = -1
                if parent[at] == at:
                    break
                at = parent[at]
        for i in range(n):
            if top_of[i]:
                up = parent[i]
                if up != i and top_of[up] and chars[up] == chars[i] and chars[up] > 0:
                    top_of[i] = top_of[up]
                else:
                    tops[n_tops] = i
                    n_tops += 1
                    top_of[i] = n_tops
                sizes[top_of[i]] += 1
        # Levels of all; outer ones come first.
        for i in range(n_tops):
            up = parent[tops[i]]
            levels[i + 1] = 1 + (levels[top_of[up]] if top_of[up] and up != tops[i] else 0)
        # Which are kept: of too many, the outer ones.
        if n_tops > most:
            for i in range(n_tops):
                deepest = max(deepest, depth[tops[i]])
            at_depth = <int64_t*>calloc(deepest + 1, sizeof(int64_t))
            if at_depth is NULL:
                raise MemoryError
            for i in range(n_tops):
                at_depth[depth[tops[i]]] += 1
            at = 0  # those that may still be kept
            for i in range(deepest + 1):
                up = at_depth[i]
                at_depth[i] = min(up, most - at)
                at += at_depth[i]
        for i in range(n_tops):
            if at_depth is not NULL:
                if not at_depth[depth[tops[i]]]:
                    continue
                at_depth[depth[tops[i]]] -= 1
            n_kept += 1
            place[i + 1] = n_kept
            n_chain += sizes[i + 1]
        columns = [PyByteArray_FromStringAndSize(NULL, n_kept * sizeof(Number)) for _ in range(3)]
        chains = PyByteArray_FromStringAndSize(NULL, n_chain * sizeof(Number))
        starts = PyByteArray_FromStringAndSize(NULL, (n_kept + 1) * sizeof(Number))
        top = <Number*><char*>columns[0]
        bottom = <Number*><char*>columns[1]
        level = <Number*><char*>columns[2]
        chain, start = <Number*><char*>chains, <Number*><char*>starts
        at = 0
        for i in range(n_tops):
            up = place[i + 1] - 1
            if up >= 0:
                top[up], level[up], start[up] = <Number>tops[i], <Number>levels[i + 1], <Number>at
                at += sizes[i + 1]
                sizes[i + 1] = start[up]  # where the next of its chain goes, from now on
        start[n_kept] = <Number>at
        for i in range(n):
            if top_of[i]:
                up = place[top_of[i]] - 1
                if up >= 0:
                    bottom[up] = <Number>i
                    chain[sizes[top_of[i]]] = <Number>i
                    sizes[top_of[i]] += 1
        return *columns, chains, starts
    finally:
        free(chars)
        free(top_of)
        free(tops)
        free(levels)
        free(place)
        free(sizes)
        free(at_depth)


def read_in(
    const Number[::1] top, const Number[::1] end, const Number[::1] controls, int64_t most
):
    """Numbers of the controls that stand in a candidate with at most so many of them, as bytes."""
    cdef int64_t n = controls.shape[0], i, first, last, kept = 0
    cdef Number* steps = <Number*>calloc(n + 1, sizeof(Number))
    if steps is NULL:
        raise MemoryError
    for i in range(top.shape[0]):
        first, last = place_of(controls, top[i]), place_of(controls, end[i])
        if last - first <= most:
            steps[first] += 1
            steps[last] -= 1
    first = 0
    for i in range(n):
        first += steps[i]
        if first > 0:
            steps[kept] = <Number>i
            kept += 1
    try:
        made = PyByteArray_FromStringAndSize(<char*>steps, kept * sizeof(Number))
    finally:
        free(steps)
    return made


# --- rows -----------------------------------------------------------------------------------------

cdef enum:
    WORDS, PAGE_SHARE, PAGE_WORDS, BLOCKS, ELEMENTS, LINK_DENSITY, WORDS_PER_BLOCK, TEXT_WORDS
    TEXT_SHARE, HOLDS_TITLE, HOLDS_REGION, IN_REGION, REGION_SHARE, START, FINISH, WORDS_BEFORE
    WORDS_AFTER, DEPTH, LEVELS, WORDS_BESIDE_AFTER, CHAIN, SIBLINGS, TAG, BOTTOM_TAG, PARENT_WORDS
    PARENT_RATIO, PARENT_TERMS, PARENT_DENSITY, ROLES, DENSITY, WEAK_DENSITY, STRONG_SHARE
    PAGE_STRONG, TITLE, OWN_NAMED, ABOVE_NAMED, NAMED_SHARE, DIALOG, CONTROLS, LABEL_ROLES
    CHOICE_SHARE, N_PLAIN

PLAIN = (
    "words page_share page_words blocks elements link_density words_per_block text_words "
    "text_share holds_title holds_region in_region region_share start finish words_before "
    "words_after depth levels words_beside_after chain siblings tag bottom_tag parent_words "
    "parent_ratio parent_terms parent_density roles density weak_density strong_share "
    "page_strong title own_named above_named named_share dialog controls label_roles "
    "choice_share"
).split()
"""What is reckoned of each candidate, in this order, before what is counted."""

cdef enum:
    MOST_COUNTED = 16  # kinds of elements
    MOST_ROLES = 32
    N_SUMS = 5
    # Of blocks and text nodes, by element.
    SUM_WORDS = 0
    SUM_BLOCKS, SUM_CHARS, SUM_LINKED, SUM_TEXT


cdef inline double ratio(double numerator, double denominator) noexcept nogil:
    return numerator / denominator if denominator != 0 else 0.0


cdef struct Term:
    int64_t element
    int64_t role


cdef int by_element(const void* one, const void* other) noexcept nogil:
    cdef int64_t a = (<const Term*>one).element, b = (<const Term*>other).element
    return (a > b) - (a < b)


cdef inline int64_t terms_before(const Term* order, int64_t n, int64_t element) noexcept nogil:
    cdef int64_t low = 0, high = n, middle
    while low < high:
        middle = (low + high) >> 1
        if order[middle].element < element:
            low = middle + 1
        else:
            high = middle
    return low


cdef class Layout:
    """What a row consists of, for all pages.

    Args:
        order: (columns,) of each column, which of what is reckoned it is: `PLAIN`; own flags; flags
            above; elements counted; terms of each role; attributes; sums over controls.
        tag_flags: of each tag, the bits of its flags.
        tag_counts: of each tag, the bits of the kinds of elements that it is counted as.
        flag_counts: of each kind of elements from there on, the bit of the flag that is counted.
        groups: rows of the number of a name's word group, and the bit of its flag.
        bits: of the flags named, named_ui, dialog and dialog_tag; number of hidden's.
        strong: of each role, whether its terms are strong by themselves.
        label_columns: how many of the controls' columns, the first, are choices.
        choices: the controls' column of all choices.
        text_words: words from which a block is a text's.
    """
    cdef const int64_t[::1] order, tag_flags, tag_counts, flag_counts
    cdef const int64_t[:, ::1] groups
    cdef const uint8_t[::1] strong
    cdef int64_t n_flags, n_tag_counts, n_columns, n_attributes, label_columns, choices, named_count
    cdef int64_t named, named_ui, dialog, hidden
    cdef double text_words

    def __cinit__(
        self, *, order, tag_flags, tag_counts, flag_counts, groups, strong, n_flags, n_tag_counts,
        n_columns, n_attributes, label_columns, choices, named, named_ui, dialog, hidden, text_words,
    ):
        self.order, self.tag_flags, self.tag_counts = order, tag_flags, tag_counts
        self.flag_counts, self.groups, self.strong = flag_counts, groups, strong
        self.n_flags, self.n_tag_counts, self.n_columns = n_flags, n_tag_counts, n_columns
        self.n_attributes, self.label_columns, self.choices = n_attributes, label_columns, choices
        self.named, self.named_ui, self.dialog, self.hidden = named, named_ui, dialog, hidden
        self.text_words = text_words
        if n_tag_counts + len(flag_counts) > MOST_COUNTED or 2 * len(strong) > MOST_ROLES:
            raise ValueError("too many kinds of elements, or roles")

    def rows(
        self,
        float[:, ::1] matrix,
        *,
        # candidates
        const Number[::1] top,
        const Number[::1] bottom,
        const double[::1] levels,
        const Number[::1] chains,
        const Number[::1] chain_starts,
        const double[:, ::1] attributes,
        # elements
        const Number[::1] parent,
        const Number[::1] end,
        const Number[::1] depth,
        const Number[::1] tag,
        const Number[::1] names,
        const Number[::1] hides,
        const Number[::1] element_groups,
        const int64_t[::1] name_flags,
        # text nodes, blocks, terms
        const Number[::1] node_element,
        const Number[::1] node_words,
        const Number[::1] block_element,
        const Number[::1] block_words,
        const Number[::1] block_chars,
        const Number[::1] block_link_chars,
        const Number[::1] node_start,
        const int64_t[:, ::1] spans,
        # controls
        const Number[::1] controls,
        const Number[::1] read,
        const double[:, ::1] control_columns,
        int64_t most_controls,
        double unread,
        # the page
        double page_words,
        int64_t title_element,
        int64_t region_top,
        double region_share,
        bint title_of_policy,
    ):
        """Fill a matrix, shape (candidates, columns)."""
        cdef int64_t n = parent.shape[0], i, j, k, e, first, last, up, n_candidates = top.shape[0]
        cdef int64_t n_counts = self.n_tag_counts + self.flag_counts.shape[0]
        cdef int64_t n_roles = 2 * self.strong.shape[0], n_terms = spans.shape[0]
        cdef int64_t n_read = read.shape[0], half = self.strong.shape[0], bits, own, above
        cdef int64_t at_above = N_PLAIN + self.n_flags, at_counts = at_above + self.n_flags
        cdef int64_t at_terms = at_counts + n_counts, at_attributes = at_terms + n_roles
        cdef int64_t at_controls = at_attributes + self.n_attributes
        cdef double words, strong, weak, all_strong = 0, parent_words, parent_strong, value
        cdef bint readable
        cdef int64_t* flags = NULL  # of each element, and of it and all above
        cdef int64_t* flags_to = NULL
        cdef int64_t* children = NULL
        cdef int32_t* slots = NULL  # of the elements where a candidate begins or has ended
        cdef int32_t* counts = NULL  # of each kind, in all elements before each of these
        cdef int32_t[MOST_COUNTED] running
        cdef double* sums = NULL  # likewise
        cdef double* control_sums = NULL  # over all read before each
        cdef int32_t* terms = NULL  # likewise
        cdef Term* order = NULL
        cdef double* v = NULL
        if matrix.shape[0] != n_candidates or matrix.shape[1] != self.order.shape[0]:
            raise ValueError("a row for each candidate and a column for each feature, please")
        if control_columns.shape[0] != n_read or control_columns.shape[1] != self.n_columns:
            raise ValueError("a row for each control that was read, please")
        try:
            flags = <int64_t*>calloc(2 * n + 1, sizeof(int64_t))
            children = <int64_t*>calloc(n + 1, sizeof(int64_t))
            slots = <int32_t*>calloc(n + 1, sizeof(int32_t))
            counts = <int32_t*>calloc((2 * n_candidates + 1) * MOST_COUNTED, sizeof(int32_t))
            sums = <double*>calloc((n + 1) * N_SUMS, sizeof(double))
            control_sums = <double*>calloc((n_read + 1) * self.n_columns, sizeof(double))
            terms = <int32_t*>calloc((n_terms + 1) * n_roles, sizeof(int32_t))
            order = <Term*>calloc(n_terms + 1, sizeof(Term))
            v = <double*>calloc(at_controls + self.n_columns, sizeof(double))
            if (flags is NULL or children is NULL or slots is NULL or counts is NULL or sums is NULL
                    or control_sums is NULL or terms is NULL or order is NULL or v is NULL):
                raise MemoryError
            flags_to = flags + n
            for i in range(n_candidates):
                slots[top[i]] = slots[end[top[i]]] = 1
            memset(running, 0, sizeof(running))
            k = 0
            for e in range(n + 1):
                if slots[e]:
                    memcpy(counts + k * MOST_COUNTED, running, sizeof(running))
                    slots[e] = <int32_t>k
                    k += 1
                if e == n:
                    break
                bits = self.tag_flags[tag[e]] | name_flags[names[e]]
                if hides[e]:
                    bits |= self.hidden
                if element_groups[e]:
                    for i in range(self.groups.shape[0]):
                        if element_groups[e] >> self.groups[i, 0] & 1:
                            bits |= self.groups[i, 1]
                flags[e] = bits
                flags_to[e] = bits | (flags_to[parent[e]] if e else 0)
                children[parent[e]] += 1
                j, i = self.tag_counts[tag[e]], 0
                while j:
                    running[i] += j & 1
                    j >>= 1
                    i += 1
                if bits:
                    for j in range(self.flag_counts.shape[0]):
                        running[self.n_tag_counts + j] += bits & self.flag_counts[j] != 0
            for i in range(node_element.shape[0]):
                sums[(node_element[i] + 1) * N_SUMS + SUM_WORDS] += node_words[i]
            for i in range(block_element.shape[0]):
                e = (block_element[i] + 1) * N_SUMS
                sums[e + SUM_BLOCKS] += 1
                sums[e + SUM_CHARS] += block_chars[i]
                sums[e + SUM_LINKED] += block_link_chars[i]
                if block_words[i] >= self.text_words:
                    sums[e + SUM_TEXT] += block_words[i]
            for i in range(N_SUMS, (n + 1) * N_SUMS):
                sums[i] += sums[i - N_SUMS]
            for i in range(n_terms):
                e = node_element[place_of(node_start, spans[i, 0] + 1) - 1]
                order[i] = Term(e, spans[i, 1])
            qsort(order, n_terms, sizeof(Term), by_element)
            for i in range(n_terms):
                memcpy(terms + (i + 1) * n_roles, terms + i * n_roles, n_roles * sizeof(int32_t))
                terms[(i + 1) * n_roles + order[i].role] += 1
                all_strong += order[i].role < half and self.strong[order[i].role]
            for i in range(n_read):
                for j in range(self.n_columns):
                    k = i * self.n_columns + j
                    control_sums[k + self.n_columns] = control_sums[k] + control_columns[i, j]

            for i in range(n_candidates):
                e, last, up = top[i], end[top[i]], parent[top[i]]
                own = 0
                for j in range(chain_starts[i], chain_starts[i + 1]):
                    own |= flags[chains[j]]
                above = flags_to[up]
                for j in range(self.n_flags):
                    v[N_PLAIN + j] = own >> j & 1
                    v[at_above + j] = above >> j & 1
                first, k = slots[e] * MOST_COUNTED, slots[last] * MOST_COUNTED
                for j in range(n_counts):
                    v[at_counts + j] = counts[k + j] - counts[first + j]
                for j in range(self.n_attributes):
                    v[at_attributes + j] = attributes[i, j]
                self.place(&v[at_terms], terms, order, n_terms, e, last)
                v[ROLES] = strong = weak = 0
                for j in range(half):
                    v[ROLES] += v[at_terms + j] > 0
                    strong += v[at_terms + j] * self.strong[j]
                    weak += v[at_terms + half + j]
                parent_strong = self.strong_in(terms, order, n_terms, up, end[up]) - strong
                words = sums[last * N_SUMS + SUM_WORDS] - sums[e * N_SUMS + SUM_WORDS]
                parent_words = sums[end[up] * N_SUMS + SUM_WORDS] - sums[up * N_SUMS + SUM_WORDS]
                v[WORDS] = words
                v[PAGE_SHARE] = words / max(page_words, 1.0)
                v[PAGE_WORDS] = page_words
                v[BLOCKS] = sums[last * N_SUMS + SUM_BLOCKS] - sums[e * N_SUMS + SUM_BLOCKS]
                v[ELEMENTS] = last - e
                v[LINK_DENSITY] = ratio(
                    sums[last * N_SUMS + SUM_LINKED] - sums[e * N_SUMS + SUM_LINKED],
                    sums[last * N_SUMS + SUM_CHARS] - sums[e * N_SUMS + SUM_CHARS],
                )
                v[WORDS_PER_BLOCK] = ratio(words, v[BLOCKS])
                v[TEXT_WORDS] = sums[last * N_SUMS + SUM_TEXT] - sums[e * N_SUMS + SUM_TEXT]
                v[TEXT_SHARE] = ratio(v[TEXT_WORDS], words)
                v[HOLDS_TITLE] = e <= title_element < last
                v[HOLDS_REGION] = e <= region_top < last
                v[IN_REGION] = region_top < e < end[region_top]
                v[REGION_SHARE] = region_share
                v[START] = <double>e / max(n, 1)
                v[FINISH] = <double>last / max(n, 1)
                v[WORDS_BEFORE] = sums[e * N_SUMS + SUM_WORDS]
                v[WORDS_AFTER] = page_words - v[WORDS_BEFORE] - words
                v[DEPTH] = depth[e]
                v[LEVELS] = levels[i]
                v[WORDS_BESIDE_AFTER] = (
                    sums[end[up] * N_SUMS + SUM_WORDS] - sums[last * N_SUMS + SUM_WORDS]
                )
                v[CHAIN] = depth[bottom[i]] - depth[e]
                v[SIBLINGS] = children[up]
                v[TAG], v[BOTTOM_TAG] = tag[e], tag[bottom[i]]
                v[PARENT_WORDS] = parent_words - words
                v[PARENT_RATIO] = ratio(words, parent_words)
                v[PARENT_TERMS] = parent_strong
                v[PARENT_DENSITY] = ratio(parent_strong, parent_words - words)
                v[DENSITY] = ratio(strong, words)
                v[WEAK_DENSITY] = ratio(weak, words)
                v[STRONG_SHARE] = ratio(strong, all_strong)
                v[PAGE_STRONG] = all_strong
                v[TITLE] = title_of_policy
                v[OWN_NAMED] = (own & self.named != 0) + (own & self.named_ui != 0)
                v[ABOVE_NAMED] = (above & self.named != 0) + (above & self.named_ui != 0)
                # Named elements are the first of the flags that are counted.
                v[NAMED_SHARE] = ratio(v[at_counts + self.n_tag_counts], last - e)
                v[DIALOG] = own & self.dialog != 0
                first, k = place_of(controls, e), place_of(controls, last)
                v[CONTROLS] = k - first
                readable = k - first <= most_controls
                first, k = place_of(read, first), place_of(read, k)
                for j in range(self.n_columns):
                    v[at_controls + j] = (
                        control_sums[k * self.n_columns + j]
                        - control_sums[first * self.n_columns + j]
                    ) if readable else unread
                v[LABEL_ROLES] = 0
                for j in range(self.label_columns):
                    v[LABEL_ROLES] += v[at_controls + j] > 0
                v[CHOICE_SHARE] = ratio(v[at_controls + self.choices], v[CONTROLS])
                for j in range(self.order.shape[0]):
                    matrix[i, j] = <float>v[self.order[j]]
        finally:
            free(flags)
            free(children)
            free(slots)
            free(counts)
            free(sums)
            free(control_sums)
            free(terms)
            free(order)
            free(v)

    cdef void place(
        self,
        double* into,
        const int32_t* terms,
        const Term* order,
        int64_t n_terms,
        int64_t start,
        int64_t end,
    ) noexcept:
        """Terms of each role in a range of elements."""
        cdef int64_t n_roles = 2 * self.strong.shape[0], role
        cdef const int32_t* low = terms + terms_before(order, n_terms, start) * n_roles
        cdef const int32_t* high = terms + terms_before(order, n_terms, end) * n_roles
        for role in range(n_roles):
            into[role] = high[role] - low[role]

    cdef double strong_in(
        self,
        const int32_t* terms,
        const Term* order,
        int64_t n_terms,
        int64_t start,
        int64_t end,
    ) noexcept:
        cdef double found[MOST_ROLES]
        cdef double total = 0
        cdef int64_t role
        self.place(found, terms, order, n_terms, start, end)
        for role in range(self.strong.shape[0]):
            total += found[role] * self.strong[role]
        return total
