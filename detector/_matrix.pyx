# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Groups of the features' columns, written straight into the matrix, row by row.

Each function writes the columns of one module of `detector.features`, in the order of its rows,
which say what the columns are; and gives, number for number, what those rows compute. `first` is the
column to begin at, `start` the block that the matrix's first row is of.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.math cimport log1p
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset


include "_number.pxi"
include "_way.pxi"


# Columns for each ancestor, counts of elements for a page, and most classes of characters, or kinds
# of elements, that a page is summed up for; numbers whose logs are kept.
cdef enum:
    MEASURES = 8, COUNTS = 6, MOST_CLASSES = 32, MOST_LOGS = 512


cdef double[MOST_LOGS] LOGS  # log1p of small whole numbers, as most counts are
cdef int number
for number in range(MOST_LOGS):
    LOGS[number] = log1p(number)


cdef inline double log1p_of(double count) noexcept nogil:
    return LOGS[<int>count] if count < MOST_LOGS else log1p(count)


cdef inline double ratio(double numerator, double denominator) noexcept nogil:
    return numerator / denominator if denominator != 0 else 0


cdef int check(
    float[:, ::1] matrix, Py_ssize_t first, Py_ssize_t columns, Py_ssize_t start, Py_ssize_t n
) except -1:
    if not 0 <= first <= matrix.shape[1] - columns:
        raise ValueError("the matrix has no room for these columns")
    if not 0 <= start <= n - matrix.shape[0]:
        raise ValueError("there are no blocks for these rows")
    return 0


def block(
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
    const Number[:, ::1] sums,
    tuple rows,
    const int32_t[:, ::1] classes,
    const int64_t[::1] shares,
    tuple marks,
    const Number[::1] last_class,
    const int32_t[::1] text_id,
    const Number[::1] cue,
    tuple cues,
    const Number[::1] heading_level,
    const uint8_t[:, ::1] tag_is,
    const Number[::1] tag,
    const Number[::1] element,
    const uint8_t[:, ::1] steps,
    const int64_t[::1] tag_kinds,
    const Number[::1] hidden,
    const int64_t[::1] named_kinds,
):
    """Write the columns of `detector.features.block`.

    sums: (sums, b) as `detector.measures` has them.
    rows: of `sums`: words, those in no link, characters, those in links, links, characters in
        bold, those of code.
    shares: numbers of the classes whose share is told.
    marks: numbers of the classes of sentence ends and of commas.
    cues: what is told of `cue`.
    tag_is: (tags, kinds of tags that are told).
    tag_kinds, named_kinds: which of `steps`, (b, kinds), stand before and after `hidden`.
    """
    cdef Py_ssize_t n = element.shape[0], stop = start + matrix.shape[0], i, k, at
    cdef int words = rows[0], free_words = rows[1], chars = rows[2], link_chars = rows[3]
    cdef int links = rows[4], bold = rows[5], code = rows[6]
    cdef int terminal = marks[0], comma = marks[1]
    cdef int64_t read_also = cues[0], follow = cues[1]
    cdef Py_ssize_t n_shares = shares.shape[0], n_tags = tag_is.shape[1]
    cdef Py_ssize_t n_above = tag_kinds.shape[0], n_named = named_kinds.shape[0]
    cdef float* row
    cdef double shown
    check(matrix, first, 16 + n_shares + n_tags + n_above + n_named, start, n)
    if not (
        n == sums.shape[1] == classes.shape[0] == last_class.shape[0]
        == text_id.shape[0] == cue.shape[0] == heading_level.shape[0] == steps.shape[0]
        == hidden.shape[0]
    ):
        raise ValueError("one entry for each block, please")
    cdef int64_t* copies = <int64_t*>calloc(n + 1, sizeof(int64_t))
    if copies is NULL:
        raise MemoryError
    for i in range(n):
        copies[text_id[i]] += 1
    for i in range(start, stop):
        row = &matrix[i - start, first]
        shown = sums[chars, i]
        row[0], row[1] = log1p_of(sums[words, i]), log1p_of(shown)
        row[2] = ratio(shown, sums[words, i])
        row[3] = ratio(sums[link_chars, i], shown)
        row[4], row[5] = sums[links, i], log1p_of(sums[free_words, i])
        row[6], row[7] = ratio(sums[bold, i], shown), ratio(sums[code, i], shown)
        row += 8
        for k in range(n_shares):
            row[k] = ratio(classes[i, shares[k]], shown)
        row += n_shares
        row[0], row[1] = classes[i, terminal], classes[i, comma]
        row[2] = last_class[i] == terminal
        row[3] = copies[text_id[i]]
        row[4], row[5] = cue[i] == read_also, cue[i] == follow
        row[6] = heading_level[i]
        row += 7
        at = tag[element[i]]
        for k in range(n_tags):
            row[k] = tag_is[at, k]
        row += n_tags
        for k in range(n_above):
            row[k] = steps[i, tag_kinds[k]]
        row += n_above
        row[0] = hidden[i]
        row += 1
        for k in range(n_named):
            row[k] = steps[i, named_kinds[k]]
    free(copies)


