"""The trees of a model's text, read in one go; part of `_forest.pyx`."""

from libc.string cimport strlen

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(str text, Py_ssize_t* size) except NULL
    bint PyUnicode_IS_ASCII(str text)

cdef enum:
    TREE, SPLIT, LEAF
    MOST_KEYS = 16
cdef tuple PER = ("tree", "split", "leaf")
cdef const char** PLAIN = [b"num_leaves=", b"num_cat=0", b"is_linear=0"]  # lines without a row


cdef struct Key:
    const char* name
    Py_ssize_t size
    int per  # what it has a number for
    bint matters  # a tree must have it
    int64_t* integers  # where the next of its numbers go; NULL of both if they are not wanted
    double* decimals


def count_leaves(str text not None, Py_ssize_t start, list sizes not None, int64_t[::1] leaves):
    """Fill the leaves of each tree, the first of which starts there; false if one is not found.

    Args:
        sizes: characters of the trees' texts, one behind the other.
    """
    cdef Py_ssize_t length, stop = start, i
    cdef const char* at
    cdef const char* whole = ascii_of(text, &length)
    if whole is NULL or len(sizes) != leaves.shape[0]:
        return False
    for i in range(len(sizes)):
        if not 0 < <Py_ssize_t>sizes[i] <= length - stop:
            return False
        at = behind(behind_number(whole + stop, i), b"num_leaves=")
        stop += <Py_ssize_t>sizes[i]
        if at is NULL:
            return False
        at = read_integer(at, &leaves[i])
        if at is NULL or at[0] != b"\n" or not 0 < leaves[i] <= <Py_ssize_t>sizes[i]:
            return False
    return True


def read_trees(
    str text not None, Py_ssize_t start, list sizes not None, const int64_t[::1] leaves, list keys
):
    """Fill the arrays of all trees' numbers; false if a tree is not as LightGBM writes it.

    Args:
        start, sizes, leaves: as of `count_leaves`, which must have found them.
        keys: rows of a key in ASCII, what it has a number for ("tree", "split" or "leaf"), whether
            a tree must have it, and the array of int64 or float64 that is filled, None for what
            is but looked at.
    """
    cdef Key[MOST_KEYS] known
    cdef Py_ssize_t length, n_known = len(keys), n_splits = 0, n_leaves = 0, i
    cdef const char* whole = ascii_of(text, &length)
    cdef const char* at
    cdef int64_t[::1] integers
    cdef double[::1] decimals
    cdef Slow slow = Slow(NULL, 0, 0)
    for i in range(leaves.shape[0]):
        n_leaves += leaves[i]
        n_splits += leaves[i] - 1
    if whole is NULL or n_known > MOST_KEYS or len(sizes) != leaves.shape[0]:
        return False
    for i in range(n_known):
        name, per, matters, numbers = keys[i]
        known[i] = Key(<bytes>name, len(name), PER.index(per), matters, NULL, NULL)
        if numbers is None:
            continue
        if len(numbers) != (n_leaves if known[i].per == LEAF else n_splits):
            raise ValueError("an array is not of the size of the trees")
        if not len(numbers):
            continue
        if numbers.dtype == float:
            decimals = numbers
            known[i].decimals = &decimals[0]
        else:
            integers = numbers
            known[i].integers = &integers[0]
    for i in range(leaves.shape[0]):
        if not 0 < <Py_ssize_t>sizes[i] <= length - start:
            return False
        at = behind_number(whole + start, i)
        start += <Py_ssize_t>sizes[i]
        if at is NULL or not read_tree(at, whole + start, leaves[i], known, n_known, &slow):
            return False
    return True


cdef const char* ascii_of(str text, Py_ssize_t* length) except? NULL:
    """The characters of a text, a NUL behind them; NULL if it holds others than ASCII's."""
    return PyUnicode_AsUTF8AndSize(text, length) if PyUnicode_IS_ASCII(text) else NULL


cdef const char* behind(const char* at, const char* beginning) noexcept:
    """What follows a beginning; NULL if the text, which ends with a NUL, has another."""
    return at + strlen(beginning) if at is not NULL and begins(at, beginning) else NULL


cdef const char* behind_number(const char* at, Py_ssize_t number) noexcept:
    """What follows the line that a tree of this number begins with; NULL if it begins otherwise."""
    cdef int64_t found = -1
    at = behind(at, b"Tree=")
    if at is not NULL and at[0] != b"0":
        at = read_integer(at, &found)
    elif at is not NULL:
        at, found = at + 1, 0
    return behind(at, b"\n") if found == number else NULL


cdef bint read_tree(
    const char* at,
    const char* stop,
    int64_t n_leaves,
    Key* keys,
    Py_ssize_t n_keys,
    Slow* slow,
) except -1:
    """Read the lines of a tree, and move the places of its keys' numbers on."""
    cdef bint[MOST_KEYS] found
    cdef bint[3] has = [False, False, False]
    cdef Py_ssize_t i
    for i in range(n_keys):
        found[i] = False
    # What runs across the end of a tree's text is noticed behind the loop.
    while at < stop and at[0] != b"\n":
        for i in range(n_keys):
            if not found[i] and begins(at, keys[i].name) and at[keys[i].size] == b"=":
                found[i] = True
                at = read_row(at + keys[i].size + 1, n_leaves, &keys[i], slow)
                break
        else:
            for i in range(3):
                if not has[i] and begins(at, PLAIN[i]):
                    has[i] = True
                    at += strlen(PLAIN[i])
                    while i == 0 and is_digit(at[0]):
                        at += 1
                    break
            else:
                return False
        if at is NULL or at[0] != b"\n":
            return False
        at += 1
    if at == stop or not has[0] or not has[1]:
        return False
    while at < stop and at[0] == b"\n":
        at += 1
    for i in range(n_keys):
        if not found[i] and keys[i].matters and n_numbers(&keys[i], n_leaves):
            return False
    return at == stop


cdef const char* read_row(
    const char* at, int64_t n_leaves, Key* key, Slow* slow
) except? NULL:
    """What is behind the numbers of a line; NULL if they are others, or not as many."""
    cdef int64_t n = n_numbers(key, n_leaves), i
    if not n:
        while at[0] and at[0] != b"\n":
            at += 1
        return at
    if key.integers is NULL and key.decimals is NULL:
        if at[0] == b"\n":
            return NULL
        while is_in_decimal(at[0]) or at[0] == b" ":
            n -= at[0] == b" "
            at += 1
        return at if n == 1 else NULL
    for i in range(n):
        if i:
            if at[0] != b" ":
                return NULL
            at += 1
        if key.decimals is NULL:
            at = read_integer(at, key.integers)
            key.integers += 1
        else:
            at = read_decimal(at, key.decimals, slow)
            key.decimals += 1
        if at is NULL:
            return NULL
    return at


cdef inline int64_t n_numbers(const Key* key, int64_t n_leaves) noexcept nogil:
    """How many of them a tree has. One that is a leaf alone has no more than its value."""
    if key.per == TREE:
        return 1
    if n_leaves == 1 and not key.matters:
        return 0
    return n_leaves if key.per == LEAF else n_leaves - 1


cdef inline bint begins(const char* at, const char* beginning) noexcept nogil:
    return not strncmp(at, beginning, strlen(beginning))
