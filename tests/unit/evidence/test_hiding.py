"""A secret that one piece of evidence hides is in no other, whichever came first."""

from __future__ import annotations

import json
import time
from itertools import permutations

import pytest

from mangaops.evidence.hiding import Taken
from mangaops.model.evidence import (
    Evidence,
    EvidenceSet,
    EvidenceState,
    Record,
    Row,
    Series,
    SeriesGroup,
    Table,
    Value,
)
from mangaops.model.redaction.hidden import is_worth_hiding

SECRET = 'PARSECRET13x"y'
SHORT = "PARSEC"


def item(name: str, value: Value | None = None, **more: object) -> Evidence:
    state = EvidenceState.OK if value else EvidenceState.FAILED
    made: dict[str, object] = {"id": name, "kind": "logs", "state": state, "value": value, **more}
    return Evidence(**made)  # type: ignore[arg-type]


def table(*rows: Row) -> Table:
    return Table(columns=("text",), rows=rows)


def series(label: str) -> Series:
    return Series(labels={"Key": label}, start=0, end=60, period=60, points=((0.0, 1.0),))


ENVIRONMENT = item("environment", table({"text": "[redacted]"}), hidden=(SECRET,))
PARAMETER = item("parameter", Record(fields={"value": "[redacted]"}), hidden=(f"{SHORT}9",))


def test_it_is_hidden_in_every_text() -> None:
    said = f"again {SECRET} in a text"
    nested = table({"text": said, "n": 5}, {"text": None, "n": True})
    taken = Taken([ENVIRONMENT])
    values: dict[str, Value] = {
        "rows": nested,
        "record": Record(fields={"text": said, "rows": nested, "n": 5}),
        "series": series(SECRET),
        "group": SeriesGroup(by=("Key",), series=(series(SECRET),)),
    }
    for name, value in values.items():
        taken.add(item(name, value))
    taken.add(item("lost", detail=said, query={"q": [said, 5]}, summary={"a": {"b": said}}))
    shown = "again [redacted] in a text"
    rows = table({"text": shown, "n": 5}, {"text": None, "n": True})
    seen = {one.id: one for one in taken.evidence}
    assert seen["rows"].value == rows
    assert seen["record"].value == Record(fields={"text": shown, "rows": rows, "n": 5})
    assert seen["series"].value == series("[redacted]")
    assert seen["group"].value == SeriesGroup(by=("Key",), series=(series("[redacted]"),))
    assert (seen["lost"].detail, seen["lost"].query) == (shown, {"q": [shown, 5]})
    assert seen["lost"].summary == {"a": {"b": shown}}


def test_it_is_found_as_json_and_urls_write_it() -> None:
    taken = Taken([ENVIRONMENT])
    once = json.dumps({"a": SECRET})
    text = f"{once} {json.dumps({'body': once})} /?a=PARSECRET13x%22y {SECRET}"
    value = taken.add(item("rows", table({"text": text}))).value
    assert isinstance(value, Table)
    assert "PARSEC" not in str(value)


def test_what_is_seen_does_not_depend_on_what_came_first() -> None:
    short = item("short", table({"text": "-"}), hidden=(f"{SHORT}",))
    rows = item("rows", table({"text": f"{SECRET} {SHORT}9 {SHORT}"}))
    seen = []
    for order in permutations((ENVIRONMENT, PARAMETER, rows, short)):
        taken = Taken()
        for one in order:
            taken.add(one)
        seen.append(taken.evidence.items["rows"].value)
    assert seen == [table({"text": "[redacted] [redacted] [redacted]"})] * 24


def test_where_nothing_is_hidden_evidence_stays_the_same() -> None:
    rows = item("rows", table({"text": SECRET}))
    taken = Taken()
    assert taken.add(rows) is rows
    assert taken.evidence == EvidenceSet(items={"rows": rows})


def test_ten_thousand_rows_are_looked_through_in_no_time() -> None:
    line = '{"level": "INFO", "request": "%d", "message": "done with anthropic"}' + " " * 200
    lines: list[Row] = [{"text": line % n, "n": n} for n in range(10_000)]
    rows = item("rows", table(*lines))
    taken = Taken([rows])
    began = time.process_time()
    taken.add(
        item("environment", table({"text": "-"}), hidden=tuple(f"x{n}-sec" for n in range(9)))
    )
    assert time.process_time() - began < 0.2


def test_a_secret_is_in_no_repr() -> None:
    assert "PARSECRET" not in repr(ENVIRONMENT)


@pytest.mark.parametrize(
    "value",
    ["hunter2", "ENVSECRET08x", "s3cr3t-db", "correct horse battery", "998877665544", "pA$sWd"],
)
def test_what_looks_like_a_secret_is_looked_for(value: str) -> None:
    assert is_worth_hiding(value)


@pytest.mark.parametrize(
    "value",
    [
        *("", "abc12", "true", "default", "Required", "session_id", "us-east-1", "ap-northeast-1"),
        *("5", "12345678", "2026-11-21", "v1.2.30", "0.000123", "1500ms", "RS256", "[redacted]"),
        *("arn:aws:secretsmanager:x:1:secret:db-Ab12", "https://auth.example.com/token"),
        *("anthropic.claude-3-sonnet-20240229-v1:0", "mangaassist-prod", "interactive"),
    ],
)
def test_what_is_in_many_texts_is_not(value: str) -> None:
    assert not is_worth_hiding(value)
