"""A running gate as pages, consoles and tests have it: views out, officers' acts in.

`LocalControl` sits beside the runner. `ControlServer` gives the same to other processes over a
Unix socket: each message is a length (4 bytes, big-endian) and that much UTF-8 JSON. The gate
sends `{"view": ...}`; a client sends `{"act": NAME, "officer_id": ID}`. The socket belongs to the
gate's user (0600): who can open it is who may press the buttons.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gate.messages import listen, receive, send
from gate.passage.events import (
    Event,
    HelpWanted,
    MaintenanceEntered,
    MaintenanceLeft,
    OfficerAdmitted,
    OfficerLetBack,
    OfficerReset,
    SelfTestWanted,
)
from gate.runner import Runner, Turn
from gate.view import staff_view
from gate.vocabulary.screens import Screen

ACTS: dict[str, Callable[[str], Event]] = {
    "admit": OfficerAdmitted,
    "let_back": OfficerLetBack,
    "reset": OfficerReset,
    "maintenance": MaintenanceEntered,
    "maintenance_over": MaintenanceLeft,
    "self_test": SelfTestWanted,
    "help": lambda _officer_id: HelpWanted(),
}
"""The officer's buttons, and the traveller's call button."""


class LocalControl:
    """`ports.GateControl` in the controller's own process."""

    def __init__(
        self,
        runner: Runner,
        screen: Callable[[], Screen],
        more: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self._runner = runner
        self._screen = screen
        self._more = more
        self._seen: list[Callable[[dict[str, Any]], None]] = []
        self.follow(runner)

    def act(self, act: str, officer_id: str) -> None:
        """Post the event behind a button."""
        if act not in ACTS:
            raise ValueError(f"no act {act!r}: one of {', '.join(ACTS)}")
        self._runner.post(ACTS[act](officer_id))

    def subscribe(self, seen: Callable[[dict[str, Any]], None]) -> None:
        """Hand out the present view, and every one that comes."""
        self._seen.append(seen)
        seen(self.view())

    def unsubscribe(self, seen: Callable[[dict[str, Any]], None]) -> None:
        """No more views for this one."""
        self._seen.remove(seen)

    def view(self) -> dict[str, Any]:
        """The gate as it is now."""
        screen = {"traveller": {"screen": self._screen().value}}
        return {**screen, **staff_view(self._runner.state), **self._more()}

    def publish(self) -> None:
        """Hand out the view though no turn changed it."""
        view = self.view() if self._seen else {}
        for seen in list(self._seen):
            seen(view)

    def follow(self, runner: Runner) -> None:
        """Another runner took over, after a restart in the same process."""
        self._runner = runner
        runner.subscribe(self._turned)

    def _turned(self, turn: Turn) -> None:
        if turn.before != turn.after:
            self.publish()


class ControlServer:
    """Serves one gate's control on a Unix socket. `extra` takes messages that are no acts."""

    def __init__(
        self,
        control: LocalControl,
        path: Path,
        extra: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self._control = control
        self._path = path
        self._extra = extra
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; a socket that a dead process left behind is replaced."""
        self._server = await listen(self._path, self._serve)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The newest view only: a slow reader must not make the gate keep old ones.
        newest: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1)

        def seen(view: dict[str, Any]) -> None:
            if newest.full():
                newest.get_nowait()
            newest.put_nowait(view)

        self._control.subscribe(seen)
        sending = asyncio.create_task(_send_views(newest, writer))
        try:
            while (message := await receive(reader)) is not None:
                await send(writer, self._answer(message))
        except (ConnectionError, ValueError, asyncio.CancelledError):
            pass  # a client that went away or does not speak the protocol; the end of the gate
        finally:
            self._control.unsubscribe(seen)
            sending.cancel()
            writer.close()

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            if "act" in message:
                self._control.act(str(message["act"]), str(message.get("officer_id", "")))
            elif self._extra is not None:
                self._extra(message)
            else:
                raise ValueError("a message has an `act`")
        except ValueError as error:
            return {"error": str(error)}
        return {"done": True}


async def _send_views(
    newest: "asyncio.Queue[dict[str, Any]]", writer: asyncio.StreamWriter
) -> None:
    while True:
        try:
            await send(writer, {"view": await newest.get()})
        except ConnectionError:
            return


async def connect(
    path: Path,
) -> tuple[
    Callable[[dict[str, Any]], Awaitable[None]], Callable[[], Awaitable[dict[str, Any] | None]]
]:
    """A client's two ends: send a message, receive one. Raises OSError if nobody listens."""
    reader, writer = await asyncio.open_unix_connection(path)
    return (lambda message: send(writer, message)), (lambda: receive(reader))
