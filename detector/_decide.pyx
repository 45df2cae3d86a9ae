# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.decide.choose` in a few passes over the blocks; the numpy code there says why."""

from libc.stdint cimport uint8_t


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
    cdef double kept = 0, expected = 0, total, best = 0, score = -1, threshold = 2, most = 0
    if not n == words.shape[0] == chosen.shape[0]:
        raise ValueError("one entry for each block, please")
    for i in range(n):
        kept += words[i]
        expected += probability[i] * words[i]
        most = max(most, probability[i])
    total = expected
    if not total < min(least_words, kept / 2):
        while score != best:
            score, kept, expected = best, 0, 0
            for i in range(n):
                if (1 + weight) * probability[i] > score:
                    kept += words[i]
                    expected += probability[i] * words[i]
            best = max(score, (1 + weight) * expected / (kept + weight * total + 1e-9))
        threshold = most
        for i in range(n):
            if (1 + weight) * probability[i] > score and words[i] > 0:
                threshold = min(threshold, probability[i])
    for i in range(n):
        chosen[i] = probability[i] >= threshold
