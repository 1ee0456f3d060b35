"""Plain data with places, and nothing that YAML 1.1 would make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangaops.model.condition import Place
from mangaops.runbook.strict_yaml import DEEPEST, LARGEST, StrictYamlError, parse, read_file


def refused(text: str) -> tuple[str, str, int, int]:
    with pytest.raises(StrictYamlError) as caught:
        parse(text, "f.yaml")
    finding = caught.value.finding
    return finding.rule, finding.message, finding.place.line, finding.place.column


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("Off", "Off"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("012", "012"),
        ("0x1f", "0x1f"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("12:30:45", "12:30:45"),
        ("2026-11-21", "2026-11-21"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("9" * 40, "9" * 40),
        ('"12"', "12"),
        ("'true'", "true"),
    ],
)
def test_a_plain_word_is_what_it_looks_like(written: str, read: object) -> None:
    data = parse(f"key: {written}\n", "f.yaml").data
    assert data == {"key": read}
    assert type(data["key"]) is type(read)


@pytest.mark.parametrize("key", ["yes", "on", "12", "1:30", "null", "true"])
def test_a_key_is_always_text(key: str) -> None:
    assert parse(f"{key}: x\n", "f.yaml").data == {key: "x"}


def test_every_key_and_value_has_its_place() -> None:
    document = parse("a:\n  - b: 'text'\n  - 5\n", "f.yaml")
    assert document.key_place(("a",)) == Place(file="f.yaml", line=1, column=1)
    assert document.key_place(("a", 0, "b")) == Place(file="f.yaml", line=2, column=5)
    assert document.place(("a", 1)) == Place(file="f.yaml", line=3, column=5)


def test_the_place_of_a_text_is_that_of_its_first_character() -> None:
    document = parse("a: 'text'\nb: >-\n\n    folded\n", "f.yaml")
    assert document.place(("a",)) == Place(file="f.yaml", line=1, column=5)
    assert document.place(("b",)) == Place(file="f.yaml", line=4, column=5)


def test_the_place_of_what_is_not_there_is_that_of_what_is_around_it() -> None:
    document = parse("a:\n  b: 1\n", "f.yaml")
    assert document.place(("a", "b", "c")) == Place(file="f.yaml", line=2, column=6)


def test_a_key_twice_is_refused_with_the_line_of_the_first() -> None:
    message = '"a" again; it stands in line 1'
    assert refused("a: 1\nb: 2\na: 3\n") == ("M005", message, 3, 1)


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("a: 'x\nb: 1\n", "this quote is never closed", 1, 4),
        ('b: 1\na: "x\n', "this quote is never closed", 2, 4),
        ("a: [1,\n b", "this bracket is never closed", 1, 4),
        ("\ta: 1", "a tab cannot indent a line", 1, 1),
        ("a:\n\tb: 1", "a tab cannot indent a line", 2, 1),
        ("a:\n  \tb: 1\n  c: 2", "a tab cannot indent a line", 2, 3),
        ("a: b: c", "a `:` cannot stand here", 1, 5),
        ("a: \x00", "the character U+0000 cannot be in a YAML file", 1, 4),
        ("a: 1\nb: é\x1b", "the character U+001B cannot be in a YAML file", 2, 5),
        ("a: \ud800", "the character U+D800 cannot be in a YAML file", 1, 4),
        ("a: 1\n---\nb: 2", "not part of the format: a second document in the file", 2, 1),
        ("a: &x 1", "not part of the format: an anchor (`&x`); write the value again", 1, 4),
        ("a: *x", "not part of the format: an alias (`*name`); write the value again", 1, 4),
        ("<<: {a: 1}", "not part of the format: a merge key (`<<`); write the values again", 1, 1),
        ("[1]: 2", "not part of the format: a list or mapping as a key", 1, 1),
        ("a: @b", "not YAML: found character that cannot start any token", 1, 4),
    ],
)
def test_what_is_refused_has_its_place(text: str, message: str, line: int, column: int) -> None:
    assert refused(text) == ("M001", message, line, column)


def test_a_tag_is_refused() -> None:
    assert refused("a: !!python/object:x.Y {}")[0] == "M001"


def test_depth_cannot_exhaust_the_stack() -> None:
    message = f"not part of the format: more than {DEEPEST} levels"
    assert refused("[" * 200_000) == ("M001", message, 1, DEEPEST + 1)
    assert (
        refused("a:\n" + "".join(" " * n + "- \n" for n in range(1, 3)) + "- " * 9_000)[0] == "M001"
    )


def test_an_empty_file_is_nothing() -> None:
    assert parse("", "f.yaml").data is None
    assert parse("# only a comment\n", "f.yaml").data is None


def test_a_byte_order_mark_moves_no_column() -> None:
    assert parse("\ufeffa: 1\n", "f.yaml").key_place(("a",)).column == 1


def test_the_line_of_a_finding_can_be_shown() -> None:
    with pytest.raises(StrictYamlError) as caught:
        parse("a: 1\nb: \x1b[31m\n", "f.yaml")
    assert caught.value.finding.line_text == "b: ?[31m"


def refused_file(path: Path) -> tuple[str, str]:
    with pytest.raises(StrictYamlError) as caught:
        read_file(path)
    place = caught.value.finding.place
    return caught.value.finding.message, f"{place.line}:{place.column}"


def test_a_file_that_is_not_utf_8_is_refused_at_its_byte(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes("a: é\nb: ü".encode() + b"\xff\n")
    assert refused_file(file) == ("byte 0xff is not UTF-8", "2:5")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(b"#" * (LARGEST + 1))
    assert refused_file(file) == (f"has more than {LARGEST:,} bytes", "1:1")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert refused_file(tmp_path) == ("cannot be read: Is a directory", "1:1")
    assert refused_file(tmp_path / "none") == ("cannot be read: No such file or directory", "1:1")
