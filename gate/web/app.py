"""The page's server: static files, and a WebSocket with views out and button presses in.

Serves 127.0.0.1 only. A browser is let in by its Host and Origin, so that no foreign page can
press an officer's button (DNS rebinding, cross-site WebSocket).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from gate.web.preview import preview
from gate.web.relay import Relay

STATIC = Path(__file__).parent / "static"
HOSTS = ["127.0.0.1", "localhost"]
HEADERS = {
    b"content-security-policy": b"default-src 'self'; img-src 'self' blob:; connect-src 'self' ws:; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}
BUTTONS = frozenset({"act", "officer_id", "send", "stream", "speed", "fault", "mend", "me"})


def make_app(relay: Relay, desk: Path | None = None) -> Starlette:
    """The application for one gate; with `desk`, what its camera sees while somebody is enrolled."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(relay.run())
        yield
        running.cancel()

    async def page(_request: Any) -> FileResponse:
        return FileResponse(STATIC / "index.html")

    async def camera(_request: Any) -> Response:
        jpeg = None if desk is None else await preview(desk)
        return Response(jpeg or b"", 200 if jpeg else 404, media_type="image/jpeg")

    async def socket(websocket: WebSocket) -> None:
        await _serve(websocket, relay)

    routes = [
        Route("/", page),
        Route("/own-camera.jpg", camera),
        WebSocketRoute("/views", socket),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    middleware = [
        Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS),
        Middleware(_SecureHeaders),
    ]
    return Starlette(routes=routes, middleware=middleware, lifespan=lifespan)


async def _serve(websocket: WebSocket, relay: Relay) -> None:
    if not _same_origin(websocket):
        await websocket.close(code=1008)
        return
    await websocket.accept()
    sending = asyncio.create_task(_send_views(websocket, relay))
    try:
        while True:
            pressed = await websocket.receive_json()
            if isinstance(pressed, dict) and pressed.keys() <= BUTTONS:
                await relay.tell(pressed)
    except (WebSocketDisconnect, ValueError, KeyError):
        pass
    finally:
        sending.cancel()


async def _send_views(websocket: WebSocket, relay: Relay) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        async for view in relay.views():
            await websocket.send_json(view)


def _same_origin(websocket: WebSocket) -> bool:
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).hostname in HOSTS


class _SecureHeaders:
    """Adds the headers that every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS.items()]
            await send(message)

        await self._app(scope, receive, with_headers)
