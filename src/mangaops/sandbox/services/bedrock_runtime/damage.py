"""What is done to the bytes of an answer on their way: cut, drip, half a frame, wrong checksums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mangaops.sandbox.listen import Drop
from mangaops.sandbox.model_faults import ModelFault, Where
from mangaops.sandbox.overlay import Damage

PRELUDE_CHECKSUM = 8
"""Where a frame has the four bytes of its prelude's checksum; its own are its last four."""


def damage_of(
    fault: ModelFault | None, sleep: Callable[[float], None], first: int
) -> Damage | None:
    """What a fault does to the frames of a stream, or to a body; `first` is the number of the
    frame that has the first piece of text.
    """
    if fault is None:
        return None
    place = first + fault.after
    damages: Mapping[Where, Damage] = {
        Where.CUT_BYTE: lambda chunks: cut(chunks, fault.byte),
        Where.DRIP: lambda chunks: drip(chunks, fault.byte, lambda: sleep(fault.every_s)),
        Where.HALF_FRAME: lambda frames: half(frames, place),
        Where.BAD_PRELUDE: lambda frames: spoil(frames, place, PRELUDE_CHECKSUM),
        Where.BAD_MESSAGE: lambda frames: spoil(frames, place, -1),
    }
    return damages.get(fault.where)


def cut(chunks: Iterator[bytes], byte: int) -> Iterator[bytes]:
    """The first `byte` bytes, then a reset."""
    left = byte
    for chunk in chunks:
        if len(chunk) >= left:
            yield chunk[:left]
            break
        yield chunk
        left -= len(chunk)
    raise Drop(f"after {byte} bytes")


def drip(chunks: Iterator[bytes], byte: int, wait: Callable[[], None]) -> Iterator[bytes]:
    """The first `byte` bytes as they are, then each by itself after a wait."""
    free = byte
    for chunk in chunks:
        yield chunk[:free]
        for place in range(free, len(chunk)):
            wait()
            yield chunk[place : place + 1]
        free = max(0, free - len(chunk))


def half(frames: Iterator[bytes], place: int) -> Iterator[bytes]:
    """The frames before one, half of it, and a proper end."""
    for number, frame in enumerate(frames):
        if number == place:
            yield frame[: len(frame) // 2]
            return
        yield frame


def spoil(frames: Iterator[bytes], place: int, byte: int) -> Iterator[bytes]:
    """The frames, with one byte of one of them inverted."""
    for number, frame in enumerate(frames):
        if number != place:
            yield frame
            continue
        wrong = bytearray(frame)
        wrong[byte] ^= 0xFF
        yield bytes(wrong)
