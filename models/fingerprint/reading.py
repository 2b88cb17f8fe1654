"""Fields from the front of a record's bytes, with errors that name what is missing."""

import struct


class Reader:
    """Takes fields from the front; running out of bytes is an error that names the field."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def take(self, layout: str, field: str) -> tuple[int, ...]:
        """Values of a `struct` layout. Raises ValueError where the bytes end."""
        size = struct.calcsize(layout)
        self._need(size, field)
        values: tuple[int, ...] = struct.unpack_from(layout, self.data, self.at)
        self.at += size
        return values

    def take_bytes(self, size: int, field: str) -> bytes:
        """The next `size` bytes. Raises ValueError where they end."""
        self._need(size, field)
        self.at += size
        return self.data[self.at - size : self.at]

    def _need(self, size: int, field: str) -> None:
        if self.at + size > len(self.data):
            raise ValueError(
                f"the record ends at byte {len(self.data)}, inside {field} ({size} bytes at {self.at})"
            )
