# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.features.repetition` in a few passes; the numpy code there says what for."""

import os

from libc.math cimport log, sqrt
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

include "_number.pxi"
include "_alike.pxi"


cdef struct PathSums:
    Number blocks
    Number words
    Number links
    Number chars
    Number distinct
    float[5] row  # once the path has been met: its columns
    bint met


cdef struct GroupSums:
    double squares
    Number size
    Number words
    Number links
    Number chars
    Number images
    float[6] row  # once the group has been met: its columns
    bint met


# Numbers of blocks and of records, whose logs are kept: most are small.
cdef enum:
    MOST_LOGS = 256
cdef double[MOST_LOGS] LOGS
cdef int number
for number in range(1, MOST_LOGS):
    LOGS[number] = log(number)


cdef inline double log_of(double count) noexcept nogil:
    return LOGS[<int>count] if count < MOST_LOGS else log(count)


cdef inline double ratio(double numerator, double denominator) noexcept nogil:
    return numerator / denominator if denominator != 0 else 0


# What is asked of the page: (e,) of elements and (b,) of blocks, as `fill` has them.
cdef struct Page:
    const Number* parent
    const Number* depth
    const Number* siblings
    const Number* tag
    const uint8_t* no_record
    const Number* element_words
    const Number* element_chars
    const Number* element_link_chars
    const Number* element_images
    const Number* element_blocks
    const Number* element
    const int32_t* text_id
    const Number* words
    const Number* chars
    const Number* link_chars
    Py_ssize_t n_elements, n
    double page_words, least
    int64_t limit


def fill(
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
    const Number[::1] parent,
    const Number[::1] depth,
    const Number[::1] siblings,
    const Number[::1] tag,
    const Number[::1] path,
    const Number[::1] class_path,
    const uint8_t[::1] no_record,
    const Number[:, ::1] element_sums,
    tuple element_rows,
    const Number[::1] element,
    const int32_t[::1] text_id,
    const Number[:, ::1] sums,
    tuple rows,
    double page_words,
    int64_t limit,
    double least,
):
    """Fill the columns of `detector.features.repetition`, from `first` on: five of each kind of path
    and sixteen of records.

    start: the block that the matrix's first row is of.
    parent ... class_path: (e,), parents before children; element, text_id: (b,).
    no_record: by tag, which elements are none.
    element_sums: over subtrees; element_rows: of them words, characters, those in links, images,
        blocks.
    sums: of blocks; rows: of them words, characters, those in links.
    limit: how many of its ancestors, itself included, are looked at.
    least: how many records there must be.
    """
    cdef Page page
    cdef Py_ssize_t n_elements = parent.shape[0], n = element.shape[0]
    if not (
        n_elements == depth.shape[0] == siblings.shape[0] == tag.shape[0] == path.shape[0]
        == class_path.shape[0] == element_sums.shape[1]
    ):
        raise ValueError("one entry for each element, please")
    if not n == text_id.shape[0] == sums.shape[1]:
        raise ValueError("one entry for each block, please")
    if not 0 <= start <= n - matrix.shape[0] or matrix.shape[1] < first + 26:
        raise ValueError("there are no blocks, or no columns, for these rows")
    if not matrix.shape[0]:
        return
    page.parent, page.depth, page.siblings = &parent[0], &depth[0], &siblings[0]
    page.tag, page.no_record = &tag[0], &no_record[0]
    page.element_words = &element_sums[<int>element_rows[0], 0]
    page.element_chars = &element_sums[<int>element_rows[1], 0]
    page.element_link_chars = &element_sums[<int>element_rows[2], 0]
    page.element_images = &element_sums[<int>element_rows[3], 0]
    page.element_blocks = &element_sums[<int>element_rows[4], 0]
    page.element, page.text_id = &element[0], &text_id[0]
    page.words, page.chars = &sums[<int>rows[0], 0], &sums[<int>rows[1], 0]
    page.link_chars = &sums[<int>rows[2], 0]
    page.n_elements, page.n, page.page_words = n_elements, n, page_words
    page.limit, page.least = limit, least
    cdef double* blocks = <double*>malloc(n * sizeof(double))  # of each block's path
    try:
        if blocks is NULL:
            raise MemoryError
        paths(&page, &path[0], blocks, matrix, first, start)
        paths(&page, &class_path[0], blocks, matrix, first + 5, start)
        records(&page, blocks, matrix, first + 10, start)
    finally:
        free(blocks)


