"""CBOR as RPC v2 uses it: RFC 8949 with tag 1 for instants, and no other tags."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_INDEFINITE = 31
_BREAK = 0xFF
_SIMPLE_VALUES: Mapping[int, bool | None] = {20: False, 21: True, 22: None, 23: None}
_FLOATS: Mapping[int, tuple[str, int]] = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}
_WIDTHS: Mapping[int, int] = {24: 1, 25: 2, 26: 4, 27: 8}


class CborError(ValueError):
    """The bytes are no CBOR item that RPC v2 allows."""


def loads(data: bytes) -> Any:
    """The one item in `data`; instants are aware datetimes."""
    reader = _Reader(data)
    value = reader.item()
    if reader.position != len(data):
        raise CborError("bytes after the end of the item")
    return value


def dumps(value: Any) -> bytes:
    """Encode mappings, sequences, text, bytes, numbers, flags, None and aware datetimes."""
    out = bytearray()
    _write(out, value)
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.data):
            raise CborError("the item ends early")
        taken = self.data[self.position : end]
        self.position = end
        return taken

    def item(self) -> Any:  # noqa: PLR0911 - one line a major type
        major, info = divmod(self.take(1)[0], 32)
        match major:
            case 0:
                return self.number(info)
            case 1:
                return -1 - self.number(info)
            case 2:
                return self.text(info)
            case 3:
                return self.text(info).decode()
            case 4:
                return self.array(info)
            case 5:
                items = self.array(info, of=2)
                return dict(zip(items[::2], items[1::2], strict=True))
            case 6:
                return self.instant(info)
            case _:
                return self.simple(info)

    def number(self, info: int) -> int:
        if info < min(_WIDTHS):
            return info
        if info not in _WIDTHS:
            raise CborError(f"length of kind {info}")
        return int.from_bytes(self.take(_WIDTHS[info]), "big")

    def text(self, info: int) -> bytes:
        if info != _INDEFINITE:
            return self.take(self.number(info))
        chunks = []
        while not self.ended():
            chunks.append(self.take(self.number(self.take(1)[0] % 32)))
        return b"".join(chunks)

    def array(self, info: int, of: int = 1) -> list[Any]:
        if info != _INDEFINITE:
            return [self.item() for _ in range(self.number(info) * of)]
        items = []
        while not self.ended():
            items.append(self.item())
        return items

    def ended(self) -> bool:
        if self.data[self.position : self.position + 1] != bytes([_BREAK]):
            return False
        self.position += 1
        return True

    def instant(self, info: int) -> datetime:
        if self.number(info) != 1:
            raise CborError("a tag that is no instant")
        return datetime.fromtimestamp(self.item(), UTC)

    def simple(self, info: int) -> Any:
        if info in _SIMPLE_VALUES:
            return _SIMPLE_VALUES[info]
        if info not in _FLOATS:
            raise CborError(f"simple value {info}")
        pattern, size = _FLOATS[info]
        return struct.unpack(pattern, self.take(size))[0]


def _head(out: bytearray, major: int, number: int) -> None:
    if number < min(_WIDTHS):
        out.append(major << 5 | number)
        return
    for info, width in _WIDTHS.items():
        if number < 1 << 8 * width:
            out.append(major << 5 | info)
            out.extend(number.to_bytes(width, "big"))
            return
    raise CborError(f"{number} has more than 64 bits")


def _write(out: bytearray, value: Any) -> None:  # noqa: C901, PLR0912 - one line a type
    match value:
        case None:
            out.append(_SIMPLE << 5 | 22)
        case bool():
            out.append(_SIMPLE << 5 | (21 if value else 20))
        case int() if value >= 0:
            _head(out, _UNSIGNED, value)
        case int():
            _head(out, _NEGATIVE, -1 - value)
        case float():
            out.append(_SIMPLE << 5 | 27)
            out.extend(struct.pack(">d", value))
        case datetime():
            out.append(_TAG << 5 | 1)
            _write(out, value.timestamp())
        case str():
            _text(out, _TEXT, value.encode())
        case bytes() | bytearray():
            _text(out, _BYTES, bytes(value))
        case Mapping():
            _head(out, _MAP, len(value))
            for key, member in value.items():
                _write(out, key)
                _write(out, member)
        case list() | tuple():
            _head(out, _ARRAY, len(value))
            for member in value:
                _write(out, member)
        case _:
            raise CborError(f"no CBOR for {type(value).__name__}")


def _text(out: bytearray, major: int, data: bytes) -> None:
    _head(out, major, len(data))
    out.extend(data)
