"""The type of the numbers in a `BlockTable`'s columns; `detector.columns` says why."""

from libc.stdint cimport INT32_MAX, int32_t

ctypedef int32_t Number
