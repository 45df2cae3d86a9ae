# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.decide.choose` in one pass over the blocks in order; the numpy code there says why."""

from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport free, malloc, qsort

cdef struct Block:
    double probability
    double words
    int64_t number


cdef int later(const void* one, const void* other) noexcept nogil:
    """By falling probability, equals in the order of the page."""
    cdef const Block* a = <const Block*>one
    cdef const Block* b = <const Block*>other
    if a.probability != b.probability:
        return 1 if a.probability < b.probability else -1
    return 1 if a.number > b.number else -1


def choose(
    const double[::1] probability,
    const double[::1] words,
    double weight,
    double least_words,
    uint8_t[::1] chosen,
):
    """Fill `chosen`, (b,), with 1 for the blocks that are content.

    weight: how much recall weighs beside precision.
    least_words: if fewer words are expected to be content, and less than half of all, none are.
    """
    cdef Py_ssize_t n = probability.shape[0], i
    cdef double kept = 0, expected = 0, total, score, best = -1, threshold = 2
    if not n == words.shape[0] == chosen.shape[0]:
        raise ValueError("one entry for each block, please")
    cdef Block* blocks = <Block*>malloc((n + 1) * sizeof(Block))
    if blocks is NULL:
        raise MemoryError
    for i in range(n):
        blocks[i] = Block(probability[i], words[i], i)
    qsort(blocks, n, sizeof(Block), later)
    for i in range(n):
        kept += blocks[i].words
        expected += blocks[i].probability * blocks[i].words
    total = expected
    if not total < min(least_words, kept / 2):
        kept = expected = 0
        for i in range(n):
            kept += blocks[i].words
            expected += blocks[i].probability * blocks[i].words
            score = (1 + weight) * expected / (kept + weight * total + 1e-9)
            if score > best:
                best, threshold = score, blocks[i].probability
    for i in range(n):
        chosen[i] = probability[i] >= threshold
    free(blocks)
