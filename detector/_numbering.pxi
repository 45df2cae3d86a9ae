"""Columns that grow, and numbers for distinct strings and pairs; for `_walk`."""

# --- memory ---------------------------------------------------------------------------------------

cdef struct Columns:
    int64_t* at[10]
    int64_t n
    int64_t room


cdef struct Bytes:
    char* at
    size_t n
    size_t room


cdef int grow(Columns* columns, int n_columns) except -1:
    cdef int64_t room = 2 * columns.room if columns.room else 1024
    cdef int64_t* moved
    cdef int i
    for i in range(n_columns):
        moved = <int64_t*>realloc(columns.at[i], room * sizeof(int64_t))
        if moved is NULL:
            raise MemoryError
        columns.at[i] = moved
    columns.room = room
    return 0


cdef void release(Columns* columns) noexcept:
    for i in range(10):
        free(columns.at[i])


cdef int reserve(Bytes* bytes_, size_t more) except -1:
    cdef char* moved
    cdef size_t room
    if bytes_.n + more >= bytes_.room:  # so that there always is a place, if of no size
        room = 2 * (bytes_.n + more) + 256
        moved = <char*>realloc(bytes_.at, room)
        if moved is NULL:
            raise MemoryError
        bytes_.at, bytes_.room = moved, room
    return 0


cdef inline int add(Bytes* bytes_, const char* data, size_t size) except -1:
    reserve(bytes_, size)
    if size:
        memcpy(bytes_.at + bytes_.n, data, size)
        bytes_.n += size
    return 0


# --- numbers of strings and pairs -----------------------------------------------------------------

include "_mixing.pxi"


cdef uint64_t hash_of(const char* data, size_t size) noexcept nogil:
    cdef uint64_t state = SEED + size, part
    while size >= 8:
        memcpy(&part, data, 8)
        state = mixed(state ^ part)
        data += 8
        size -= 8
    part = 0
    memcpy(&part, data, size)
    return mixed(state ^ part)


cdef class Strings:
    """Numbers distinct strings in the order in which they come."""
    cdef Bytes store
    cdef Columns known  # where each ends in the store, and its hash
    cdef uint32_t* slots
    cdef uint64_t n_slots

    def __dealloc__(self):
        free(self.store.at)
        release(&self.known)
        free(self.slots)

    cdef int64_t number(self, const char* data, size_t size) except -1:
        cdef uint64_t slot
        cdef int64_t known
        if 2 * <uint64_t>self.known.n >= self.n_slots:
            self.widen()
        known = self.find(data, size)
        if known >= 0:
            return known
        if self.known.n == self.known.room:
            grow(&self.known, 2)
        add(&self.store, data, size)
        known = self.known.n
        self.known.at[0][known] = self.store.n
        self.known.at[1][known] = <int64_t>hash_of(data, size)
        self.known.n = known + 1
        slot = hash_of(data, size) & (self.n_slots - 1)
        while self.slots[slot]:
            slot = (slot + 1) & (self.n_slots - 1)
        self.slots[slot] = <uint32_t>(known + 1)
        return known

    cdef int64_t find(self, const char* data, size_t size) noexcept:
        """The number of a string, or -1."""
        cdef uint64_t code = hash_of(data, size)
        cdef uint64_t slot = code & (self.n_slots - 1)
        cdef int64_t known, start
        if not self.n_slots:
            return -1
        while self.slots[slot]:
            known = self.slots[slot] - 1
            if <uint64_t>self.known.at[1][known] == code:
                start = self.start(known)
                if (self.known.at[0][known] - start == <int64_t>size
                        and memcmp(self.store.at + start, data, size) == 0):
                    return known
            slot = (slot + 1) & (self.n_slots - 1)
        return -1

    cdef inline int64_t start(self, int64_t number) noexcept:
        return self.known.at[0][number - 1] if number else 0

    cdef int widen(self) except -1:
        cdef uint64_t n_slots = 4 * self.n_slots if self.n_slots else 512, slot
        cdef uint32_t* slots = <uint32_t*>calloc(n_slots, sizeof(uint32_t))
        cdef int64_t known
        if slots is NULL:
            raise MemoryError
        for known in range(self.known.n):
            slot = <uint64_t>self.known.at[1][known] & (n_slots - 1)
            while slots[slot]:
                slot = (slot + 1) & (n_slots - 1)
            slots[slot] = <uint32_t>(known + 1)
        free(self.slots)
        self.slots, self.n_slots = slots, n_slots
        return 0

    cdef list strings(self):
        cdef list found = []
        cdef int64_t known, start = 0
        for known in range(self.known.n):
            found.append(
                PyUnicode_DecodeUTF8(self.store.at + start, self.known.at[0][known] - start, NULL)
            )
            start = self.known.at[0][known]
        return found


cdef struct Slot:
    uint64_t key
    int64_t number  # from 1; 0 where the slot is free


cdef class Pairs:
    """Numbers distinct pairs of numbers below 2**32 in the order in which they come."""
    cdef Slot* slots
    cdef uint64_t n_slots
    cdef int64_t n

    def __dealloc__(self):
        free(self.slots)

    cdef int64_t number(self, int64_t first, int64_t second) except -1:
        cdef uint64_t key = <uint64_t>first << 32 | <uint64_t>second, slot
        if 2 * <uint64_t>self.n >= self.n_slots:
            self.widen()
        slot = self.find(self.slots, self.n_slots, key)
        if not self.slots[slot].number:
            self.n += 1
            self.slots[slot].key = key
            self.slots[slot].number = self.n
        return self.slots[slot].number - 1

    cdef inline uint64_t find(self, Slot* slots, uint64_t n_slots, uint64_t key) noexcept:
        cdef uint64_t slot = mixed(key) & (n_slots - 1)
        while slots[slot].number and slots[slot].key != key:
            slot = (slot + 1) & (n_slots - 1)
        return slot

    cdef int widen(self) except -1:
        cdef uint64_t n_slots = 4 * self.n_slots if self.n_slots else 1024, old, slot
        cdef Slot* slots = <Slot*>calloc(n_slots, sizeof(Slot))
        if slots is NULL:
            raise MemoryError
        for old in range(self.n_slots):
            if self.slots[old].number:
                slot = self.find(slots, n_slots, self.slots[old].key)
                slots[slot] = self.slots[old]
        free(self.slots)
        self.slots, self.n_slots = slots, n_slots
        return 0
