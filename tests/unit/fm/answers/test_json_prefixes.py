"""For every document, however it is cut or sloppily written: no value that was not there."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mangaops.fm.answers.repair.mend import repair_json
from mangaops.fm.answers.repair.reader import Outcome, Reader
from mangaops.fm.answers.repaired import RepairState

FEW = settings(max_examples=60, deadline=None)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=4)
JSON_LIKE = st.lists(
    st.sampled_from(
        [*"{}[]\",:'\\/#*`\n tnu01.-eE\ufeff\u201c\u201d\uff1a\ud800", "```", "true", '"a":']
    ),
    max_size=40,
).map("".join)


def _within(part: Any, whole: Any) -> bool:
    """Every value of `part` stands in `whole` at the same place, scalars whole."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _within(value, whole[key]) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(_within, part, whole))
    return json.dumps(part) == json.dumps(whole)


@FEW
@given(OBJECTS, st.booleans(), st.sampled_from([None, 1]), st.sampled_from([None, "max_tokens"]))
def test_a_prefix_never_has_a_value_that_was_not_seen_whole(
    value: dict[str, Any], ascii_only: bool, indent: int | None, stop_reason: str | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    for end in range(len(text)):
        result = repair_json(text[:end], stop_reason=stop_reason)
        assert not result.may_act
        if result.value is not None:
            assert result.state is RepairState.TRUNCATED
            assert _within(result.value, value)


@FEW
@given(st.dictionaries(st.sampled_from("ab"), TEXTS, min_size=1), st.data())
def test_a_free_text_that_is_cut_is_the_beginning_of_the_text(
    value: dict[str, str], data: st.DataObject
) -> None:
    text = json.dumps(value, ensure_ascii=data.draw(st.booleans()))
    end = data.draw(st.integers(0, len(text) - 1))
    result = repair_json(text[:end], free_text=["/a", "/b"])

    for key, seen in (result.value or {}).items():
        assert value[key] == seen or (
            value[key].startswith(seen) and result.partial == (f"/{key}",)
        )


@FEW
@given(OBJECTS, st.booleans(), st.sampled_from([None, 2]))
def test_a_whole_document_is_left_as_it_is(
    value: dict[str, Any], ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    result = repair_json(text)

    assert (result.state, result.repairs, result.dropped) == (RepairState.VALID, (), ())
    assert json.dumps(result.value) == json.dumps(json.loads(text))


@FEW
@given(OBJECTS, st.booleans())
def test_the_reader_reads_json_as_python_does(value: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    read = Reader(text, 0, None).read()

    assert read.outcome is Outcome.CLOSED
    assert (read.end, read.notes.repairs) == (len(text), [])
    assert json.dumps(read.value) == json.dumps(json.loads(text))


@FEW
@given(OBJECTS, st.integers(0, 2**32))
def test_a_sloppy_document_means_what_it_meant(value: dict[str, Any], seed: int) -> None:
    result = repair_json(_sloppy(value, random.Random(seed)), stop_reason="end_turn")  # noqa: S311 - a test

    assert result.may_act
    assert json.dumps(result.value) == json.dumps(value)


@FEW
@given(st.text(max_size=60) | JSON_LIKE, st.sampled_from([None, "end_turn", "max_tokens"]))
@example("\ud800", None)
@example('{"a":"\\', None)
@example("[" * 2_000, "end_turn")
@example('{"a":' * 2_000, "max_tokens")
@example('{"a":1}' * 300, None)
def test_nothing_raises(text: str, stop_reason: str | None) -> None:
    schema = {"required": ["a"], "properties": {"a": {"type": "null"}}}
    for asked in (None, schema):
        result = repair_json(text, schema=asked, free_text=["/a", "x"], stop_reason=stop_reason)
        assert isinstance(result.state, RepairState)
        json.dumps(result.value, allow_nan=False, ensure_ascii=False).encode("utf-8")
        if result.may_act:
            assert isinstance(result.value, dict)


def _sloppy(value: Any, chance: random.Random) -> str:
    """The value with slips that mean one thing each."""
    if isinstance(value, dict):
        members = [
            f"{_quoted(key, chance)}{chance.choice(':：')}{_gap(chance)}{_sloppy(one, chance)}"  # noqa: RUF001 - the slip
            for key, one in value.items()
        ]
        return "{" + _joined(members, chance) + "}"
    if isinstance(value, list):
        return "[" + _joined([_sloppy(one, chance) for one in value], chance) + "]"
    if isinstance(value, str):
        return _quoted(value, chance)
    return chance.choice([json.dumps, repr])(value)


def _joined(parts: list[str], chance: random.Random) -> str:
    text = _gap(chance).join(f"{part}," for part in parts)
    return text if chance.random() < 0.5 else text.removesuffix(",")


def _gap(chance: random.Random) -> str:
    return chance.choice(["", " ", "\n", "/* , */", "// }\n", "\u3000"])


def _quoted(text: str, chance: random.Random) -> str:
    inside = json.dumps(text, ensure_ascii=chance.random() < 0.5)[1:-1]
    kind = chance.randrange(4)
    if kind == 0 and "'" not in text:
        return "'" + inside.replace('\\"', '"') + "'"
    if kind == 1 and not set(text) & set('"\u201c\u201d'):
        return f"\u201c{inside}\u201d"
    return f'"{inside}"'
