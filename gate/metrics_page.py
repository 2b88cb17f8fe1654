"""Serves the metrics on 127.0.0.1: `/metrics` for Prometheus, `/` for somebody who looks.

A few lines of HTTP/1.0 in the controller's own loop: one request, one answer, nothing is kept.
"""

import asyncio
import html
from collections.abc import Awaitable, Callable
from contextlib import suppress

REQUEST_S = 5.0
REQUEST_BYTES = 4096
HOSTS = ("127.0.0.1", "localhost")
HUNG_UP_ON = (
    ConnectionError,
    TimeoutError,
    asyncio.IncompleteReadError,
    asyncio.LimitOverrunError,
    ValueError,
)
Text = Callable[[], Awaitable[str]]


async def serve(text: Text, port: int) -> asyncio.Server:
    """Listen. Raises OSError if the port is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*HUNG_UP_ON):
            async with asyncio.timeout(REQUEST_S):
                asked = await reader.readuntil(b"\r\n\r\n")
                writer.write(await _answer(asked.decode("latin-1"), text))
                await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port, limit=REQUEST_BYTES)


async def _answer(asked: str, text: Text) -> bytes:
    first, *headers = asked.split("\r\n")
    method, _, rest = first.partition(" ")
    if not _is_for_us(headers):
        return _reply("421 Misdirected Request", "text/plain", "ask 127.0.0.1\n")
    if method != "GET":
        return _reply("405 Method Not Allowed", "text/plain", "only GET\n")
    match rest.split(" ")[0]:
        case "/metrics":
            return _reply("200 OK", "text/plain; version=0.0.4", await text())
        case "/":
            return _reply("200 OK", "text/html", page(await text()))
    return _reply("404 Not Found", "text/plain", "there are / and /metrics\n")


def _is_for_us(headers: list[str]) -> bool:
    """Whether the Host is this machine: no foreign page reads by a name that it points here."""
    hosts = [h.partition(":")[2].strip() for h in headers if h.lower().startswith("host:")]
    return all(host.rpartition(":")[0] in HOSTS or host in HOSTS for host in hosts)


def _reply(status: str, kind: str, body: str) -> bytes:
    data = body.encode()
    head = (
        f"HTTP/1.0 {status}\r\nContent-Type: {kind}; charset=utf-8\r\n"
        f"Content-Length: {len(data)}\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'; "
        "style-src 'unsafe-inline'\r\n\r\n"
    )
    return head.encode() + data


def page(metrics: str) -> str:
    """The same as a table: name, labels, value; buckets and help left out."""
    rows = []
    for line in metrics.splitlines():
        name, _, value = line.rpartition(" ")
        if line.startswith("#") or "_bucket{" in name or "_created" in name:
            continue
        name, _, labels = name.partition("{")
        cells = (name.removeprefix("egate_"), labels.rstrip("}"), f"{float(value):g}")
        rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    style = "body{font:15px system-ui;margin:2em}td{padding:2px 14px;border-bottom:1px solid #ddd}"
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>e-gate figures</title>"
        f"<style>{style}</style><h1>e-gate figures</h1><table>{''.join(rows)}</table></html>"
    )
