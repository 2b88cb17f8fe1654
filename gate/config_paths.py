"""Where a gate keeps what it makes; stdlib `os` only, so that the command line may ask early."""

import os


def state_directory() -> str:
    """`EGATE_STATE`, or `egate` below the user's state directory (XDG Base Directory)."""
    chosen = os.environ.get("EGATE_STATE")
    if chosen:
        return os.path.abspath(os.path.expanduser(chosen))
    base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(base, "egate")
