"""Memory of pictures that are no longer needed, handed back to the machine."""

import ctypes
import gc

_LIBC = ctypes.CDLL(None)
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h
PICTURE_BYTES = 256 * 1024


def keep_little() -> None:
    """At a process's start: pictures in pages of their own, threads in one heap.

    Else the C library learns from the first large picture to keep all others, one heap a thread.
    """
    _LIBC.mallopt(_M_MMAP_THRESHOLD, PICTURE_BYTES)
    _LIBC.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Let the C library return its free pages, which it would otherwise keep for later."""
    gc.collect()
    _LIBC.malloc_trim(0)
