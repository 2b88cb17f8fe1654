"""What the decoders of the parts of a zone take and give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.mrz.layout import Span

Likelihood = NDArray[np.float64]
"""(lines, width, 37): how well each character explains each slot; rows sum to one."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one decoder says of its slots: characters, posteriors, joint log-posterior, evidence."""

    slots: tuple[tuple[int, int], ...]
    text: str
    characters: tuple[float, ...]
    log_joint: float
    log_evidence: float


def slots_of(span: Span) -> tuple[tuple[int, int], ...]:
    """(line, column) of each slot of a span."""
    return tuple((span.line, column) for column in range(span.start, span.end))