# Sums over subtrees that only the columns of ancestors are of.
cdef struct Sums:
    Number paragraphs, marks, headings, elsewhere, telling


def ancestors(
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
    const Number[:, ::1] levels,
    const Number[:, ::1] element_sums,
    tuple rows,
    const Number[::1] parent,
    const Number[::1] tag,
    int64_t paragraph,
    const Number[::1] element,
    const Number[::1] words,
    const int32_t[:, ::1] classes,
    tuple marks,
    const Number[::1] heading_level,
    const Number[::1] elsewhere,
    const Number[::1] telling,
    double page_words,
):
    """Write the columns of `detector.features.ancestors`.

    levels: (b, levels) ancestors that differ.
    element_sums: over subtrees; rows: of them blocks, words, characters, those in links, images.
    paragraph: code of the tag p.
    marks: numbers of the classes of sentence ends and of commas.
    elsewhere, telling: of each block's longer words those that the top element has elsewhere.
    """
    cdef Py_ssize_t n = element.shape[0], n_elements = parent.shape[0], i, level, column
    cdef Py_ssize_t n_levels = levels.shape[1], stop = start + matrix.shape[0]
    cdef int terminal = marks[0], comma = marks[1]
    cdef const Number* blocks_in
    cdef const Number* words_in
    cdef const Number* chars_in
    cdef const Number* links_in
    cdef const Number* images_in
    cdef int64_t at
    cdef Sums* sums
    cdef float* row
    cdef float* before
    check(matrix, first, MEASURES * n_levels, start, n)
    if not n_elements == tag.shape[0] == element_sums.shape[1]:
        raise ValueError("one entry for each element, please")
    if not (
        n == levels.shape[0] == words.shape[0] == classes.shape[0] == heading_level.shape[0]
        == elsewhere.shape[0] == telling.shape[0]
    ):
        raise ValueError("one entry for each block, please")
    if n == 0:
        return
    blocks_in, words_in = &element_sums[<int>rows[0], 0], &element_sums[<int>rows[1], 0]
    chars_in, links_in = &element_sums[<int>rows[2], 0], &element_sums[<int>rows[3], 0]
    images_in = &element_sums[<int>rows[4], 0]
    page_words = max(page_words, 1.0)
    sums = <Sums*>calloc(n_elements, sizeof(Sums))
    if sums is NULL:
        raise MemoryError
    for i in range(n):
        at = element[i]
        sums[at].marks += classes[i, terminal] + classes[i, comma]
        if tag[at] == paragraph:
            sums[at].paragraphs += words[i]
        sums[at].headings += heading_level[i] > 0
        sums[at].elsewhere += elsewhere[i]
        sums[at].telling += telling[i]
    for i in range(n_elements - 1, 0, -1):
        at = parent[i]
        sums[at].paragraphs += sums[i].paragraphs
        sums[at].marks += sums[i].marks
        sums[at].headings += sums[i].headings
        sums[at].elsewhere += sums[i].elsewhere
        sums[at].telling += sums[i].telling
    for i in range(start, stop):
        for level in range(n_levels):
            at = levels[i, level]
            row = &matrix[i - start, first + level * MEASURES]
            if i > start and levels[i - 1, level] == at:  # as most blocks have it
                before = &matrix[i - start - 1, first + level * MEASURES]
                for column in range(MEASURES):
                    row[column] = before[column]
                continue
            row[0] = ratio(words_in[at], blocks_in[at])
            row[1] = words_in[at] / page_words
            row[2] = ratio(links_in[at], chars_in[at])
            row[3] = ratio(sums[at].paragraphs, words_in[at])
            row[4] = ratio(sums[at].marks, words_in[at])
            row[5] = ratio(images_in[at], blocks_in[at])
            row[6] = ratio(sums[at].headings, blocks_in[at])
            row[7] = ratio(sums[at].elsewhere, sums[at].telling)
    free(sums)

