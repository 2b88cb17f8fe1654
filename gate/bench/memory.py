"""Memory of pictures that are no longer needed, handed back to the machine."""

import ctypes
import gc

_LIBC = ctypes.CDLL(None)
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h
LARGE_BYTES = 2 << 20


def keep_little() -> None:
    """At a process's start: large arrays in pages of their own, all threads in one heap.

    Else the C library learns from the first large one to keep the pages of all others, and of
    each thread's. A camera's frames are smaller: fresh pages for each would cost more than they.
    """
    _LIBC.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
    _LIBC.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Let the C library return its free pages, which it would otherwise keep for later."""
    gc.collect()
    _LIBC.malloc_trim(0)
