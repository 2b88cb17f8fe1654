"""A network camera that speaks RTSP (RFC 2326) and sends JPEGs in RTP (RFC 2435) over TCP."""

from __future__ import annotations

import itertools
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

JPEG_PAYLOAD, CLOCK_HZ = 26, 90_000
FRAGMENT_BYTES = 1200
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:one\r\n"

Jpeg = Callable[[int], bytes]
"""Frame number -> a baseline JPEG with the usual Huffman tables, sampled 4:2:0."""


def packets(jpeg: bytes, stamp: int, sequence: Iterator[int]) -> Iterator[bytes]:
    """One frame as RTP packets: the picture's size and quantisation, then the scan in pieces."""
    tables, size, scan = _parts(jpeg)
    for offset in range(0, len(scan), FRAGMENT_BYTES):
        piece = scan[offset : offset + FRAGMENT_BYTES]
        last = offset + FRAGMENT_BYTES >= len(scan)
        mark = JPEG_PAYLOAD | (0x80 if last else 0)
        head = struct.pack(">BBHII", 0x80, mark, next(sequence) & 0xFFFF, stamp, 0x1234)
        kind = struct.pack(">I", offset) + bytes([1, 255, size[1] // 8, size[0] // 8])
        quant = struct.pack(">BBH", 0, 0, len(tables)) + tables if offset == 0 else b""
        yield head + kind + quant + piece


def _parts(jpeg: bytes) -> tuple[bytes, tuple[int, int], bytes]:
    """Quantisation tables, (height, width), entropy-coded scan."""
    tables, size, at = b"", (0, 0), 2
    while True:
        marker, length = jpeg[at + 1], struct.unpack_from(">H", jpeg, at + 2)[0]
        body = jpeg[at + 4 : at + 2 + length]
        if marker == 0xDB:
            tables += b"".join(body[i + 1 : i + 65] for i in range(0, len(body), 65))
        elif marker == 0xC0:
            size = struct.unpack_from(">HH", body, 1)
        at += 2 + length
        if marker == 0xDA:
            return tables, size, jpeg[at:-2]


class _Session(socketserver.StreamRequestHandler):
    jpeg: Jpeg
    frames_per_s: float
    stop: threading.Event

    def handle(self) -> None:
        with suppress(OSError):
            while request := self._request():
                method, number = request
                self._answer(method, number)
                if method == "PLAY":
                    self._play()
                    return

    def _request(self) -> tuple[str, str] | None:
        first = self.rfile.readline().decode()
        number = ""
        while (line := self.rfile.readline().decode()) not in ("\r\n", ""):
            if line.lower().startswith("cseq:"):
                number = line.split(":")[1].strip()
        return (first.split()[0], number) if first else None

    def _answer(self, method: str, number: str) -> None:
        more = {
            "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
            "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n",
            "PLAY": "Session: 1\r\n",
        }.get(method, "")
        body = SDP if method == "DESCRIBE" else ""
        if body:
            more += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        self.wfile.write(f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{more}\r\n{body}".encode())

    def _play(self) -> None:
        sequence = itertools.count(1)
        for number in itertools.count(1):
            if self.stop.wait(1 / self.frames_per_s):
                return
            stamp = int(number * CLOCK_HZ / self.frames_per_s) & 0xFFFFFFFF
            for packet in packets(type(self).jpeg(number), stamp, sequence):
                self.wfile.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)


@contextmanager
def rtsp_camera(jpeg: Jpeg, frames_per_s: float) -> Iterator[str]:
    """Serve on a free port of 127.0.0.1; the address."""
    stop = threading.Event()
    own = {"jpeg": staticmethod(jpeg), "frames_per_s": frames_per_s, "stop": stop}
    session = type("Session", (_Session,), own)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), session) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"rtsp://127.0.0.1:{server.server_address[1]}/camera"
        stop.set()
        server.shutdown()
        thread.join()