def region(
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
    const Number[::1] up,
    const Number[::1] down,
    const Number[::1] element,
    int64_t top,
    int64_t end,
    double share,
    double score,
):
    """Write the columns of `detector.features.region`.

    up, down: the way to the top element.
    top, end: the top element, and the one after its subtree.
    """
    cdef Py_ssize_t n = element.shape[0], stop = start + matrix.shape[0], i
    cdef Py_ssize_t first_inside = n, last_inside = -1
    cdef float* row
    check(matrix, first, 5, start, n)
    if not n == up.shape[0] == down.shape[0]:
        raise ValueError("one entry for each block, please")
    for i in range(n):
        if top <= element[i] < end:
            first_inside = min(first_inside, i)
            last_inside = i
    for i in range(start, stop):
        row = &matrix[i - start, first]
        row[0], row[1] = up[i], down[i]
        row[2] = 0
        if last_inside >= 0 and i < first_inside:
            row[2] = i - first_inside
        elif last_inside >= 0 and i > last_inside:
            row[2] = i - last_inside
        row[3], row[4] = share, score


cdef inline void window(
    const double* words, const double* chars, const double* links, Py_ssize_t i, Py_ssize_t n,
    Py_ssize_t reach, float* out,
) noexcept nogil:
    """Mean words, and the share of text in links, of blocks to either side; of running totals."""
    cdef Py_ssize_t low = max(i - reach, 0), high = min(i + reach + 1, n)
    cdef double size = high - low
    out[0] = (words[high] - words[low]) / size
    out[1] = ratio((links[high] - links[low]) / size, (chars[high] - chars[low]) / size)


def position(
    float[:, ::1] matrix,
    Py_ssize_t first,
    Py_ssize_t start,
    const Number[::1] words,
    const Number[::1] chars,
    const Number[::1] link_chars,
    const Number[::1] heading_level,
    const Number[::1] element,
    const Number[::1] parent,
    const Number[::1] end,
    const Number[::1] depth,
    const Number[::1] tag,
    int64_t article,
    double page_words,
    Py_ssize_t title,
    int64_t limit,
    double far,
    tuple reaches,
    tuple without_title,
):
    """Write the columns of `detector.features.position`.

    article: code of that tag.
    title: the block of the title, -1 for none.
    limit, far: ancestors that are looked at on the way to it, and its length where there is none.
    reaches: how many blocks to either side the two windows take in.
    without_title: what stands for the blocks and the words since the title where there is none.
    """
    cdef Py_ssize_t n = element.shape[0], n_elements = tag.shape[0], i
    cdef Py_ssize_t stop = start + matrix.shape[0]
    cdef Py_ssize_t near = reaches[0], wide = reaches[1]
    cdef double no_blocks = without_title[0], no_words = without_title[1]
    cdef double titles = 0, since
    cdef Way way
    cdef float* row
    check(matrix, first, 17, start, n)
    if not n_elements == parent.shape[0] == end.shape[0] == depth.shape[0]:
        raise ValueError("one entry for each element, please")
    if not (
        n == words.shape[0] == chars.shape[0] == link_chars.shape[0]
        == heading_level.shape[0]
    ) or title >= n:
        raise ValueError("one entry for each block, please")
    cdef double* totals = <double*>malloc(3 * (n + 1) * sizeof(double))
    cdef int64_t* articles = <int64_t*>malloc((n_elements + 1) * sizeof(int64_t))
    cdef double* words_to = totals
    cdef double* chars_to = totals + n + 1
    cdef double* links_to = totals + 2 * (n + 1)
    if totals is NULL or articles is NULL:
        free(totals)
        free(articles)
        raise MemoryError
    words_to[0] = chars_to[0] = links_to[0] = 0
    for i in range(n):
        words_to[i + 1] = words_to[i] + words[i]
        chars_to[i + 1] = chars_to[i] + chars[i]
        links_to[i + 1] = links_to[i] + link_chars[i]
    articles[0] = 0
    for i in range(n_elements):
        articles[i + 1] = articles[i] + (tag[i] == article)
    page_words = max(page_words, 1.0)
    for i in range(start):
        titles += heading_level[i] == 1
    for i in range(start, stop):
        row = &matrix[i - start, first]
        row[0], row[1] = i, n - 1 - i
        row[2] = words_to[i] / page_words
        row[3] = depth[element[i]]
        row[4], row[5], row[6], row[7] = no_blocks, no_words, far, far
        if title >= 0:
            since = words_to[i] - words_to[title]
            row[4], row[5] = i - title, since / page_words
            way = way_to(element[title], &parent[0], &end[0], &depth[0], element[i], limit)
            row[6], row[7] = way.up, way.down
        row[8] = titles
        titles += heading_level[i] == 1
        row[9] = articles[element[i] + 1]
        row[10] = log1p_of(words[i - 1]) if i else 0
        row[11] = row[12] = 0
        if i + 1 < n:
            row[11] = log1p_of(words[i + 1])
            row[12] = ratio(link_chars[i + 1], chars[i + 1])
        window(words_to, chars_to, links_to, i, n, near, row + 13)
        window(words_to, chars_to, links_to, i, n, wide, row + 15)
    free(totals)
    free(articles)


