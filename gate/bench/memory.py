"""Memory of pictures that are no longer needed, handed back to the machine."""

import ctypes
import gc
from pathlib import Path

_LIBC = ctypes.CDLL(None)
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h
_MADV_DONTNEED = 4  # sys/mman.h
LARGE_BYTES = 2 << 20
SELDOM_RUN = ("libllvmlite", "onnxruntime", "dlib")
"""Libraries of which most of the code that ever runs does so while models and kernels are loaded."""


def keep_little() -> None:
    """At a process's start: large arrays in pages of their own, all threads in one heap.

    Else the C library learns from the first large one to keep the pages of all others, and of
    each thread's. A camera's frames are smaller: fresh pages for each would cost more than they.
    """
    _LIBC.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
    _LIBC.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Let the C library return its free pages, which it would otherwise keep for later, and the
    kernel those of code that has run: what runs again is mapped again from the file's pages.
    """
    gc.collect()
    _LIBC.malloc_trim(0)
    for start, length in _code_of(SELDOM_RUN):
        _LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), _MADV_DONTNEED)


def _code_of(libraries: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where their code lies; it is never written, so that nothing is lost with its pages."""
    spans = []
    for line in Path("/proc/self/maps").read_text("utf-8").splitlines():
        span, rights, *_, name = line.split()
        if rights == "r-xp" and any(library in name for library in libraries):
            start, end = (int(part, 16) for part in span.split("-"))
            spans.append((start, end - start))
    return spans
