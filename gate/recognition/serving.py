"""One worker from its parts to its end: what `egate recognise` and the demo's worker have in common."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from gate.recognition.document_serving import DocumentServer
from gate.recognition.recogniser import Recogniser
from gate.recognition.worker import Worker


async def serve_until_stopped(
    recogniser: Recogniser, path: Path, documents: DocumentServer | None = None
) -> None:
    """Serve on a socket until SIGTERM or SIGINT; everything that was held is gone then."""
    worker = Worker(recogniser, path)
    recogniser.on_feedback = worker.feedback
    await worker.start()
    if documents is not None:
        await documents.start()
    try:
        await stopped()
    finally:
        await worker.close()
        if documents is not None:
            await documents.close()


async def stopped() -> None:
    """Wait for SIGTERM or SIGINT."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()
