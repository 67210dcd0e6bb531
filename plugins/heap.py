"""Lets memory that is free go back to the system (glibc; elsewhere nothing is done).

By itself glibc gives each thread a heap of its own, up to eight for each core, none of which lends
to another; and it raises the size from which a block is mapped by itself to that of the largest
one freed, so that a model that is let go and loaded again stays in a heap for good. App, daemon
and four MCP servers took 603 MB after four busy minutes and 546 with what is set here; search
takes as long. What is free between two blocks in use goes back only when asked for: 612 MB after
ten minutes without `give_back_at_times`, 587 with it.
"""

from __future__ import annotations

import ctypes
import sys
import time

HEAPS = 2
LARGE_BYTES = 4 << 20
"""Larger blocks, such as a model's words, are mapped by themselves."""
FREE_BYTES = 512 << 10
"""More than that is not kept at a heap's end."""
EVERY_SECONDS = 20.0
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""Of malloc.h."""


def keep_heaps_small() -> None:
    """Have few heaps and keep little that is free from now on: for a process that lives long."""
    library = _library()
    if library is not None:
        library.mallopt(_M_ARENA_MAX, HEAPS)
        library.mallopt(_M_TRIM_THRESHOLD, FREE_BYTES)
        library.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)


def give_back() -> None:
    """Return what is free to the system."""
    library = _library()
    if library is not None:
        library.malloc_trim(0)


_given_back_at = time.monotonic()


def give_back_at_times() -> None:
    """As `give_back`, but seldom enough (`EVERY_SECONDS`) to be called after any piece of work."""
    global _given_back_at
    now = time.monotonic()
    # Two threads that both find it due only do it twice.
    if now - _given_back_at > EVERY_SECONDS:
        _given_back_at = now
        give_back()


def _library() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    # musl has neither.
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
