"""Log lines as JSON, with a last net under them: nothing that looks like a document gets through.

No code puts a name, a number or a sample into a log line; this processor is there for the day on
which some code does.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_MRZ = re.compile(r"[A-Z0-9<]{28,}")
_NUMBER = re.compile(r"\b[A-Z]{1,2}\d{2,3}[A-Z0-9]\d{4,5}\b")
MASK = "[masked]"


def masked(text: str) -> str:
    """The text without lines of an MRZ and without document numbers."""
    return _NUMBER.sub(MASK, _MRZ.sub(MASK, text))


def mask_documents(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor: `masked` over every text of the event."""
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}


def configure(level: int = logging.INFO) -> None:
    """Log JSON lines to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            mask_documents,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
