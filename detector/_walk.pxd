from libc.stdint cimport int64_t
from lxml.includes cimport etreepublic as lxml


cdef class Elements:
    cdef lxml._Element root
    cdef int64_t* nodes
    cdef int64_t n
