"""The way through the tree from one element to another; for `_tree` and `_matrix`."""


cdef struct Way:
    int64_t up
    int64_t down


cdef inline Way way_to(
    int64_t target,
    const Number* parent,
    const Number* end,
    const Number* depth,
    int64_t at,
    int64_t limit,
) noexcept nogil:
    """Steps from an element up to the nearest ancestor, or self, that holds the target, and from
    there down to it. Only `limit` of them are looked at: where none of these holds it, there are
    `limit` steps up, and those down are reckoned from the last.
    """
    cdef int64_t step = 0
    while not at <= target < end[at]:
        step += 1
        if step == limit:
            break
        at = parent[at]
    return Way(step, depth[target] - depth[at])
