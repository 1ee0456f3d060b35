"""Whether DuckDB reads a file as JSON has it: it takes a NaN, a comma too many and any depth.

A file of up to 16 MB is looked through as a whole. Of a larger one it is 16 MB, in pieces from
its beginning to its end: more would take as long as the answer does. Who writes a NaN writes
it in many records.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence

from mangaops.sandbox.insights.files import Export, opened
from mangaops.sandbox.insights.records import Unsure

_MOST = 1 << 24
_PIECES = 16
_PIECE = _MOST // _PIECES
_NUMBERS = re.compile(rb"[:,\[]\s*-?(?:NaN|Infinity)")
_END = re.compile(rb"\n(?:(?<=,}\n)|(?<=, }\n)|(?<=,}\r\n)|[ \t]*null\s)")
"""A comma too many before it, or null after it; it begins with what there is least of."""
_NULL = re.compile(rb"\s*null\s")
_DEEP = (b"}" * 16, b"]" * 16)


def read_alike(exports: Sequence[Export]) -> None:
    """Raises Unsure where a line may be a record for DuckDB and none for Logs Insights.

    Not looked for: a comma too many in the middle of a line.
    """
    try:
        lenient = any(is_lenient(piece) for export in exports for piece in _pieces(export))
    except (EOFError, OSError, zlib.error) as error:  # told by who reads line by line
        raise Unsure(str(error)) from None
    if lenient:
        raise Unsure("what is no JSON")


def is_lenient(text: bytes) -> bool:
    """Whether a text of whole or cut lines may hold what is no JSON. A line ends with LF."""
    # One letter is found ten times as fast as a word.
    named = (b"N" in text and b"NaN" in text) or (b"I" in text and b"Infinity" in text)
    if named and _NUMBERS.search(text):
        return True
    if any(one in text for one in _DEEP):
        return True
    return _END.search(text) is not None or _NULL.match(text) is not None


def _pieces(export: Export) -> Iterator[bytes]:
    with opened(export.path, gzipped=export.gzipped) as stream:
        if export.gzipped or export.size <= _MOST:
            yield stream.read(_MOST) + b"\n"
            return
        apart = (export.size - _PIECE) // (_PIECES - 1)
        for number in range(_PIECES):
            stream.seek(number * apart)
            yield stream.read(_PIECE) + b"\n"
