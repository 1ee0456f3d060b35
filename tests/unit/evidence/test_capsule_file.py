"""Capsules: every kind and state round trips; a file that is not whole is refused."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mangaops.errors import InputError
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.document import capsule_document, capsule_from
from mangaops.evidence.capsule.fields import WrongDocument
from mangaops.evidence.capsule.file import read, to_bytes
from mangaops.model.evidence import (
    Evidence,
    EvidenceSet,
    EvidenceState,
    Record,
    Series,
    SeriesGroup,
    Table,
    Value,
)
from support.capsules import CAPSULE, NOW

_FLOATS = st.floats(-1e70, 1e70) | st.integers(-(2**60), 2**60)
_TIMES = st.floats(0, 3e10) | st.integers(0, 2**32)
_AMOUNTS = st.floats(0, 1e70) | st.integers(0, 2**60)
_TEXTS = st.text(max_size=12) | st.sampled_from(["\ud800", "x\udfff", "日本", '"\n\\'])
_SCALARS = st.none() | st.booleans() | _FLOATS | _TEXTS
_NAMES = st.dictionaries(_TEXTS, _TEXTS, max_size=3)


@st.composite
def series(draw: st.DrawFn, depth: int = 1) -> Series:
    return Series(
        labels=draw(_NAMES),
        start=draw(_TIMES),
        end=draw(_TIMES),
        period=draw(st.integers(1, 86_400)),
        points=tuple(draw(st.lists(st.tuples(_TIMES, _FLOATS), max_size=4))),
        newest=draw(st.none() | _TIMES),
        samples=draw(st.none() | _AMOUNTS),
        sparse=draw(st.booleans()),
        earlier=tuple(draw(st.lists(series(depth - 1), max_size=2))) if depth else (),
    )


@st.composite
def table(draw: st.DrawFn) -> Table:
    columns = tuple(draw(st.lists(_TEXTS, max_size=3, unique=True)))
    whole = st.fixed_dictionaries(dict.fromkeys(columns, _SCALARS))
    rows = draw(st.lists(whole | st.dictionaries(_TEXTS, _SCALARS, max_size=2), max_size=3))
    return Table(columns=columns, rows=tuple(rows))


_VALUES: st.SearchStrategy[Value] = st.one_of(
    series(),
    st.builds(SeriesGroup, by=st.just(("Intent",)), series=st.tuples(series(), series())),
    table(),
    st.builds(Record, fields=st.dictionaries(_TEXTS, _SCALARS | table(), max_size=4)),
)
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXTS, inner, max_size=2)
)
_OBJECTS = st.dictionaries(_TEXTS, _JSON, max_size=2)


def holding(*items: Evidence) -> Capsule:
    evidence = EvidenceSet(items={item.id: item for item in items})
    return replace(CAPSULE, evidence=evidence)


def stored(capsule: Capsule) -> Any:
    """The body as it lies in the file."""
    return json.loads(gzip.decompress(to_bytes(capsule)).split(b"\n")[1])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=_VALUES, summary=_OBJECTS, query=_OBJECTS, seconds=st.floats(0, 60))
def test_every_shape_comes_back_as_it_was(
    value: Value, summary: dict[str, Any], query: dict[str, Any], seconds: float
) -> None:
    item = Evidence(
        id="x",
        kind="metric",
        state=EvidenceState.OK,
        value=value,
        summary=summary,
        query=query,
        newest=NOW + timedelta(microseconds=7),
        seconds=seconds,
        detail="\ud800 日本",
        partial=True,
    )
    capsule = holding(item)
    assert capsule_from(stored(capsule)) == capsule


@pytest.mark.parametrize("state", [s for s in EvidenceState if s is not EvidenceState.OK])
def test_every_state_comes_back_as_it_was(state: EvidenceState) -> None:
    item = Evidence(id="x", kind="logs", state=state, detail="AccessDenied", query={"a": [1]})
    assert capsule_from(stored(holding(item))) == holding(item)


def test_a_number_that_is_none_stays_none_and_infinity_stays_infinite() -> None:
    points = ((0.0, math.nan), (60.0, math.inf), (120.0, -math.inf), (180.0, -0.0))
    value = Series(start=0, end=240, period=60, points=points)
    item = Evidence(id="x", kind="metric", state=EvidenceState.OK, value=value)
    found = capsule_from(stored(holding(item))).evidence.items["x"].value
    assert isinstance(found, Series)
    assert repr(found.points) == repr(points)


def test_all_circumstances_come_back(tmp_path: Path) -> None:
    file = tmp_path / "a.capsule"
    file.write_bytes(to_bytes(CAPSULE))
    assert read(file) == CAPSULE


def test_the_same_capsule_is_the_same_bytes() -> None:
    again = capsule_from(capsule_document(CAPSULE))
    assert to_bytes(again) == to_bytes(CAPSULE)


def refused(file: Path) -> str:
    with pytest.raises(InputError) as error:
        read(file)
    assert error.value.where == str(file)
    assert error.value.hint
    return error.value.what


def test_every_cut_of_a_capsule_is_refused(tmp_path: Path) -> None:
    whole, file = to_bytes(CAPSULE), tmp_path / "a.capsule"
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert refused(file).startswith(("this is no capsule", "this capsule is cut off")), length


def test_every_flipped_byte_is_refused_or_means_nothing(tmp_path: Path) -> None:
    whole, file = to_bytes(CAPSULE), tmp_path / "a.capsule"
    for position in range(10, len(whole)):
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 0x10]) + whole[position + 1 :])
        found = outcome(file)
        told = isinstance(found, str) and "capsule" in found
        assert told or found == CAPSULE, position  # the second: a bit that gzip ignores


def outcome(file: Path) -> Capsule | str:
    try:
        return read(file)
    except InputError as error:
        return error.what


def lines(header: object, body: bytes, after: bytes = b"\n") -> bytes:
    return gzip.compress(json.dumps(header).encode() + b"\n" + body + after, mtime=0)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "this is no capsule"),
        (b"text", "this is no capsule"),
        (gzip.compress(b"text", mtime=0), "this is no capsule"),
        (gzip.compress(b"[" * 100_000, mtime=0), "this is no capsule"),
        (lines({"schema": "mangaops.diagnosis/1"}, b""), "this is no capsule"),
        (
            lines({"schema": "mangaops.capsule/2", "tool": "9.1.0"}, b""),
            "this capsule is of format 2, written by mangaops 9.1.0",
        ),
        (
            lines({"schema": "mangaops.capsule/1", "length": 2**40}, b""),
            "this capsule says that it is 1048576 MB large",
        ),
        (
            lines({"schema": "mangaops.capsule/1", "length": 2, "sha256": "0"}, b"{}"),
            "this capsule was altered: its contents do not match its digest",
        ),
        (
            lines({"schema": "mangaops.capsule/1", "length": "2"}, b"{}"),
            "this capsule is not as mangaops writes it: `length` is no whole number",
        ),
    ],
)
def test_what_is_no_whole_capsule_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    file = tmp_path / "a.capsule"
    file.write_bytes(content)
    assert refused(file) == what


def test_a_runbook_that_is_not_that_of_its_digest_is_an_alteration(tmp_path: Path) -> None:
    file = tmp_path / "a.capsule"
    file.write_bytes(to_bytes(replace(CAPSULE, text=CAPSULE.text + "x")))
    assert refused(file) == "this capsule was altered: its runbook does not match its digest"
    hidden = replace(CAPSULE, text=f"{CAPSULE.text}# password: [redacted-1]\n")
    file.write_bytes(to_bytes(hidden))
    assert read(file) == hidden


def test_what_follows_the_body_is_an_alteration(tmp_path: Path) -> None:
    file = tmp_path / "a.capsule"
    file.write_bytes(gzip.compress(gzip.decompress(to_bytes(CAPSULE)) + b"more", mtime=0))
    assert refused(file).startswith("this capsule was altered")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "a.capsule"
    header = {"schema": "mangaops.capsule/1", "length": 100, "sha256": "0"}
    file.write_bytes(lines(header, b"0" * 50_000_000))
    assert refused(file).startswith("this capsule was altered")


def test_a_folder_and_what_is_not_there_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path) == "this is no file"
    assert refused(tmp_path / "b") == "this file does not exist"


def paths(document: Any, *above: str) -> list[tuple[str, ...]]:
    """Every key of an object that has keys of this format."""
    found = []
    for key, value in document.items():
        found.append((*above, key))
        if isinstance(value, dict) and key not in {"sets", "answers", "resources", "evidence"}:
            found += paths(value, *above, key)
    return found


def altered(path: tuple[str, ...], value: object) -> Any:
    document = json.loads(json.dumps(capsule_document(CAPSULE)))
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return document


@pytest.mark.parametrize("path", paths(capsule_document(CAPSULE)), ids=".".join)
def test_a_missing_key_and_a_wrong_type_are_named(path: tuple[str, ...]) -> None:
    if path[0] == "parameters" and len(path) > 1:
        return  # these keys are names of groups and parameters
    with pytest.raises(WrongDocument, match=path[-1]):
        capsule_from(altered(path, None))
    with pytest.raises(WrongDocument, match=path[-1]):
        capsule_from(altered(path, [1]))


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"state": "fine"}, "`evidence.first_token.state` is none of"),
        ({"value": None}, "`evidence.first_token.value` belongs to state ok"),
        (
            {"value": {"shape": "cube"}},
            "`evidence.first_token.value.shape` `cube` is none of series",
        ),
        ({"newest": "yesterday"}, "`evidence.first_token.newest` is no time"),
        (
            {"value": {"shape": "table", "columns": ["a"], "rows": [[1, 2]]}},
            "holds a row that does not have the table's columns",
        ),
        (
            {"value": {"shape": "table", "columns": ["a"], "rows": [[[1]]]}},
            "holds a value that is neither",
        ),
        ({"value": {"shape": "record", "fields": {"a": [1]}}}, "neither a scalar nor a table"),
    ],
)
def test_wrong_evidence_is_named(value: dict[str, Any], what: str) -> None:
    item = capsule_document(CAPSULE)["evidence"]["first_token"]
    document = altered(("evidence",), {"first_token": {**item, **value}})
    with pytest.raises(WrongDocument, match=what):
        capsule_from(document)


def test_a_window_that_ends_before_it_starts_is_wrong() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    with pytest.raises(WrongDocument, match="window"):
        capsule_from(altered(("window",), {"from": at, "to": at}))


_WITHOUT_END: tuple[float, ...] = (math.nan, math.inf, -math.inf, 10**400)
_NO_AMOUNTS = (*_WITHOUT_END, -1)
_NO_TIMES = (*_NO_AMOUNTS, 253_402_300_800)
_SERIES = ("evidence", "first_token", "value")


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("seconds",), _NO_AMOUNTS),
        (("cost", "usd_estimate"), _NO_AMOUNTS),
        (("cost", "log_bytes_scanned"), (10**400, -1)),
        (("parameters", "first-token", "limit"), _WITHOUT_END),
        (("window", "to"), ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z")),
        (("evidence", "first_token", "seconds"), _NO_AMOUNTS),
        (("evidence", "first_token", "summary"), ({"a": [{"b": 10**400}]},)),
        ((*_SERIES, "start"), _NO_TIMES),
        ((*_SERIES, "end"), _NO_TIMES),
        ((*_SERIES, "newest"), _NO_TIMES),
        ((*_SERIES, "samples"), _NO_AMOUNTS),
        ((*_SERIES, "period"), (*_NO_TIMES, 0)),
        ((*_SERIES, "points"), ([[-1, 0]], [[0, 10**400]], [[math.nan, 0]])),
        (("evidence", "simple_calls", "value", "rows"), ([["faq", 10**400]],)),
    ],
    ids=lambda value: ".".join(value) if isinstance(value[0], str) else "",
)
def test_a_number_out_of_bounds_is_refused_with_its_place(
    path: tuple[str, ...], wrong: tuple[object, ...]
) -> None:
    for number in wrong:
        with pytest.raises(WrongDocument) as error:
            capsule_from(altered(path, number))
        assert error.value.path[0] == path[0], number
        assert error.value.path[-1] == path[-1], number
