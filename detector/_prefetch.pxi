"""A word to the processor of what will be read soon; for `_names` and `_words`.

Tables of what was learned are larger than its near caches, and what a page asks of them is known
some time before it is needed.
"""

cdef extern from *:
    """
    #if defined(__GNUC__) || defined(__clang__)
    #define detector_prefetch(address) __builtin_prefetch(address)
    #else
    #define detector_prefetch(address) ((void)(address))
    #endif
    """
    void prefetch "detector_prefetch"(const void* address) noexcept nogil
