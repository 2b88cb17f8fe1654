"""Compiled kernels: one decorator, one cache folder, one population count.

numba is imported here and nowhere else, after `NUMBA_CACHE_DIR` points below the state directory, so that a
kernel compiled once in set-up is only loaded by every later process.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def state_directory() -> Path:
    """The folder of the project's state: `EGATE_STATE`, by default `~/.local/state/egate`."""
    return Path(os.environ.get("EGATE_STATE") or Path.home() / ".local/state/egate")


os.environ.setdefault("NUMBA_CACHE_DIR", str(state_directory() / "numba"))

import numba  # noqa: E402  (the cache folder must be named before numba is imported)
from numba.core import types  # noqa: E402
from numba.core.caching import Cache  # noqa: E402
from numba.core.runtime.nrt import rtsys  # noqa: E402
from numba.extending import intrinsic  # noqa: E402

setattr(numba.config, "CACHE_DIR", os.environ["NUMBA_CACHE_DIR"])  # noqa: B010  (made at run time)


def _load_cached(self: Any, signature: Any, context: Any) -> Any:
    """Load a compiled kernel without the registries that only compiling needs: a third of a second of importing.

    A kernel that is not cached gives None, and numba's compiler then loads the registries itself.
    """
    rtsys.initialize(context)
    with self._guard_against_spurious_io_errors():
        return self._load_overload(signature, context)


if hasattr(Cache, "_load_overload") and hasattr(Cache, "_guard_against_spurious_io_errors"):
    setattr(Cache, "load_overload", _load_cached)  # noqa: B010  (numba has no setting for it)


def kernel(signature: str) -> Callable[[Function], Function]:
    """Compile a function for one explicit signature; the result is cached on disk and releases the GIL."""
    decorator: Any = numba.njit(signature, cache=True, nogil=True, error_model="numpy")
    compiled: Callable[[Function], Function] = decorator
    return compiled


def inlined(function: Function) -> Function:
    """Mark a helper that kernels call; it is compiled with them and has no signature of its own."""
    wrapped: Function = numba.njit(function, cache=True, nogil=True, error_model="numpy")
    return wrapped


def _popcount(typing_context: Any, word: Any) -> Any:

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


popcount: Any = intrinsic(_popcount)
"""Number of one bits in an unsigned 64-bit word (LLVM's ctpop); for use inside kernels."""
