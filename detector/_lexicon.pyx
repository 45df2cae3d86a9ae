# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What `detector.lexicon` does for every character of a page: folding, and matching its terms.

`detector.lexicon.folding`, `index` and `matcher` say what it is, and do the same with numpy and
Python.
"""

from cpython.bytearray cimport PyByteArray_FromStringAndSize
from cpython.unicode cimport (
    PyUnicode_DATA, PyUnicode_FromKindAndData, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ,
    Py_UNICODE_ISSPACE,
)
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memcpy, memset

cdef enum:
    SPACE = 0x20
    BREAK = 0x0A
    # Kinds of a character, and what becomes of it, by the numbers that `folding` gives them.
    GAP = 0
    WORD, LOWER, UPPER, DENSE, STOP
    DROP = 0
    KEEP, PART
    CHUNK = 64  # characters that are folded side by side
    WINDOW = 8  # characters that are hashed at most
    NEAR = 2048  # characters that are folded at once, if a line ends among them
    MOST_SIZES = 4
    OPENING = 3  # characters by which it is first asked whether a term may begin so
    OPENING_BITS = 13
    FIRST_BITS = 12
    N_FIRST = 1 << FIRST_BITS
    MOST_ROLES = 32


include "_number.pxi"
include "_folding.pxi"
include "_hashing.pxi"
include "_pieces.pxi"
include "_rows.pxi"


cdef class Terms:
    """The terms of a `detector.lexicon.matcher.Matcher`, laid out for matching.

    Args:
        table, fates: those of `folding`.
        codes, starts: canonical characters of all terms, and where each begins; a line feed ends it.
        stem: the character that stands for any ending.
        bounded: of each term, whether it must end where a word does.
        roles: of each term, the id of its role, that of the role's weak terms where it is weak.
        groups: of each role, the group in which a longer term hides a shorter one.
        strengths: of each term, from the best evidence to the poorest.
        labels: the terms that say something only as a whole label.
        spaced, dense: `Index.tables` of terms written with spaces and without.
        factor: of the hashes.
        worths: of each strength, what a term is worth that is the whole label.
        part: of a term in a longer label, its least share of that, and what its length adds.
    """
    cdef object _kept
    cdef const uint32_t[::1] table
    cdef const uint8_t[::1] fates, bounded
    cdef const uint16_t[::1] codes
    cdef const int64_t[::1] starts, roles, groups, strengths
    cdef uint16_t stem
    cdef uint64_t factor
    cdef int64_t n_roles
    cdef double least, more
    cdef double worths[3]
    cdef Sized spaced[MOST_SIZES]
    cdef Sized dense[MOST_SIZES]
    cdef int n_spaced, n_dense
    cdef uint16_t* openings  # of spaced terms: bits of the characters that follow the first three
    cdef int64_t* slots  # of labels: row and one, by a hash of all characters
    cdef uint64_t n_slots

    def __cinit__(
        self, *, table, fates, codes, starts, str stem, bounded, roles, groups, strengths, labels,
        spaced, dense, factor, worths, part,
    ):
        cdef const int64_t[::1] label_rows = labels
        self._kept = spaced, dense
        self.table, self.fates, self.codes, self.starts = table, fates, codes, starts
        if not agrees(self.table, self.fates):
            raise ValueError("the tables fold plain characters otherwise than `fold_plain` does")
        self.bounded, self.roles, self.groups, self.strengths = bounded, roles, groups, strengths
        self.stem, self.factor, self.n_roles = ord(stem), factor, len(groups)
        self.worths[0], self.worths[1], self.worths[2] = worths
        self.least, self.more = part
        if self.n_roles > MOST_ROLES or max(len(spaced), len(dense)) > MOST_SIZES:
            raise ValueError("too many roles, or sizes")
        self.openings = <uint16_t*>calloc(1 << OPENING_BITS, sizeof(uint16_t))
        if self.openings is NULL:
            raise MemoryError
        for size, hashes, edges, rows in spaced:
            self.n_spaced += 1
            self.lay(&self.spaced[self.n_spaced - 1], size, hashes, edges, rows)
            self.open(size, rows)
        for size, hashes, edges, rows in dense:
            self.n_dense += 1
            self.lay(&self.dense[self.n_dense - 1], size, hashes, edges, rows)
        self.n_slots = 64
        while self.n_slots < 4 * <uint64_t>label_rows.shape[0]:
            self.n_slots *= 2
        self.slots = <int64_t*>calloc(self.n_slots, sizeof(int64_t))
        if self.slots is NULL:
            raise MemoryError
        cdef Py_ssize_t i
        for i in range(label_rows.shape[0]):
            self.add_label(label_rows[i])

    cdef int lay(
        self,
        Sized* sized,
        int size,
        const uint64_t[::1] hashes,
        const int64_t[::1] edges,
        const int64_t[::1] rows,
    ) except -1:
        cdef int64_t n = hashes.shape[0], i
        cdef int n_bits = 10
        # So sparse that one word in sixteen that is no term's gets past it, and no larger than what
        # stays in a cache.
        while n_bits < 62 and <int64_t>1 << n_bits <= 12 * n:
            n_bits += 1
        if not 2 <= size <= WINDOW:
            raise ValueError("two to eight characters are hashed")
        sized.size, sized.shift, sized.n = size, 64 - n_bits, n
        sized.low, sized.high = units(min(size, 4)), units(max(size - 4, 0))
        sized.bits = <uint8_t*>calloc(<size_t>1 << (n_bits - 3), 1)
        sized.first = <uint32_t*>calloc(N_FIRST + 1, sizeof(uint32_t))
        sized.rows = <Row*>calloc(rows.shape[0] + 1, sizeof(Row))
        if sized.bits is NULL or sized.first is NULL or sized.rows is NULL:
            raise MemoryError
        for i in range(rows.shape[0]):
            self.foresee(&sized.rows[i], rows[i], size)
        if n:
            sized.hashes, sized.edges = &hashes[0], &edges[0]
        for i in range(n):
            sized.bits[hashes[i] >> (sized.shift + 3)] |= 1 << (hashes[i] >> sized.shift & 7)
            sized.first[(hashes[i] >> (64 - FIRST_BITS)) + 1] += 1
        for i in range(N_FIRST):
            sized.first[i + 1] += sized.first[i]
        return 0

    cdef void foresee(self, Row* row, int64_t number, int size) noexcept:
        """What follows the first characters of a term."""
        cdef const uint16_t* code = &self.codes[self.starts[number]]
        cdef int place
        row.number = number
        for place in range(size):
            if code[place] == BREAK:
                return
        for place in range(4):
            if code[size + place] == self.stem:
                return
            if code[size + place] != BREAK:
                row.next |= <uint64_t>code[size + place] << 16 * place
            elif self.bounded[number]:
                row.next |= <uint64_t>SPACE << 16 * place
            else:
                return
            row.mask |= <uint64_t>0xFFFF << 16 * place
            if code[size + place] == BREAK:
                return

    cdef int open(self, int size, const int64_t[::1] rows) except -1:
        """Note how terms of which so many characters are certain begin."""
        cdef int64_t i
        cdef int place
        cdef uint64_t start
        cdef uint16_t code
        if size < OPENING:
            raise ValueError("of a term with spaces three characters are certain")
        for i in range(rows.shape[0]):
            start = 0
            for place in range(min(size, OPENING + 1)):
                code = self.codes[self.starts[rows[i]] + place]
                start |= <uint64_t>(SPACE if code == BREAK else code) << 16 * place
            self.openings[self.opening(start)] |= (
                1 << (start >> 16 * OPENING & 15) if size > OPENING else 0xFFFF
            )
        return 0

    cdef inline uint64_t opening(self, uint64_t start) noexcept:
        """Where it stands what may follow the first three characters."""
        return ((start & units(OPENING)) * self.factor) >> (64 - OPENING_BITS)

    cdef int add_label(self, int64_t row) except -1:
        cdef const uint16_t* code = &self.codes[self.starts[row]]
        cdef int64_t n = 0
        while code[n] != BREAK:
            if code[n] == self.stem:
                return 0  # no label is spelt so
            n += 1
        cdef uint64_t slot = hash_of(code, n) & (self.n_slots - 1)
        while self.slots[slot]:
            slot = (slot + 1) & (self.n_slots - 1)
        self.slots[slot] = row + 1
        return 0

    def __dealloc__(self):
        for number in range(self.n_spaced):
            free(self.spaced[number].bits)
            free(self.spaced[number].first)
            free(self.spaced[number].rows)
        for number in range(self.n_dense):
            free(self.dense[number].bits)
            free(self.dense[number].first)
            free(self.dense[number].rows)
        free(self.openings)
        free(self.slots)

    def spans(self, str text not None, const Number[::1] breaks, int64_t piece):
        """Every term: offset, role and number of each as a row of three int64.

        breaks: offsets, ascending, at which a line feed is read.
        piece: characters from which a text is cut, as `matcher` does.
        """
        cdef int64_t size = len(text), room = 0, start = 0, stop, window, i
        cdef int kind = PyUnicode_KIND(text)
        cdef const void* data = PyUnicode_DATA(text)
        cdef const Number* first = &breaks[0] if breaks.shape[0] else NULL
        cdef const Number* last = first + breaks.shape[0]
        cdef Canonical folded
        cdef Matches found = Matches(NULL, 0, 0)
        cdef list parts = []
        cdef int64_t* row
        folded.codes = NULL
        try:
            while True:
                while first < last and first[0] < start:
                    first += 1
                # At a line feed nothing is cut: the sooner, the less memory is gone through.
                stop, window = -1, NEAR
                while stop < 0 and window < min(size - start, piece):
                    stop = behind_line(kind, data, start, start + window, first, last)
                    window *= 2
                if stop < 0 and size - start > piece:
                    stop = behind_line(kind, data, start, start + piece, first, last)
                    if stop < 0:
                        stop = behind_space(kind, data, start, start + piece)
                elif stop < 0:
                    stop = size
                if 2 * (stop - start) + 1 > room:
                    room = 2 * max(stop - start, <int64_t>NEAR) + 1
                    free(folded.codes)
                    folded.codes = NULL
                    reserve(&folded, room)
                found.n = 0
                if fold_quickly(
                    &folded, kind, data, start, stop, first, last, &self.table[0], &self.fates[0]
                ):
                    self.look(
                        &folded, folded.starts, folded.origin, folded.n_starts, self.spaced,
                        self.n_spaced, self.openings, &found,
                    )
                    self.choose(&found)
                else:
                    fold_into(
                        &folded, kind, data, start, stop, first, last, &self.table[0],
                        &self.fates[0],
                    )
                    self.match(&folded, &found)
                if found.n:
                    part = PyByteArray_FromStringAndSize(NULL, found.n * 3 * sizeof(int64_t))
                    row = <int64_t*><char*>part
                    for i in range(found.n):
                        row[3 * i] = start + found.at[i].origin
                        row[3 * i + 1] = self.roles[found.at[i].row]
                        row[3 * i + 2] = found.at[i].row
                    parts.append(part)
                if stop == size:
                    return bytearray().join(parts)
                start = stop
        finally:
            free(folded.codes)
            free(found.at)

    def labels(self, list texts not None, double[:, ::1] scores):
        """Fill the score of each of the first roles in each label; 0 where it does not say it.

        Returns the numbers of the labels that fold to nothing.
        """
        cdef Py_ssize_t number, size, room = 1
        cdef list nothing = []
        cdef Canonical folded
        cdef Matches found = Matches(NULL, 0, 0)
        cdef uint32_t* line
        if scores.shape[0] != len(texts) or 2 * scores.shape[1] != self.n_roles:
            raise ValueError("a row for each text and a column for each role, please")
        for number in range(len(texts)):
            text = <str?>texts[number]
            room = max(room, PyUnicode_GET_LENGTH(text))
        line = <uint32_t*>malloc(room * sizeof(uint32_t))
        if line is NULL:
            raise MemoryError
        try:
            reserve(&folded, 2 * room + 1)
            try:
                for number in range(len(texts)):
                    text = texts[number]
                    size = one_line(line, text)
                    fold_into(
                        &folded, 4, line, 0, size, NULL, NULL, &self.table[0], &self.fates[0]
                    )
                    found.n = 0
                    self.match(&folded, &found)
                    if not self.score(&folded, &found, &scores[number, 0]):
                        nothing.append(number)
            finally:
                free(folded.codes)
                free(found.at)
        finally:
            free(line)
        return nothing

    cdef bint score(self, Canonical* folded, Matches* found, double* scores) except -1:
        """What a label says; False if it folds to nothing."""
        cdef int64_t i, n = 0, size = 0, n_roles = self.n_roles // 2, role, row, first, covered
        cdef int64_t strengths[MOST_ROLES]
        cdef int64_t sizes[MOST_ROLES]
        cdef int64_t reach[MOST_ROLES]
        cdef uint64_t slot
        cdef double share, best
        cdef uint16_t* codes = folded.codes
        cdef Match match
        for role in range(n_roles):
            scores[role] = sizes[role] = reach[role] = 0
            strengths[role] = -1
        # Before the label itself is brought into the form of a whole label, in its own place.
        for i in range(found.n):
            match = found.at[i]
            role = self.roles[match.row] % n_roles
            first, covered = max(match.start, reach[role]), 0
            while first < match.end:
                covered += codes[first] != SPACE
                first += 1
            sizes[role] += covered
            reach[role] = max(match.end, reach[role])
            if strengths[role] < 0 or self.strengths[match.row] < strengths[role]:
                strengths[role] = self.strengths[match.row]
        for i in range(folded.n):
            if codes[i] > SPACE:
                codes[n] = codes[i]
                n += 1
                size += 1
            elif n and codes[n - 1] != SPACE:
                codes[n] = SPACE
                n += 1
        if not size:
            return False
        if codes[n - 1] == SPACE:
            n -= 1
        slot = hash_of(codes, n) & (self.n_slots - 1)
        while self.slots[slot]:
            row = self.slots[slot] - 1
            if is_same(&self.codes[self.starts[row]], codes, n):
                scores[self.roles[row] % n_roles] = self.worths[self.strengths[row]]
            slot = (slot + 1) & (self.n_slots - 1)
        for role in range(n_roles):
            if strengths[role] >= 0:
                share, best = <double>sizes[role] / <double>size, self.worths[strengths[role]]
                if share != 1:
                    best = best * (self.least + self.more * share)
                scores[role] = max(best, scores[role])
        return True

    cdef int match(self, Canonical* folded, Matches* found) except -1:
        """The terms of a canonical text: all, then by place without those inside a longer one."""
        cdef int64_t i
        self.look(
            folded, folded.starts, NULL, folded.n_starts, self.spaced, self.n_spaced,
            self.openings, found,
        )
        self.look(
            folded, folded.dense, NULL, folded.n_dense, self.dense, self.n_dense, NULL, found
        )
        for i in range(found.n):
            found.at[i].origin = folded.origin[found.at[i].start]
        self.choose(found)
        return 0

    cdef void choose(self, Matches* found) noexcept:
        """Sort matches by place, and leave out those inside a longer one of their group."""
        cdef int64_t i, kept = 0, group
        cdef int64_t starts[MOST_ROLES]
        cdef int64_t ends[MOST_ROLES]
        cdef Match match
        if not found.n:
            return
        qsort(found.at, found.n, sizeof(Match), by_place)
        for i in range(self.n_roles):
            starts[i] = ends[i] = -1
        for i in range(found.n):
            match = found.at[i]
            group = self.groups[self.roles[match.row]]
            if match.end <= ends[group] and (match.start != starts[group] or match.end != ends[group]):
                continue
            starts[group], ends[group] = match.start, match.end
            found.at[kept] = match
            kept += 1
        found.n = kept

    cdef int look(
        self,
        Canonical* folded,
        const int64_t* starts,
        const int64_t* origin,
        int64_t n,
        Sized* sized,
        int n_sizes,
        const uint16_t* openings,
        Matches* found,
    ) except -1:
        """Add the terms that stand at one of the starts, with their origin if it is given.

        openings: those of all these terms, or NULL.
        """
        cdef int64_t i, at, bucket, end
        cdef int which
        cdef uint64_t low, high, hash_, ahead
        cdef const Row* row
        cdef const Row* last
        cdef const Sized* each
        for i in range(n):
            at = starts[i]
            low = four(folded.codes + at)
            if openings is not NULL and not (
                openings[self.opening(low)] >> (low >> 16 * OPENING & 15) & 1
            ):
                continue
            high = four(folded.codes + at + 4)
            for which in range(n_sizes):
                each = &sized[which]
                hash_ = (low & each.low) * self.factor
                if each.size > 4:
                    hash_ = (hash_ ^ hash_ >> 32 ^ (high & each.high)) * self.factor
                if not each.bits[hash_ >> (each.shift + 3)] >> (hash_ >> each.shift & 7) & 1:
                    continue
                bucket = place_of(each, hash_)
                if bucket < 0:
                    continue
                ahead = 0
                if at + each.size < folded.n:
                    ahead = four(folded.codes + at + each.size)
                row, last = each.rows + each.edges[bucket], each.rows + each.edges[bucket + 1]
                while row < last:
                    if ahead & row.mask == row.next:
                        end = self.end_of(folded.codes, at, row.number)
                        if end >= 0:
                            add(
                                found,
                                Match(at, end, row.number, origin[i] if origin is not NULL else 0),
                            )
                    row += 1
        return 0

    cdef inline int64_t end_of(self, const uint16_t* text, int64_t at, int64_t row) noexcept:
        """Where a term that begins at a place ends, or -1."""
        cdef const uint16_t* term = &self.codes[self.starts[row]]
        while term[0] != BREAK:
            if term[0] == self.stem:
                while text[at] > SPACE:
                    at += 1
            elif text[at] == term[0]:
                at += 1
            else:
                return -1
            term += 1
        return -1 if self.bounded[row] and text[at] > SPACE else at
