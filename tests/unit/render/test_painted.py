"""Plain text in columns: Japanese characters are two columns wide and break anywhere."""

from __future__ import annotations

from mangaops.render.painted import aligned, cells, wrapped


def test_wide_and_combining_characters_are_counted_as_a_terminal_does() -> None:
    assert [cells(text) for text in ("abc", "漫画", "aé", "e\u0301", "ﾏﾝｶﾞ")] == [3, 4, 2, 1, 4]


def test_columns_are_aligned_by_what_a_terminal_shows() -> None:
    assert [*aligned([("漫画", "1"), ("a", "二")])] == ["漫画   1", "a     二"]


def test_wide_text_breaks_between_any_two_characters() -> None:
    lines = [*wrapped("versions 漫画漫画漫画漫画漫画 and 15 %", width=20, indent=2, hanging=1)]
    assert lines == ["  versions 漫画漫画", "   漫画漫画漫画 and", "   15 %"]
