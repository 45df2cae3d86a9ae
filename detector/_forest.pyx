# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`detector.forest.Forest` evaluated by bit masks, sixteen rows at a time, or thirty-two.

A tree's leaves are bits, in an order in which a split's true branch comes first. A split that is
false for a row clears the leaves of its true branch; the first leaf that is left is the row's. No
split waits for another, so that the C compiler makes vector code of it. (Lucchese and others,
QuickScorer, SIGIR 2015, and its vectorised form, SIGIR 2016; but every split is tested, which
costs less than to find out where to stop.)
"""

from libc.math cimport INFINITY, nextafterf
from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free, malloc

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(str text, Py_ssize_t* size) except NULL
    bint PyUnicode_IS_ASCII(str text)
    double PyOS_string_to_double(const char* text, char** end, void* overflow) except? -1.0

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

    /* The leaves that a tree's splits leave open, of sixteen rows at once, or of twice as many, which
       costs less than twice as much. As vectors where the C compiler has them; and where it can
       choose when the module is loaded, in two versions. */
    #if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
    #define IN_TWO_VERSIONS __attribute__((target_clones("avx2", "default")))
    #else
    #define IN_TWO_VERSIONS
    #endif
    #if defined(__GNUC__)
    typedef float Values __attribute__((vector_size(32)));
    typedef unsigned int Masks __attribute__((vector_size(32)));
    #define NARROW(left, at) do { \\
        Values values; \\
        memcpy(&values, (at), sizeof values); \\
        left &= mask | (Masks)(values <= threshold); \\
    } while (0)

    IN_TWO_VERSIONS static void close_leaves(
        unsigned int *open, const float *table, const Split *split, const Split *end
    ) {
        Masks a = ~(Masks){0}, b = a;
        for (; split < end; split++) {
            const float *column = table + 16 * split->column;
            const Values threshold = split->threshold - (Values){0};
            const Masks mask = split->mask | (Masks){0};
            NARROW(a, column);
            NARROW(b, column + 8);
        }
        memcpy(open, &a, sizeof a);
        memcpy(open + 8, &b, sizeof b);
    }

    IN_TWO_VERSIONS static void close_leaves_of_more(
        unsigned int *open, const float *table, const Split *split, const Split *end
    ) {
        Masks a = ~(Masks){0}, b = a, c = a, d = a;
        for (; split < end; split++) {
            const float *column = table + 32 * split->column;
            const Values threshold = split->threshold - (Values){0};
            const Masks mask = split->mask | (Masks){0};
            NARROW(a, column);
            NARROW(b, column + 8);
            NARROW(c, column + 16);
            NARROW(d, column + 24);
        }
        memcpy(open, &a, sizeof a);
        memcpy(open + 8, &b, sizeof b);
        memcpy(open + 16, &c, sizeof c);
        memcpy(open + 24, &d, sizeof d);
    }
    #else
    #define CLOSE_LEAVES(name, rows) \\
        static void name( \\
            unsigned int *open, const float *table, const Split *split, const Split *end \\
        ) { \\
            for (int row = 0; row < rows; row++) open[row] = 0xFFFFFFFFu; \\
            for (; split < end; split++) \\
                for (int row = 0; row < rows; row++) \\
                    open[row] &= split->mask \\
                        | -(unsigned int)(table[rows * split->column + row] <= split->threshold); \\
        }
    CLOSE_LEAVES(close_leaves, 16)
    CLOSE_LEAVES(close_leaves_of_more, 32)
    #endif
    """
    ctypedef struct Split:
        uint32_t column
        float threshold
        uint32_t mask

    int first_bit(uint32_t mask) noexcept nogil
    void close_leaves(
        uint32_t* open_, const float* table, const Split* split, const Split* end
    ) noexcept nogil
    void close_leaves_of_more(
        uint32_t* open_, const float* table, const Split* split, const Split* end
    ) noexcept nogil

cdef enum:
    ROWS = 16
    MORE = 2 * ROWS
    MOST_LEAVES = 32
    MOST_DIGITS = 18  # of an integer: as many as are surely in range

# Of missing values, as in `detector.forest`.
cdef enum:
    MISSING_NONE, MISSING_ZERO
