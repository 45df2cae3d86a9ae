"""Keeping Python's cycle collector out of code that makes many objects and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Put automatic collection off while the block runs.

    A walk makes thousands of objects that all stay alive, so that each collection that they set
    off looks through them for nothing: a tenth of the time of `detect`. (Mercurial's `util.nogc`
    is there for the same reason.) Threads may overlap: whoever found the collector on turns it on
    again.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
