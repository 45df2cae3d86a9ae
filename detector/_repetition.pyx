# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.features.repetition` in a few passes; the numpy code there says what for."""

import os

from libc.math cimport log, sqrt
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

include "_alike.pxi"


cdef struct PathSums:
    double blocks
    double words
    double links
    double chars
    double distinct
    float[5] row  # once the path has been met: its columns
    bint met


cdef struct GroupSums:
    double size
    double words
    double squares
    double links
    double chars
    double images
    float[6] row  # once the group has been met: its columns
    bint met


cdef inline double ratio(double numerator, double denominator) noexcept nogil:
    return numerator / denominator if denominator != 0 else 0


def paths(
    const int64_t[::1] path_of_element,
    const int64_t[::1] element,
    const int32_t[::1] text_id,
    const double[::1] words,
    const double[::1] chars,
    const double[::1] link_chars,
    double page_words,
    double[::1] blocks,
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
):
    """Fill five columns of the matrix from `first` on, and how many blocks each one's path has.

    element, text_id, words, chars, link_chars, blocks: (b,), as `Context` has them.
    start: the block that the matrix's first row is of; `blocks` is filled for those rows' alone.
    """
    cdef Py_ssize_t n = element.shape[0], i, size = 0
    cdef int64_t path
    cdef PathSums* of
    if (not n == text_id.shape[0] == words.shape[0] == chars.shape[0] == link_chars.shape[0]
            == blocks.shape[0] or matrix.shape[1] < first + 5):
        raise ValueError("one entry for each block, please")
    if not 0 <= start <= n - matrix.shape[0]:
        raise ValueError("there are no blocks for these rows")
    for i in range(path_of_element.shape[0]):
        size = max(size, path_of_element[i] + 1)
    cdef PathSums* sums = <PathSums*>calloc(size + 1, sizeof(PathSums))
    cdef uint64_t* texts = <uint64_t*>malloc((n + 1) * sizeof(uint64_t))  # of a path
    cdef int32_t* alike = <int32_t*>malloc((n + 1) * sizeof(int32_t))
    try:
        if sums is NULL or texts is NULL or alike is NULL:
            raise MemoryError
        for i in range(n):
            path = path_of_element[element[i]]
            texts[i] = <uint64_t>path << 32 | <uint64_t>text_id[i]
        find_alike(texts, n, alike)
        for i in range(n):
            of = &sums[path_of_element[element[i]]]
            of.blocks += 1
            of.words += words[i]
            of.links += link_chars[i]
            of.chars += chars[i]
            of.distinct += alike[i] == i
        for i in range(start, start + matrix.shape[0]):
            of = &sums[path_of_element[element[i]]]
            if not of.met:
                of.met = True
                of.row[0] = <float>(of.words / max(page_words, 1))
                of.row[1] = <float>ratio(of.words, of.blocks)
                of.row[2] = <float>ratio(of.links, of.chars)
                of.row[3] = <float>log(of.blocks)
                of.row[4] = <float>ratio(of.distinct, of.blocks)
            blocks[i] = of.blocks
            memcpy(&matrix[i - start, first], of.row, sizeof(of.row))
    finally:
        free(sums)
        free(texts)
        free(alike)


def records(
    const int64_t[::1] parent,
    const int64_t[::1] depth,
    const int64_t[::1] siblings,
    const int64_t[::1] tag,
    const uint8_t[::1] no_record,
    const double[::1] element_words,
    const double[::1] element_chars,
    const double[::1] element_link_chars,
    const double[::1] element_images,
    const double[::1] element_blocks,
    const int64_t[::1] element,
    const double[::1] path_blocks,
    double page_words,
    int64_t limit,
    double least,
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
):
    """Fill sixteen columns of the matrix: of the nearest records, and of those with most words.

    parent ... element_blocks: (e,), parents before children; element, path_blocks: (b,).
    no_record: by tag, which elements are none.
    limit: how many of its ancestors, itself included, are looked at.
    least: how many records there must be.
    start: the block that the matrix's first row is of.
    """
    cdef Py_ssize_t n = parent.shape[0], i, size = 0
    cdef int64_t at, step, near, wide
    cdef GroupSums* of
    if (not n == depth.shape[0] == siblings.shape[0] == tag.shape[0] == element_words.shape[0]
            == element_chars.shape[0] == element_link_chars.shape[0] == element_images.shape[0]
            == element_blocks.shape[0]):
        raise ValueError("one entry for each element, please")
    if element.shape[0] != path_blocks.shape[0] or matrix.shape[1] < first + 16:
        raise ValueError("one entry for each block, please")
    if not 0 <= start <= element.shape[0] - matrix.shape[0]:
        raise ValueError("there are no blocks for these rows")
    for i in range(n):
        size = max(size, siblings[i] + 1)
    cdef GroupSums* groups = <GroupSums*>calloc(size + 1, sizeof(GroupSums))
    # Of each element, the nearest record that it is or stands in; -1 for none.
    cdef int64_t* record = <int64_t*>calloc(n + 1, sizeof(int64_t))
    try:
        if groups is NULL or record is NULL:
            raise MemoryError
        for i in range(n):
            groups[siblings[i]].size += element_words[i] > 0
        for i in range(n):
            of = &groups[siblings[i]]
            if of.size < least:
                continue
            of.words += element_words[i]
            of.squares += element_words[i] * element_words[i]
            of.links += element_link_chars[i]
            of.chars += element_chars[i]
            of.images += element_images[i]
        for i in range(n):
            record[i] = record[parent[i]] if i else -1
            if (element_words[i] > 0 and groups[siblings[i]].size >= least
                    and not no_record[tag[i]]):
                record[i] = i
        for i in range(start, start + matrix.shape[0]):
            near = record[element[i]]
            if near < 0 or depth[element[i]] - depth[near] >= limit:
                for step in range(16):
                    matrix[i - start, first + step] = -1
                continue
            at = wide = near
            while at > 0:
                at = record[parent[at]]
                if at < 0 or depth[element[i]] - depth[at] >= limit:
                    break
                if groups[siblings[at]].words > groups[siblings[wide]].words:
                    wide = at
            write(&groups[siblings[near]], path_blocks[i], element_blocks[near], page_words,
                  &matrix[i - start, first])
            write(&groups[siblings[wide]], path_blocks[i], element_blocks[wide], page_words,
                  &matrix[i - start, first + 8])
    finally:
        free(groups)
        free(record)


cdef void write(
    GroupSums* of, double path_blocks, double blocks, double page_words, float* row
) noexcept nogil:
    """What is said of a record: of its group, and of it."""
    cdef double mean, squares
    if not of.met:
        of.met = True
        mean, squares = ratio(of.words, of.size), ratio(of.squares, of.size)
        of.row[0] = <float>log(max(of.size, 1))
        of.row[1] = <float>mean
        of.row[2] = <float>(of.words / max(page_words, 1))
        of.row[3] = <float>ratio(of.links, of.chars)
        of.row[4] = <float>ratio(of.images, of.size)
        of.row[5] = <float>ratio(sqrt(max(squares - mean * mean, 0)), mean)
    memcpy(row, of.row, sizeof(of.row))
    row[6] = <float>ratio(path_blocks, of.size)
    row[7] = <float>blocks
