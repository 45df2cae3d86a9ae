# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.forest.Forest` evaluated by bit masks, sixteen rows at a time, or sixty-four.

A tree's leaves are bits, in an order in which a split's true branch comes first. A split that is
false for a row clears the leaves of its true branch; the first leaf that is left is the row's. No
split waits for another, so that the C compiler makes vector code of it. (Lucchese and others,
QuickScorer, SIGIR 2015, and its vectorised form, SIGIR 2016.)

Rows of one page have much in common, and some columns have one value for all of a page. So what
each column's values lie between is found first: a split that is true for all rows, or false for
all, is dealt with once, and the rows are asked only the others, which are about half.
"""

from libc.math cimport INFINITY, exp, nextafterf
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort
from libc.string cimport memset

cdef extern from *:
    """
    /* `x[column] <= threshold`, and the leaves that stay where it is false. */
    typedef struct { unsigned int column; float threshold; unsigned int mask; } Split;

    #if defined(_MSC_VER)
    #include <intrin.h>
    static int first_bit(unsigned int mask) {
        unsigned long at = 0;
        _BitScanForward(&at, mask);
        return (int)at;
    }
    #else
    #define first_bit(mask) __builtin_ctz(mask)
    #endif

    /* Which of the leaves `left` some of a tree's splits leave open, for sixteen rows at once, or for
       four times as many, which costs less than four times as much; a bit of `asked` for each split.
       As vectors where the C compiler has them; and where it can choose when the module is loaded,
       in several versions. */
    #if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
    #define IN_VERSIONS __attribute__((target_clones("avx512f", "avx2", "default")))
    #else
    #define IN_VERSIONS
    #endif
    #if defined(__GNUC__)
    typedef float Values __attribute__((vector_size(64)));
    typedef unsigned int Masks __attribute__((vector_size(64)));
    #define NARROW(left, at) do { \\
        Values values; \\
        memcpy(&values, (at), sizeof values); \\
        left &= mask | (Masks)(values <= threshold); \\
    } while (0)

    IN_VERSIONS static void close_leaves(
        unsigned int *open, unsigned int left, const float *table,
        const Split *first, unsigned int asked
    ) {
        Masks a = left | (Masks){0};
        for (; asked; asked &= asked - 1) {
            const Split *split = first + first_bit(asked);
            const float *column = table + 16 * split->column;
            const Values threshold = split->threshold - (Values){0};
            const Masks mask = split->mask | (Masks){0};
            NARROW(a, column);
        }
        memcpy(open, &a, sizeof a);
    }

    IN_VERSIONS static void close_leaves_of_more(
        unsigned int *open, unsigned int left, const float *table,
        const Split *first, unsigned int asked
    ) {
        Masks a = left | (Masks){0}, b = a, c = a, d = a;
        for (; asked; asked &= asked - 1) {
            const Split *split = first + first_bit(asked);
            const float *column = table + 64 * split->column;
            const Values threshold = split->threshold - (Values){0};
            const Masks mask = split->mask | (Masks){0};
            NARROW(a, column);
            NARROW(b, column + 16);
            NARROW(c, column + 32);
            NARROW(d, column + 48);
        }
        memcpy(open, &a, sizeof a);
        memcpy(open + 16, &b, sizeof b);
        memcpy(open + 32, &c, sizeof c);
        memcpy(open + 48, &d, sizeof d);
    }
    #else
    #define CLOSE_LEAVES(name, rows) \\
        static void name( \\
            unsigned int *open, unsigned int left, const float *table, \\
            const Split *first, unsigned int asked \\
        ) { \\
            for (int row = 0; row < rows; row++) open[row] = left; \\
            for (; asked; asked &= asked - 1) \\
                for (int row = 0, at = first_bit(asked); row < rows; row++) \\
                    open[row] &= first[at].mask | -(unsigned int)( \\
                        table[rows * first[at].column + row] <= first[at].threshold); \\
        }
    CLOSE_LEAVES(close_leaves, 16)
    CLOSE_LEAVES(close_leaves_of_more, 64)
    #endif

    /* The ranges of a matrix's columns, NaN aside; and where there is one. */
    IN_VERSIONS static void find_ranges(
        float *__restrict low, float *__restrict high, unsigned int *__restrict has_nan,
        const float *__restrict matrix, long rows, long width
    ) {
        for (long i = 0; i < width; i++) low[i] = INFINITY, high[i] = -INFINITY, has_nan[i] = 0;
        for (long row = 0; row < rows; row++, matrix += width)
            for (long i = 0; i < width; i++) {
                const float value = matrix[i];
                low[i] = value < low[i] ? value : low[i];
                high[i] = value > high[i] ? value : high[i];
                has_nan[i] |= value != value;
            }
    }

    /* Of float32: LightGBM's zero threshold, 1e-35; infinity; NaN. */
    enum { ZERO_BITS = 0x0554AD2E, INFINITY_BITS = 0x7F800000, NAN_BITS = 0x7FC00000 };

    /* Other bits for what is all but zero, and for NaN; and all signs turned, or none. */
    IN_VERSIONS static void treat_column(
        unsigned int *bits, int rows, unsigned int zero, unsigned int nan, unsigned int sign
    ) {
        for (int row = 0; row < rows; row++) {
            const unsigned int size = bits[row] & 0x7FFFFFFF;
            unsigned int value = size <= ZERO_BITS ? zero : bits[row];
            value = size > INFINITY_BITS ? nan : value;
            bits[row] = value ^ sign;
        }
    }
    """
    enum:
        NAN_BITS
    void treat_column(
        uint32_t* bits, int rows, uint32_t zero, uint32_t nan, uint32_t sign
    ) noexcept nogil
    void find_ranges(
        float* low, float* high, uint32_t* has_nan, const float* matrix, long rows, long width
    ) noexcept nogil
    ctypedef struct Split:
        uint32_t column
        float threshold
        uint32_t mask

    int first_bit(uint32_t mask) noexcept nogil
    void close_leaves(
        uint32_t* open_, uint32_t left, const float* table, const Split* first, uint32_t asked
    ) noexcept nogil
    void close_leaves_of_more(
        uint32_t* open_, uint32_t left, const float* table, const Split* first, uint32_t asked
    ) noexcept nogil

cdef enum:
    ROWS = 16
    MORE = 4 * ROWS
    TOGETHER = 256  # rows: more have less in common, and fewer don't repay the look at it
    LINE = 64  # bytes of a cache line, which no vector of the table should straddle
    MOST_LEAVES = 32

# Of missing values, as in `detector.forest`.
cdef enum:
    MISSING_NONE, MISSING_ZERO
cdef float TINY = 1e-35  # LightGBM's zero threshold, up to which a size is 0

cdef struct Column:
    int64_t feature
    uint8_t missing
    uint8_t negated

cdef struct Tree:
    int64_t first_split
    int64_t first_leaf


cdef struct Place:
    Split split
    uint32_t tree
    uint32_t bit  # which it is of the tree's splits


cdef struct Work:
    float* table
    float* low  # of each feature
    float* high
    uint32_t* has_nan
    uint32_t* open  # leaves of each tree that all rows may come to
    uint32_t* asked  # splits of each tree that have to be looked at
    uint32_t* is_asked  # of each column


cdef int later(const void* one, const void* other) noexcept nogil:
    """By column, and then by rising threshold."""
    cdef const Split* a = &(<const Place*>one).split
    cdef const Split* b = &(<const Place*>other).split
    if a.column != b.column:
        return 1 if a.column > b.column else -1
    return (a.threshold > b.threshold) - (a.threshold < b.threshold)


cdef struct Nodes:
    int64_t n_splits
    const int64_t* columns
    const double* thresholds
    const int64_t* children
    const double* leaf_values


cdef class Masks:
    """A forest laid out for evaluation; `detector.forest.Forest` says what its arrays hold, and
    `Header` what `link` and `scale` are.

    Raises:
        OverflowError: a tree has more than 32 leaves.
    """
    cdef Py_ssize_t n_features, n_trees, n_columns, n_outputs
    cdef bint sigmoid, softmax
    cdef double scale
    cdef int64_t n_splits, n_leaves
    cdef Split* splits
    cdef Place* places  # of the splits, column by column, by rising threshold
    cdef Column* columns
    cdef Tree* trees  # and one past the last
    cdef double* leaf_values

    def __cinit__(
        self,
        Py_ssize_t n_features,
        Py_ssize_t n_outputs,
        str link,
        double scale,
        const int64_t[::1] roots,
        const int64_t[::1] columns,
        const double[::1] thresholds,
        const int64_t[::1] children,
        const double[::1] leaf_values,
        const int64_t[::1] column_features,
        const uint8_t[::1] column_missing,
        const uint8_t[::1] column_negated,
    ):
        cdef Py_ssize_t n_leaves = leaf_values.shape[0], i
        cdef Py_ssize_t n_splits = thresholds.shape[0] - n_leaves
        self.n_features, self.n_outputs = n_features, n_outputs
        self.sigmoid, self.softmax, self.scale = link == "sigmoid", link == "softmax", scale
        self.n_trees, self.n_columns = roots.shape[0], column_features.shape[0]
        self.splits = <Split*>malloc((n_splits + 1) * sizeof(Split))
        self.places = <Place*>malloc((n_splits + 1) * sizeof(Place))
        self.columns = <Column*>malloc(self.n_columns * sizeof(Column))
        self.trees = <Tree*>malloc((self.n_trees + 1) * sizeof(Tree))
        self.leaf_values = <double*>malloc(n_leaves * sizeof(double))
        if (self.splits is NULL or self.places is NULL or self.columns is NULL
                or self.trees is NULL or self.leaf_values is NULL):
            raise MemoryError
        cdef Nodes nodes = Nodes(
            n_splits, &columns[0], &thresholds[0], &children[0], &leaf_values[0]
        )
        for i in range(self.n_columns):
            self.columns[i] = Column(column_features[i], column_missing[i], column_negated[i])
        for i in range(self.n_trees):
            self.trees[i] = Tree(self.n_splits, self.n_leaves)
            self.place(&nodes, roots[i], i, 0)
        self.trees[self.n_trees] = Tree(self.n_splits, self.n_leaves)
        qsort(self.places, n_splits, sizeof(Place), later)

    cdef int place(self, const Nodes* nodes, int64_t node, Py_ssize_t tree, int depth) except -1:
        """Lay a subtree out: its leaves in order, its splits anywhere."""
        cdef int64_t first = self.n_leaves - self.trees[tree].first_leaf, split
        if depth == MOST_LEAVES:
            raise OverflowError("a tree is too deep")
        if node >= nodes.n_splits:
            if first == MOST_LEAVES:
                raise OverflowError("a tree has too many leaves")
            self.leaf_values[self.n_leaves] = nodes.leaf_values[node - nodes.n_splits]
            self.n_leaves += 1
            return 0
        self.place(nodes, nodes.children[2 * node + 1], tree, depth + 1)
        # Between first and here are the leaves of the true branch; one more must fit.
        cdef uint32_t n = <uint32_t>(self.n_leaves - self.trees[tree].first_leaf - first)
        cdef uint32_t cleared = 0xFFFFFFFF if n == 32 else ((<uint32_t>1 << n) - 1)
        split = self.n_splits
        self.splits[split].column = <uint32_t>nodes.columns[node]
        self.splits[split].threshold = below(nodes.thresholds[node])
        self.splits[split].mask = ~(cleared << first)
        self.places[split].split = self.splits[split]
        self.places[split].tree = <uint32_t>tree
        self.places[split].bit = <uint32_t>1 << (split - self.trees[tree].first_split)
        self.n_splits += 1
        return self.place(nodes, nodes.children[2 * node], tree, depth + 1)

    def __dealloc__(self):
        free(self.splits)
        free(self.places)
        free(self.columns)
        free(self.trees)
        free(self.leaf_values)

    def predict(self, double[:, ::1] outputs, const float[:, ::1] matrix):
        """Fill in the outputs for each row of a matrix, shape (n, n_outputs).

        Raises:
            ValueError: the arrays are of other shapes than the forest's.
        """
        cdef Py_ssize_t n = matrix.shape[0], start = 0, rows
        if matrix.shape[1] != self.n_features or outputs.shape[1] != self.n_outputs:
            raise ValueError("not the columns of this forest")
        if outputs.shape[0] != n:
            raise ValueError("as many outputs as rows, please")
        cdef Work work
        cdef size_t per_feature = self.n_features, per_tree = self.n_trees
        cdef size_t per_column = self.n_columns
        cdef float* memory
        if not n:
            return
        memory = <float*>calloc(  # of the last rows some are compared that there are not
            (MORE + 1) * per_column + 3 * per_feature + 2 * per_tree + LINE, sizeof(float)
        )
        if memory is NULL:
            raise MemoryError
        work.table = <float*>(<char*>memory + LINE - <size_t>memory % LINE)
        work.low = work.table + MORE * per_column
        work.high = work.low + per_feature
        work.has_nan = <uint32_t*>(work.high + per_feature)
        work.open = work.has_nan + per_feature
        work.asked = work.open + per_tree
        work.is_asked = work.asked + per_tree
        with nogil:
            memset(&outputs[0, 0], 0, n * self.n_outputs * sizeof(double))
            while start < n:
                rows = min(<Py_ssize_t>TOGETHER, n - start)
                self.add_some(&work, &outputs[start, 0], &matrix[start, 0], rows)
                start += rows
            free(memory)
            self.link(&outputs[0, 0], n)

    cdef void link(self, double* outputs, Py_ssize_t n) noexcept nogil:
        """Turn summed leaf values into outputs."""
        cdef Py_ssize_t row, i
        cdef double most, total
        if self.sigmoid:
            for i in range(n):
                outputs[i] = 1 / (1 + exp(-self.scale * outputs[i]))
        if not self.softmax:
            return
        for row in range(n):
            most, total = -INFINITY, 0
            for i in range(self.n_outputs):
                most = max(most, outputs[i])
            for i in range(self.n_outputs):
                outputs[i] = exp(outputs[i] - most)
                total += outputs[i]
            for i in range(self.n_outputs):
                outputs[i] /= total
            outputs += self.n_outputs

    cdef void add_some(
        self, Work* work, double* sums, const float* matrix, Py_ssize_t n
    ) noexcept nogil:
        """Add to the sums of rows that are near each other, and few enough to be much alike."""
        cdef Py_ssize_t start = 0, part, rows
        if n > 2 * ROWS:
            self.ask_some(work, matrix, n)
        else:
            self.ask_all(work)
        while start < n:
            rows = MORE if n - start > 2 * ROWS else ROWS
            part = 0
            while part < min(rows, n - start):
                self.fill(
                    work, part, rows, matrix + (start + part) * self.n_features,
                    min(<Py_ssize_t>ROWS, n - start - part),
                )
                part += ROWS
            self.treat(work, rows)
            self.evaluate(work, rows, sums + start * self.n_outputs, min(rows, n - start))
            start += rows

    cdef void ask_all(self, Work* work) noexcept nogil:
        cdef Py_ssize_t i
        cdef int64_t n_splits
        for i in range(self.n_columns):
            work.is_asked[i] = True
        for i in range(self.n_trees):
            n_splits = self.trees[i + 1].first_split - self.trees[i].first_split
            work.open[i] = 0xFFFFFFFF
            work.asked[i] = (<uint32_t>1 << n_splits) - 1

    cdef void ask_some(self, Work* work, const float* matrix, Py_ssize_t n) noexcept nogil:
        """Choose the splits that part the rows, or may; of the others, clear the leaves."""
        cdef Py_ssize_t i
        cdef const Place* place = self.places
        cdef const Place* end = place + self.n_splits
        cdef const Place* first
        cdef float low, high
        find_ranges(work.low, work.high, work.has_nan, matrix, n, self.n_features)
        for i in range(self.n_trees):
            work.open[i] = 0xFFFFFFFF
            work.asked[i] = 0
        for i in range(self.n_columns):
            self.find_range(work, i, &low, &high)
            while place < end and place.split.column == i and place.split.threshold < low:
                work.open[place.tree] &= place.split.mask
                place += 1
            first = place
            while place < end and place.split.column == i and place.split.threshold < high:
                work.asked[place.tree] |= place.bit
                place += 1
            work.is_asked[i] = place > first
            while place < end and place.split.column == i:  # true for all rows
                place += 1

    cdef void find_range(
        self, const Work* work, Py_ssize_t i, float* low, float* high
    ) noexcept nogil:
        """What a column's values lie between, or more; up to infinity where one is missing."""
        cdef int64_t feature = self.columns[i].feature
        cdef float least = work.low[feature], most = work.high[feature]
        cdef bint has_zero = least <= TINY and most >= -TINY
        cdef bint is_missing = work.has_nan[feature]
        if self.columns[i].missing == MISSING_NONE:
            has_zero, is_missing = has_zero or is_missing, False
        elif self.columns[i].missing == MISSING_ZERO:
            is_missing = is_missing or has_zero
        if has_zero:  # what is all but zero becomes it
            least, most = min(least, <float>0), max(most, <float>0)
        low[0] = -most if self.columns[i].negated else least
        high[0] = -least if self.columns[i].negated else most
        if is_missing:
            high[0] = INFINITY

    cdef void fill(
        self, Work* work, Py_ssize_t first, Py_ssize_t stride, const float* matrix, Py_ssize_t n
    ) noexcept nogil:
        """The columns that splits compare, each of sixteen rows, of which n are wanted.

        first: where they stand among the table's rows, which are as many as stride.
        """
        cdef const uint32_t* values = <const uint32_t*>matrix
        cdef uint32_t* out = <uint32_t*>work.table + first
        cdef Py_ssize_t row, i
        for i in range(self.n_columns):
            if not work.is_asked[i]:
                continue
            if n == ROWS:  # known beforehand: no loop
                for row in range(ROWS):
                    out[i * stride + row] = values[row * self.n_features + self.columns[i].feature]
                continue
            for row in range(n):
                out[i * stride + row] = values[row * self.n_features + self.columns[i].feature]
            for row in range(n, ROWS):
                out[i * stride + row] = 0

    cdef void treat(self, Work* work, Py_ssize_t rows) noexcept nogil:
        """What is all but zero, missing, or negated, in each column of the table."""
        cdef const Column* column
        cdef Py_ssize_t i
        for i in range(self.n_columns):
            if work.is_asked[i]:
                column = self.columns + i
                treat_column(
                    <uint32_t*>work.table + i * rows, <int>rows,
                    NAN_BITS if column.missing == MISSING_ZERO else 0,
                    0 if column.missing == MISSING_NONE else NAN_BITS,
                    <uint32_t>column.negated << 31,
                )

    cdef void evaluate(
        self, const Work* work, Py_ssize_t rows, double* sums, Py_ssize_t n
    ) noexcept nogil:
        cdef uint32_t open_[MORE]
        cdef const Split* first
        cdef const double* leaves
        cdef Py_ssize_t tree, row, output = 0
        for tree in range(self.n_trees):
            first = self.splits + self.trees[tree].first_split
            if rows == MORE:
                close_leaves_of_more(open_, work.open[tree], work.table, first, work.asked[tree])
            else:
                close_leaves(open_, work.open[tree], work.table, first, work.asked[tree])
            leaves = self.leaf_values + self.trees[tree].first_leaf
            for row in range(n):
                sums[row * self.n_outputs + output] += leaves[first_bit(open_[row])]
            output = output + 1 if output + 1 < self.n_outputs else 0


cdef float below(double threshold) noexcept:
    """The largest float32 that is no larger: it parts all float32 as the threshold does."""
    cdef float near = <float>threshold
    return nextafterf(near, -INFINITY) if near > threshold else near


include "_decimals.pxi"
include "_trees.pxi"
