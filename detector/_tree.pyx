# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What `detector.features.context` asks of a block's ancestors, one step an element."""

from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport free, malloc


def nearest(
    const int64_t[::1] parent,
    const int64_t[::1] depth,
    const int64_t[::1] element,
    const uint8_t[::1] marked,
    int64_t limit,
    int64_t[::1] out,
):
    """Fill `out` with the nearest marked ancestor, or self, of each of `element`; -1 for none.

    parent, depth, marked: of all elements, parents before children.
    limit: how many of its ancestors, itself included, are looked at.
    """
    cdef Py_ssize_t n = parent.shape[0], i
    cdef int64_t at, found
    if not n == depth.shape[0] == marked.shape[0] or element.shape[0] != out.shape[0]:
        raise ValueError("one entry for each element, please")
    cdef int64_t* above = <int64_t*>malloc((n + 1) * sizeof(int64_t))
    if above is NULL:
        raise MemoryError
    for i in range(n):
        above[i] = i if marked[i] else above[parent[i]] if i else -1
    for i in range(element.shape[0]):
        at = element[i]
        found = above[at]
        out[i] = found if found >= 0 and depth[at] - depth[found] < limit else -1
    free(above)


def chain(const int64_t[::1] parent, const int64_t[::1] element, int64_t[:, ::1] out):
    """Fill `out`, shape (steps, n): an element, its parent, and so on; the root repeats."""
    cdef Py_ssize_t step, i, n = element.shape[0]
    if out.shape[1] != n or not out.shape[0]:
        raise ValueError("one column for each element, please")
    for i in range(n):
        out[0, i] = element[i]
    for step in range(1, out.shape[0]):
        for i in range(n):
            out[step, i] = parent[out[step - 1, i]]
