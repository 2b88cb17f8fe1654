"""Whether a camera serves: it gives frames, and they are neither black nor frozen."""

from __future__ import annotations

from drivers.errors import DriverError
from drivers.face_camera.shots import FROZEN_FRAMES, BadFrame, Camera, Frame, FrameFault
from gate.ports import DeviceError
from gate.recognition.devices import translated
from gate.vocabulary.passages import Device, FailureKind

SILENT_S = 2.0
"""A camera without a new frame for so long does not serve."""
USELESS_S = 2.0
"""A camera that shows nothing, or always the same, for so long does not serve."""
GOOD_WITHIN_SHOTS = 30
"""A camera that shows nothing usable in so many shots has not recovered."""


class Health:
    """Takes shots from one camera and says when it does not serve, as `device`'s failure."""

    def __init__(self, camera: Camera, what: str, device: Device) -> None:
        self._camera = camera
        self._what = what
        self._device = device
        self._since_s: float | None = None

    async def next_shot(self) -> Frame | BadFrame:
        """Wait for a shot. Raises DeviceError also after USELESS_S of black or frozen ones."""
        try:
            shot = await self._camera.next_shot(SILENT_S)
        except DriverError as error:
            raise self._own(translated(error, self._what)) from None
        self.judge(shot)
        return shot

    def judge(self, shot: Frame | BadFrame) -> None:
        """Take note of a shot that was waited for elsewhere. Raises DeviceError as `next_shot` does."""
        if isinstance(shot, Frame) or shot.fault is FrameFault.DROPPED:
            self._since_s = None
            return
        self._since_s = shot.taken_s if self._since_s is None else self._since_s
        if shot.taken_s - self._since_s >= USELESS_S:
            raise self._failure(f"the picture is {shot.fault.value}; look at lens, lamp and cable")

    async def prove(self) -> None:
        """See good pictures after as many as a frozen camera needs to show itself. Raises DeviceError."""
        for seen in range(FROZEN_FRAMES + GOOD_WITHIN_SHOTS):
            shot = await self.next_shot()
            good = isinstance(shot, Frame) or shot.fault is FrameFault.DROPPED
            if good and seen > FROZEN_FRAMES:
                return
        raise self._failure("only black or frozen pictures; look at lens, lamp and cable")

    def _failure(self, why: str) -> DeviceError:
        return DeviceError(self._device, FailureKind.FAULTY, f"{self._what}: {why}")

    def _own(self, error: DeviceError) -> DeviceError:
        return DeviceError(self._device, error.kind, str(error))
