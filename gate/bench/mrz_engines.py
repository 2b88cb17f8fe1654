"""The engines that `egate bench mrz` compares, each as frames in, answer out."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import typer
from numpy.typing import NDArray

from gate.bench.mrz_tally import Answer

if TYPE_CHECKING:
    from models.mrz.values import Verdict

Grey = NDArray[np.uint8]
Engine = Callable[[list[Grey]], Answer]


def _today() -> date:
    return datetime.now(UTC).date()


def builtin(frames: list[Grey]) -> Answer:
    """The reader's answer; more than one frame go through a capture session until it is sure."""
    from models.mrz.reader import look
    from models.mrz.session import SessionState, observe
    from models.mrz.values import CameraReading

    if len(frames) == 1:
        seen = look(frames[0], _today())
        guess, sure = (seen.decoded.lines, seen.decoded.confidence) if seen.decoded else (None, 0.0)
        if isinstance(seen.verdict, CameraReading):
            return Answer(seen.verdict.lines, "", guess, sure)
        return Answer(None, seen.verdict.reason.value, guess, sure)
    state, reason = SessionState(), ""
    for frame in frames:
        state, result = observe(state, frame, _today())
        if isinstance(result, CameraReading):
            return Answer(result.lines, "", result.lines, result.confidence)
        reason = result.reason.value
    return Answer(None, reason)


def peers() -> dict[str, Engine]:
    """Peers that are installed, by name and version; what is missing is said on standard error."""
    from models.mrz.engines import fastmrz, passporteye
    from models.mrz.engines.judged import EngineMissing

    found: dict[str, Engine] = {}
    for peer in (passporteye, fastmrz):
        try:
            found[peer.version()] = partial(_answer, peer.read)
        except EngineMissing as missing:
            typer.echo(f"left out: {missing}", err=True)
    return found


def _answer(read: Callable[[Grey, date], "Verdict"], frames: list[Grey]) -> Answer:
    """A peer's lines where they parse and every check digit agrees."""
    from models.mrz.values import CameraReading

    verdict = read(frames[0], _today())
    if isinstance(verdict, CameraReading):
        return Answer(verdict.lines, "", verdict.lines, 1.0)
    return Answer(None, verdict.reason.value)
