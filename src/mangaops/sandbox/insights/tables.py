"""The parser's tables, made beforehand: building them takes longer than most queries.

`grammar.tables` holds them for one text of the grammar and one version of lark, which its
first line names. For any other they are built anew. To write the file again, after a change
of either: python -m mangaops.sandbox.insights.tables
"""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from pathlib import Path

import lark

FILE = Path(__file__).with_name("grammar.tables")


def parser_of(grammar: str, tables: Path = FILE) -> lark.Lark:
    """The parser of `grammar`, quickly if the tables are its own."""
    try:
        head, _, body = tables.read_bytes().partition(b"\n")
    except OSError:
        return _built(grammar)
    if head.decode() != heading(grammar):
        return _built(grammar)
    return lark.Lark.load(io.BytesIO(zlib.decompress(base64.b64decode(body))))


def heading(grammar: str) -> str:
    """Which grammar and which lark the tables are for."""
    return f"lark {lark.__version__} {hashlib.sha256(grammar.encode()).hexdigest()}"


def write(grammar: str, tables: Path = FILE) -> None:
    made = io.BytesIO()
    _built(grammar).save(made)
    body = base64.encodebytes(zlib.compress(made.getvalue(), 9))
    tables.write_bytes(heading(grammar).encode() + b"\n" + body)


def _built(grammar: str) -> lark.Lark:
    return lark.Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=True)


if __name__ == "__main__":
    from mangaops.sandbox.insights.grammar import GRAMMAR

    write(GRAMMAR)
