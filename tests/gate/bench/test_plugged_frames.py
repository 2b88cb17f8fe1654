"""A camera in shared memory is there from its first picture until it is unplugged."""

import os

import numpy as np
import pytest

from drivers.errors import LinkLost
from gate.bench.plugged_frames import PluggedFrames
from gate.recognition.frames import SharedFrameSource


def test_a_camera_is_there_while_it_is_plugged_in_and_can_be_plugged_in_again() -> None:
    """Nothing has its name before a picture and after it was unplugged; unplugging twice is none."""
    name = f"plugged-{os.getpid()}"
    frames = PluggedFrames(name, 10.0, (6, 4))
    try:
        for grey in (7, 9):
            with pytest.raises(LinkLost):
                SharedFrameSource(name)
            frames.put(np.full((6, 4, 3), grey, np.uint8))
            source = SharedFrameSource(name)
            seen = source.frame(0.0)
            assert seen is not None
            assert (seen == grey).all()
            frames.put(None)
            assert source.frame(0.0) is None
            frames.unplug()
            with pytest.raises(LinkLost):
                source.frame(0.0)
            frames.unplug()
    finally:
        frames.unplug()