cdef int paths(
    const Page* page,
    const Number* path_of_element,
    double* blocks,
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
) except -1:
    """Fill five columns, and how many blocks the path of each block that has a row has."""
    cdef Py_ssize_t n = page.n, i, size = 0, n_paths = 0
    cdef PathSums* of
    cdef PathSums* sums = NULL
    for i in range(n):
        size = max(size, path_of_element[page.element[i]] + 1)
    # Of each path its number among those of blocks, from 1, and of each block that of its path.
    cdef Number* number = <Number*>calloc(size + 1, sizeof(Number))
    cdef Number* path = <Number*>malloc((n + 1) * sizeof(Number))
    cdef uint64_t* texts = <uint64_t*>malloc((n + 1) * sizeof(uint64_t))  # of a path
    cdef int32_t* alike = <int32_t*>malloc((n + 1) * sizeof(int32_t))
    try:
        if number is NULL or path is NULL or texts is NULL or alike is NULL:
            raise MemoryError
        for i in range(n):
            path[i] = path_of_element[page.element[i]]
            if not number[path[i]]:
                n_paths += 1
                number[path[i]] = <Number>n_paths
            path[i] = number[path[i]]
            texts[i] = <uint64_t>path[i] << 32 | <uint64_t>page.text_id[i]
        find_alike(texts, n, alike)
        sums = <PathSums*>calloc(n_paths + 1, sizeof(PathSums))
        if sums is NULL:
            raise MemoryError
        for i in range(n):
            of = &sums[path[i]]
            of.blocks += 1
            of.words += page.words[i]
            of.links += page.link_chars[i]
            of.chars += page.chars[i]
            of.distinct += alike[i] == i
        for i in range(start, start + matrix.shape[0]):
            of = &sums[path[i]]
            if not of.met:
                of.met = True
                of.row[0] = <float>(of.words / max(page.page_words, 1.0))
                of.row[1] = <float>ratio(of.words, of.blocks)
                of.row[2] = <float>ratio(of.links, of.chars)
                of.row[3] = <float>log_of(of.blocks)
                of.row[4] = <float>ratio(of.distinct, of.blocks)
            blocks[i] = of.blocks
            memcpy(&matrix[i - start, first], of.row, sizeof(of.row))
    finally:
        free(number)
        free(path)
        free(sums)
        free(texts)
        free(alike)
    return 0


cdef int records(
    const Page* page,
    const double* path_blocks,
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
) except -1:
    """Fill sixteen columns: of the nearest records, and of those with most words."""
    cdef Py_ssize_t n = page.n_elements, i, size = 0, n_large = 0
    cdef int64_t at, step, near, wide
    cdef GroupSums* of
    cdef GroupSums* groups = NULL  # the large ones
    for i in range(n):
        size = max(size, page.siblings[i] + 1)
    # Of each group its size, and then its number among the large ones, from 1; 0 for the others.
    cdef Number* large = <Number*>calloc(size + 1, sizeof(Number))
    # Of each element, the nearest record that it is or stands in; -1 for none.
    cdef Number* record = <Number*>malloc((n + 1) * sizeof(Number))
    try:
        if large is NULL or record is NULL:
            raise MemoryError
        for i in range(n):
            large[page.siblings[i]] += page.element_words[i] > 0
        for i in range(size):
            n_large += large[i] >= page.least
        groups = <GroupSums*>calloc(n_large + 1, sizeof(GroupSums))
        if groups is NULL:
            raise MemoryError
        n_large = 0
        for i in range(size):
            n_large += large[i] >= page.least
            if large[i] >= page.least:
                groups[n_large].size = large[i]
                large[i] = <Number>n_large
            else:
                large[i] = 0
        for i in range(n):
            if not large[page.siblings[i]]:
                continue
            of = &groups[large[page.siblings[i]]]
            of.words += page.element_words[i]
            of.squares += <double>page.element_words[i] * page.element_words[i]
            of.links += page.element_link_chars[i]
            of.chars += page.element_chars[i]
            of.images += page.element_images[i]
        for i in range(n):
            record[i] = record[page.parent[i]] if i else -1
            if (page.element_words[i] > 0 and large[page.siblings[i]]
                    and not page.no_record[page.tag[i]]):
                record[i] = <Number>i
        for i in range(start, start + matrix.shape[0]):
            near = record[page.element[i]]
            if near < 0 or page.depth[page.element[i]] - page.depth[near] >= page.limit:
                for step in range(16):
                    matrix[i - start, first + step] = -1
                continue
            at = wide = near
            while at > 0:
                at = record[page.parent[at]]
                if at < 0 or page.depth[page.element[i]] - page.depth[at] >= page.limit:
                    break
                if groups[large[page.siblings[at]]].words > groups[large[page.siblings[wide]]].words:
                    wide = at
            write(&groups[large[page.siblings[near]]], path_blocks[i], page.element_blocks[near],
                  page.page_words, &matrix[i - start, first])
            write(&groups[large[page.siblings[wide]]], path_blocks[i], page.element_blocks[wide],
                  page.page_words, &matrix[i - start, first + 8])
    finally:
        free(large)
        free(groups)
        free(record)
    return 0


cdef void write(
    GroupSums* of, double path_blocks, double blocks, double page_words, float* row
) noexcept nogil:
    """What is said of a record: of its group, and of it."""
    cdef double mean, squares
    if not of.met:
        of.met = True
        mean, squares = ratio(of.words, of.size), ratio(of.squares, of.size)
        of.row[0] = <float>log_of(of.size)
        of.row[1] = <float>mean
        of.row[2] = <float>(of.words / max(page_words, 1.0))
        of.row[3] = <float>ratio(of.links, of.chars)
        of.row[4] = <float>ratio(of.images, of.size)
        of.row[5] = <float>ratio(sqrt(max(squares - mean * mean, 0)), mean)
    memcpy(row, of.row, sizeof(of.row))
    row[6] = <float>ratio(path_blocks, of.size)
    row[7] = <float>blocks
