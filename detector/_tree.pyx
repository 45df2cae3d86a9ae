# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What features ask of the tree: of a block's ancestors, one step an element, and of subtrees.

Elements are numbered in document order, so that a parent stands before its children.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

# Rows of an element's sums, in the order of `detector.features.context.ELEMENT_SUMS`.
cdef enum:
    BLOCKS, WORDS, CHARS, LINK_CHARS, IMAGES, N_SUMS


include "_number.pxi"
include "_way.pxi"


def subtrees(const double[::1] values, const Number[::1] end, double[::1] out):
    """Fill `out` with the sum of the values of each element's subtree."""
    cdef Py_ssize_t n = values.shape[0], i
    if not n == end.shape[0] == out.shape[0]:
        raise ValueError("one entry for each element, please")
    cdef double* total = <double*>malloc((n + 1) * sizeof(double))
    if total is NULL:
        raise MemoryError
    total[0] = 0
    for i in range(n):
        total[i + 1] = total[i] + values[i]
    for i in range(n):
        out[i] = total[end[i]] - total[i]
    free(total)


def sums(
    const Number[::1] parent,
    const Number[::1] tag,
    const uint8_t[::1] is_image,
    const Number[::1] element,
    const Number[::1] words,
    const Number[::1] chars,
    const Number[::1] link_chars,
    Number[:, ::1] out,
):
    """Fill `out`, shape (N_SUMS, n_elements), with sums over each element's subtree.

    is_image: by code of a tag.
    element, words, chars, link_chars: of blocks.
    """
    cdef Py_ssize_t n = parent.shape[0], i
    cdef int64_t up
    cdef int row
    cdef Number* of[N_SUMS]
    if out.shape[0] != N_SUMS or not n == tag.shape[0] == out.shape[1]:
        raise ValueError("one entry for each element, please")
    if not element.shape[0] == words.shape[0] == chars.shape[0] == link_chars.shape[0]:
        raise ValueError("one entry for each block, please")
    if n == 0:
        return
    for row in range(N_SUMS):
        of[row] = &out[row, 0]
    for i in range(n):
        of[BLOCKS][i] = of[WORDS][i] = of[CHARS][i] = of[LINK_CHARS][i] = 0
        of[IMAGES][i] = is_image[tag[i]]
    for i in range(element.shape[0]):
        up = element[i]
        of[BLOCKS][up] += 1
        of[WORDS][up] += words[i]
        of[CHARS][up] += chars[i]
        of[LINK_CHARS][up] += link_chars[i]
    for i in range(n - 1, 0, -1):
        up = parent[i]
        for row in range(N_SUMS):
            of[row][up] += of[row][i]


# Most kinds of elements that are looked for, and what stands for all steps beyond the limit's.
cdef enum:
    MOST_KINDS = 64, TOO_FAR = 200

# An element on the path to a block: steps up to the nearest of each kind, how many on the way hide
# what is in them, and the depth of the nearest that holds more blocks.
cdef struct Step:
    int64_t element, hidden, wider
    uint8_t steps[MOST_KINDS]


cdef inline void farther(const uint8_t* above, uint8_t* steps) noexcept nogil:
    cdef int kind
    for kind in range(MOST_KINDS):
        steps[kind] = above[kind] + (above[kind] < TOO_FAR)


cdef inline void within(
    const uint8_t* steps, uint8_t* out, int n, uint8_t limit, uint8_t far,
) noexcept nogil:
    cdef int kind
    for kind in range(n):
        out[kind] = steps[kind] if steps[kind] < limit else far


