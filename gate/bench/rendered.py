"""Where rendered identities are kept between runs; imports nothing, as the demo's launcher does."""

from pathlib import Path

from gate.config_paths import state_directory


def rendered_folder() -> Path:
    """Below the state directory; whoever removes it waits for the rendering once more."""
    return Path(state_directory()) / "rendered"