# Bits of float32: LightGBM's zero threshold, 1e-35, up to which a size is 0; infinity; NaN.
cdef uint32_t ZERO_BITS = 0x0554AD2E, INFINITY_BITS = 0x7F800000, NAN_BITS = 0x7FC00000

cdef struct Column:
    int64_t feature
    uint8_t missing
    uint8_t negated

cdef struct Tree:
    int64_t first_split
    int64_t first_leaf


cdef struct Nodes:
    int64_t n_splits
    const int64_t* columns
    const double* thresholds
    const int64_t* children
    const double* leaf_values


cdef class Masks:
    """A forest laid out for evaluation; `detector.forest.Forest` says what its arrays hold.

    Raises:
        OverflowError: a tree has more than 32 leaves.
    """
    cdef Py_ssize_t n_features, n_trees, n_columns, n_outputs
    cdef int64_t n_splits, n_leaves
    cdef Split* splits
    cdef Column* columns
    cdef Tree* trees  # and one past the last
    cdef double* leaf_values

    def __cinit__(
        self,
        Py_ssize_t n_features,
        Py_ssize_t n_outputs,
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
        self.n_trees, self.n_columns = roots.shape[0], column_features.shape[0]
        self.splits = <Split*>malloc((n_splits + 1) * sizeof(Split))
        self.columns = <Column*>malloc(self.n_columns * sizeof(Column))
        self.trees = <Tree*>malloc((self.n_trees + 1) * sizeof(Tree))
        self.leaf_values = <double*>malloc(n_leaves * sizeof(double))
        if (self.splits is NULL or self.columns is NULL or self.trees is NULL
                or self.leaf_values is NULL):
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
        self.n_splits += 1
        return self.place(nodes, nodes.children[2 * node], tree, depth + 1)

    def __dealloc__(self):
        free(self.splits)
        free(self.columns)
        free(self.trees)
        free(self.leaf_values)

    def add_to(self, double[:, ::1] sums, const float[:, ::1] matrix):
        """Add the trees' values for each row of a matrix to `sums`, shape (n, n_outputs).

        Raises:
            ValueError: the arrays are of other shapes than the forest's.
        """
        cdef Py_ssize_t n = matrix.shape[0], start = 0, part, rows
        cdef float* table
        if matrix.shape[1] != self.n_features or sums.shape[1] != self.n_outputs:
            raise ValueError("not the columns of this forest")
        if sums.shape[0] != n:
            raise ValueError("as many sums as rows, please")
        if not n:
            return
        table = <float*>malloc(self.n_columns * MORE * sizeof(float))
        if table is NULL:
            raise MemoryError
        with nogil:
            while start < n:
                rows = MORE if n - start > ROWS else ROWS
                self.fill(table, rows, &matrix[start, 0], min(<Py_ssize_t>ROWS, n - start))
                if rows == MORE:
                    part = start + ROWS
                    self.fill(
                        table + ROWS, rows, &matrix[part, 0], min(<Py_ssize_t>ROWS, n - part)
                    )
                self.evaluate(table, rows, &sums[start, 0], min(rows, n - start))
                start += rows
            free(table)

    cdef void fill(
        self, float* table, Py_ssize_t stride, const float* matrix, Py_ssize_t n
    ) noexcept nogil:
        """The columns that splits compare, each of sixteen rows, of which n are wanted."""
        # As bits, and without branches: which values are zero can't be foreseen.
        cdef const uint32_t* values = <const uint32_t*>matrix
        cdef uint32_t* out = <uint32_t*>table
        cdef uint32_t value, size, zero, nan, sign
        cdef uint32_t[ROWS] column
        cdef Py_ssize_t row, i
        for row in range(n, ROWS):
            column[row] = 0
        for i in range(self.n_columns):
            for row in range(n):
                column[row] = values[row * self.n_features + self.columns[i].feature]
            zero = NAN_BITS if self.columns[i].missing == MISSING_ZERO else 0
            nan = 0 if self.columns[i].missing == MISSING_NONE else NAN_BITS
            sign = <uint32_t>self.columns[i].negated << 31
            for row in range(ROWS):
                value = column[row]
                size = value & 0x7FFFFFFF
                value = zero if size <= ZERO_BITS else value
                value = nan if size > INFINITY_BITS else value
                out[i * stride + row] = value ^ sign

    cdef void evaluate(
        self, const float* table, Py_ssize_t rows, double* sums, Py_ssize_t n
    ) noexcept nogil:
        cdef uint32_t open_[MORE]
        cdef const Split* first
        cdef const Split* end
        cdef const double* leaves
        cdef Py_ssize_t tree, row, output = 0
        for tree in range(self.n_trees):
            first = self.splits + self.trees[tree].first_split
            end = self.splits + self.trees[tree + 1].first_split
            if rows == MORE:
                close_leaves_of_more(open_, table, first, end)
            else:
                close_leaves(open_, table, first, end)
            leaves = self.leaf_values + self.trees[tree].first_leaf
            for row in range(n):
                sums[row * self.n_outputs + output] += leaves[first_bit(open_[row])]
            output = output + 1 if output + 1 < self.n_outputs else 0


cdef float below(double threshold) noexcept:
    """The largest float32 that is no larger: it parts all float32 as the threshold does."""
    cdef float near = <float>threshold
    return nextafterf(near, -INFINITY) if near > threshold else near


def read_integers(list rows, list sizes, int64_t[::1] numbers):
    """The rows of a model's text, joined, as integers; false if one has another form, or size.

    Args:
        rows: texts of numbers, a space between two.
        sizes: how many each should have.
        numbers: as many as all of them together; to be filled.
    """
    cdef Py_ssize_t at = 0, i, length, last
    cdef const char* text
    cdef const char* stop
    cdef const char* start
    cdef int64_t value
    cdef bint negative
    for i in range(len(rows)):
        last = at + <Py_ssize_t>sizes[i]
        if last > numbers.shape[0] or not PyUnicode_IS_ASCII(rows[i]):
            return False
        text = PyUnicode_AsUTF8AndSize(rows[i], &length)
        stop = text + length
        while at < last:
            negative = text[0] == b"-"
            text += negative
            start, value = text, 0
            while b"0" <= text[0] <= b"9" and text - start < MOST_DIGITS:
                value = 10 * value + (text[0] - 48)
                text += 1
            if text == start:
                return False
            numbers[at] = -value if negative else value
            at += 1
            if text[0] != b" " if at < last else text != stop:
                return False
            text += 1
    return at == numbers.shape[0]


def read_decimals(list rows, list sizes, double[::1] numbers):
    """The same of decimal fractions, rounded as Python rounds them."""
    cdef Py_ssize_t at = 0, i, length, last
    cdef const char* text
    cdef const char* stop
    cdef char* end
    for i in range(len(rows)):
        last = at + <Py_ssize_t>sizes[i]
        if last > numbers.shape[0] or not PyUnicode_IS_ASCII(rows[i]):
            return False
        text = PyUnicode_AsUTF8AndSize(rows[i], &length)
        stop = text + length
        while at < last:
            if not is_decimal(text[0]):  # no number, or a name of one
                return False
            try:
                numbers[at] = PyOS_string_to_double(text, &end, NULL)
            except ValueError:
                return False
            at += 1
            if end[0] != b" " if at < last else end != stop:
                return False
            text = end + 1
    return at == numbers.shape[0]


def may_be_decimals(list rows, list sizes):
    """Whether each row holds so many words of nothing but the characters of decimal fractions."""
    cdef Py_ssize_t i, k, length, spaces
    cdef const char* text
    for i in range(len(rows)):
        if not PyUnicode_IS_ASCII(rows[i]):
            return False
        text = PyUnicode_AsUTF8AndSize(rows[i], &length)
        spaces = 0
        for k in range(length):
            if text[k] == b" ":
                spaces += 1
            elif not is_decimal(text[k]):
                return False
        if not length or spaces + 1 != <Py_ssize_t>sizes[i]:
            return False
    return True


cdef inline bint is_decimal(char c) noexcept nogil:
    return b"0" <= c <= b"9" or c == b"." or c == b"-" or c == b"+" or c == b"e"
