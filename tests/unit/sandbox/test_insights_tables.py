"""The parser's stored tables are those of the grammar, and never used for another one."""

from __future__ import annotations

from pathlib import Path

import lark
import pytest

from mangaops.sandbox.insights.grammar import GRAMMAR
from mangaops.sandbox.insights.tables import FILE, heading, parser_of, write

SMALL = 'start: "a" "b"+'


def test_the_stored_tables_are_of_this_grammar() -> None:
    """To mend it: python -m mangaops.sandbox.insights.tables."""
    first = FILE.read_text(encoding="ascii").partition("\n")[0]
    if first.split()[1] != lark.__version__:
        pytest.skip("another lark is installed: the tables are built anew each time")
    assert first == heading(GRAMMAR)


@pytest.mark.parametrize("stored", [None, SMALL, 'start: "c"'], ids=["none", "own", "another"])
def test_a_grammar_is_parsed_by_its_own_tables(tmp_path: Path, stored: str | None) -> None:
    tables = tmp_path / "tables"
    if stored is not None:
        write(stored, tables)
    parser = parser_of(SMALL, tables)
    assert parser.parse("abb").data == "start"
    with pytest.raises(lark.exceptions.UnexpectedInput):
        parser.parse("c")
