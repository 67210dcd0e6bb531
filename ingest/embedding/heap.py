"""Lets memory that a model took go back to the system (glibc; elsewhere nothing is done).

Where a daemon comes and goes, models of other processes are loaded and let go again and again.
glibc raises the size from which a block is mapped by itself to that of the largest one freed, so
the next model lies in the heap and its space stays with the process: 144 MB that needs 91.
"""

from __future__ import annotations

import ctypes
import sys

LARGE_BYTES = 4 << 20
"""Larger blocks, such as a model's words, are mapped by themselves, the next time too."""
_M_MMAP_THRESHOLD = -3
"""Of malloc.h."""


def keep_large_blocks_apart() -> None:
    """Map every large block by itself from now on."""
    library = _library()
    if library is not None:
        library.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)


def give_back() -> None:
    """Return what is free to the system."""
    library = _library()
    if library is not None:
        library.malloc_trim(0)


def _library() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    # musl has neither.
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