def page(
    float[::1] row,
    const Number[::1] tag,
    const uint8_t[::1] counted,
    const Number[::1] siblings,
    const Number[::1] words,
    const Number[::1] chars,
    const Number[::1] link_chars,
    double long_words,
    const int32_t[:, ::1] classes,
    int currency,
    const int64_t[::1] scripts,
    const uint8_t[:, ::1] steps,
    uint8_t far,
    const int64_t[::1] under,
    tuple address,
    tuple kinds,
):
    """Write the columns of `detector.features.page` of a page with blocks.

    counted: by code of a tag, in which of the counts of elements it is, from 1; the last of them
        and the last two of `under` stand among the columns of the page-type model alone.
    long_words: words of a block that is running text.
    currency, scripts: numbers of classes; the first script stands among the shared columns.
    under: which of `steps`, (b, kinds), words are summed up for; the last eight are of names.
    address, kinds: what the page says of itself.
    """
    cdef Py_ssize_t n = words.shape[0], n_elements = tag.shape[0], n_classes = classes.shape[1]
    cdef Py_ssize_t n_under = under.shape[0], n_scripts = scripts.shape[0], i, k, column = 0
    cdef double all_words = 0, all_chars = 0, all_links = 0, prose = 0, longest = 0
    cdef int64_t largest = 0
    cdef int64_t counts[COUNTS + 1]
    cdef int64_t in_class[MOST_CLASSES]
    cdef double words_under[MOST_CLASSES]
    if n_elements != siblings.shape[0]:
        raise ValueError("one entry for each element, please")
    if not n == chars.shape[0] == link_chars.shape[0] == classes.shape[0] == steps.shape[0]:
        raise ValueError("one entry for each block, please")
    if n_classes > MOST_CLASSES or not 8 <= n_under <= MOST_CLASSES:
        raise ValueError("so many classes, or kinds, are not provided for")
    if row.shape[0] != 7 + n_under + COUNTS + 1 + n_scripts + len(address) + len(kinds):
        raise ValueError("the row is of other columns")
    cdef int64_t* in_group = <int64_t*>calloc(n_elements + 1, sizeof(int64_t))
    if in_group is NULL:
        raise MemoryError
    memset(counts, 0, sizeof(counts))
    memset(in_class, 0, sizeof(in_class))
    memset(words_under, 0, sizeof(words_under))
    for i in range(n_elements):
        counts[counted[tag[i]]] += 1
        in_group[siblings[i]] += 1
        largest = max(largest, in_group[siblings[i]])
    free(in_group)
    for i in range(n):
        all_words += words[i]
        all_chars += chars[i]
        all_links += link_chars[i]
        prose += words[i] if words[i] >= long_words else 0
        longest = max(longest, <double>words[i])
        for k in range(n_classes):
            in_class[k] += classes[i, k]
        for k in range(n_under):
            words_under[k] += words[i] if steps[i, under[k]] != far else 0
    row[0], row[1], row[2] = log1p(all_words), log1p(n), all_words / max(n, 1)
    all_words = max(all_words, 1.0)
    all_chars = max(all_chars, 1.0)
    row[3], row[4], row[5] = log1p(longest), all_links / all_chars, prose / all_words
    row[6] = log1p(in_class[currency])
    column = 7
    for k in range(n_under - 8):
        row[column] = words_under[k] / all_words
        column += 1
    for k in range(1, COUNTS):
        row[column] = log1p(counts[k])
        column += 1
    row[column] = log1p(largest)
    column += 1
    for value in address:
        row[column] = value
        column += 1
    for k in range(n_under - 8, n_under - 2):
        row[column] = words_under[k] / all_words
        column += 1
    row[column] = in_class[scripts[0]] / all_chars
    row[column + 1] = log1p(counts[COUNTS])
    column += 2
    for k in range(n_under - 2, n_under):
        row[column] = words_under[k] / all_words
        column += 1
    for k in range(1, n_scripts):
        row[column] = in_class[scripts[k]] / all_chars
        column += 1
    for value in kinds:
        row[column] = value
        column += 1


def repeat(float[:, ::1] matrix, Py_ssize_t first, const float[::1] row, Py_ssize_t columns):
    """Write the first columns of a row for all blocks."""
    cdef Py_ssize_t i
    check(matrix, first, columns, 0, matrix.shape[0])
    if not 0 < columns <= row.shape[0]:
        raise ValueError("the row has no such columns")
    for i in range(matrix.shape[0]):
        memcpy(&matrix[i, first], &row[0], columns * sizeof(float))
