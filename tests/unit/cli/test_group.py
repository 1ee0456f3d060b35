"""What stands in the list of a group."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from support.groups import groups

GROUPS = groups()
_COLUMNS = 80


@pytest.mark.parametrize("words", GROUPS)
def test_a_summary_fits_into_its_list(words: str) -> None:
    group: Any = GROUPS[words]
    path = f"mangaops {words}".strip()
    told = group.get_help(typer.Context(group, info_name=path, terminal_width=_COLUMNS))
    _, _, listed = told.partition("Commands:\n")
    lines = listed.splitlines()
    assert lines
    assert [line for line in lines if line.endswith("...") or len(line) > _COLUMNS] == []
    names = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert names == group.list_commands(typer.Context(group)), "one line each"
    assert len(lines) == len(names)
