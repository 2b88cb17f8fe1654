"""Runs the page's server for one gate's control socket, on 127.0.0.1."""

from pathlib import Path

import uvicorn

from gate.web.app import make_app
from gate.web.relay import Relay


def serve(control: Path, port: int, desk: Path | None = None) -> None:
    """Serve until interrupted. Exits the process with 1 if the port is taken.

    `desk`: the socket of a desk whose camera is its holder's own.
    """
    app = make_app(Relay(control), desk)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        log_level="warning",
        ws="websockets-sansio",
        timeout_graceful_shutdown=1,
    )