def climb(
    const Number[::1] parent,
    const Number[::1] depth,
    const Number[::1] tag,
    const Number[::1] hides,
    const Number[::1] groups,
    const Number[::1] blocks,
    const Number[::1] element,
    const uint64_t[::1] tag_kinds,
    int first_group,
    uint8_t far,
    int64_t limit,
    uint8_t[:, ::1] steps,
    Number[::1] hidden,
    Number[:, ::1] levels,
):
    """Go up from each block once for all that is noted on the way, through at most `limit` elements.

    groups: of each element, a bit set; bit 0 is kind `first_group`.
    blocks: in the subtree of each element.
    tag_kinds: bit set of kinds by code of a tag.
    steps: (b, kinds) to fill with the steps up to the nearest element of each kind, or `far`.
    hidden: (b,) with how many elements hide their subtree; see `Context.chain` on what is above
        the root.
    levels: (b, n) with the nearest ancestors with ever more blocks; the last repeats.
    """
    cdef Py_ssize_t n = element.shape[0], n_levels = levels.shape[1], i, level
    cdef int64_t at, above, d, longest = 0
    cdef uint64_t kinds
    cdef uint8_t* row
    cdef int kind, n_kinds = <int>steps.shape[1]
    cdef Step* path
    if not n == steps.shape[0] == hidden.shape[0] == levels.shape[0]:
        raise ValueError("one entry for each block, please")
    if not (
        parent.shape[0] == depth.shape[0] == tag.shape[0] == hides.shape[0] == groups.shape[0]
        == blocks.shape[0]
    ):
        raise ValueError("one entry for each element, please")
    if n_kinds > MOST_KINDS or limit >= TOO_FAR:
        raise ValueError("so many kinds, or steps, are not provided for")
    for i in range(n):
        longest = max(longest, depth[element[i]])
    path = <Step*>malloc((longest + 1) * sizeof(Step))
    if path is NULL:
        raise MemoryError
    for d in range(longest + 1):
        path[d].element = -1
    longest = min(longest + 1, limit)
    for i in range(n):
        # The path to the element, of which that to the one before has the beginning in common.
        at, d = element[i], depth[element[i]]
        while d >= 0 and path[d].element != at:
            path[d].element = at
            at = parent[at]
            d -= 1
        for d in range(d + 1, depth[element[i]] + 1):
            at = path[d].element
            if d:
                farther(path[d - 1].steps, path[d].steps)
                above = path[d - 1].element
                path[d].hidden = path[d - 1].hidden + hides[at]
                path[d].wider = d - 1 if blocks[above] > blocks[at] else path[d - 1].wider
            else:
                memset(path[d].steps, TOO_FAR, MOST_KINDS)
                path[d].hidden = hides[at]
                path[d].wider = -1
            kinds = tag_kinds[tag[at]] | <uint64_t>groups[at] << first_group
            kind = 0
            while kinds:
                if not kinds & 0xFF:  # most have none, or one
                    kinds >>= 8
                    kind += 8
                    continue
                if kinds & 1:
                    path[d].steps[kind] = 0
                kinds >>= 1
                kind += 1
        # What is noted of it, as far as the limit goes.
        d = depth[element[i]]
        within(path[d].steps, &steps[i, 0], n_kinds, <uint8_t>longest, far)
        hidden[i] = path[d].hidden
        if d >= longest:
            hidden[i] -= path[d - longest].hidden
        else:
            hidden[i] += path[0].hidden * (longest - 1 - d)
        at = d if blocks[element[i]] > 1 else path[d].wider
        for level in range(n_levels):
            if at < 0 or d - at >= longest:
                at = max(d - longest + 1, 0)
            levels[i, level] = path[at].element
            at = path[at].wider if at else -1
    free(path)


def region(
    const Number[::1] parent,
    const Number[::1] end,
    const Number[::1] depth,
    const Number[::1] tag,
    const uint8_t[::1] is_flat,
    const Number[::1] element,
    const Number[::1] chars,
    const Number[::1] link_chars,
    const int32_t[:, ::1] classes,
    tuple marks,
    double min_chars,
    const Number[::1] element_chars,
    const Number[::1] element_link_chars,
    int64_t limit,
    Number[::1] up,
    Number[::1] down,
):
    """The best element as `detector.features.region` has it, and its points; `up` and `down` are
    filled with the ways to it, as `_way.pxi` has them.

    is_flat: by code of a tag.
    marks: numbers of the classes of commas and of sentence ends.
    """
    cdef Py_ssize_t n = parent.shape[0], i
    cdef int comma = marks[0], terminal = marks[1]
    cdef int64_t first, best = 0
    cdef double points, best_score
    cdef Way found
    if not (
        n == end.shape[0] == depth.shape[0] == tag.shape[0] == element_chars.shape[0]
        == element_link_chars.shape[0]
    ) or not n:
        raise ValueError("one entry for each element, please")
    if not (
        element.shape[0] == chars.shape[0] == link_chars.shape[0] == classes.shape[0]
        == up.shape[0] == down.shape[0]
    ):
        raise ValueError("one entry for each block, please")
    cdef double* score = <double*>calloc(2 * n, sizeof(double))
    cdef double* halves = score + n
    if score is NULL:
        raise MemoryError
    for i in range(element.shape[0]):
        if chars[i] < min_chars:
            continue
        points = 1.0 + classes[i, comma] + classes[i, terminal] + min(<double>chars[i] / 100, 3.0)
        points *= 1 - (<double>link_chars[i] / chars[i] if chars[i] else 0)
        first = element[i] if is_flat[tag[element[i]]] else parent[element[i]]
        score[first] += points
        halves[parent[first]] += points / 2
    for i in range(n):
        score[i] += halves[i]
        if score[i] == 0:
            continue
        score[i] *= 1 - (
            <double>element_link_chars[i] / element_chars[i] if element_chars[i] else 0
        )
        if score[i] > score[best]:
            best = i
    best_score = score[best]
    free(score)
    for i in range(element.shape[0]):
        found = way_to(best, &parent[0], &end[0], &depth[0], element[i], limit)
        up[i], down[i] = <Number>found.up, <Number>found.down
    return best, best_score
