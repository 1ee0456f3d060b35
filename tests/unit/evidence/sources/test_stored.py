"""`parameter`, `prompt_versions`, `table_stream` and `event_source`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from mangaops.errors import AwsDenied, AwsError, AwsNotFound
from mangaops.evidence.sources.event_source import EventSourceReader
from mangaops.evidence.sources.parameter import ParameterReader, number_in
from mangaops.evidence.sources.prompt_versions import PromptVersionsReader
from mangaops.evidence.sources.table_stream import TableStreamReader
from mangaops.model.evidence import Evidence, EvidenceState, Record, Table
from mangaops.model.query import (
    EventSourceQuery,
    ParameterQuery,
    PromptVersionsQuery,
    TableStreamQuery,
)
from mangaops.model.resources import (
    EventSource,
    ParameterVersion,
    PromptVersion,
    PromptVersions,
    StoredParameter,
    TableStream,
)
from support.asking import asked, at, declare

STORED = StoredParameter(name="/router", value="0.3", version=4, modified_at=at(9))
FIELDS = {"value": "0.3", "number": 0.3, "version": 4, "modified_at": at(9).timestamp()}


@dataclass
class FakeSsm:
    stored: StoredParameter | None = STORED
    versions: tuple[ParameterVersion, ...] | AwsError = ()

    def prepare(self) -> None: ...

    def parameter(self, name: str) -> StoredParameter:
        if self.stored is None:
            raise AwsNotFound(f"ParameterNotFound: {name}", operation="ssm:GetParameter")
        return self.stored

    def history(self, name: str) -> tuple[ParameterVersion, ...]:
        assert name == "/router"
        if isinstance(self.versions, AwsError):
            raise self.versions
        return self.versions


def _parameter(ssm: FakeSsm, *, history: bool = False) -> Evidence:
    return ParameterReader(ssm).read(
        declare(ParameterQuery(name="/router", history=history)), asked()
    )


def test_a_parameter_that_is_a_number_has_it() -> None:
    assert _parameter(FakeSsm()) == Evidence(
        id="it",
        kind="parameter",
        state=EvidenceState.OK,
        value=Record(fields=FIELDS),
        summary={"value": "0.3", "version": 4},
        query={"call": "ssm:GetParameter", "name": "/router"},
        newest=at(9),
    )


def test_the_history_is_read_where_it_is_asked_for() -> None:
    version = ParameterVersion(version=4, value="0.3", modified_at=at(9), modified_by="ana")
    row = {
        "version": 4,
        "value": "0.3",
        "modified_at": at(9).timestamp(),
        "modified_by": "ana",
    }
    evidence = _parameter(FakeSsm(versions=(version,)), history=True)
    assert evidence.value == Record(
        fields={**FIELDS, "history": Table(columns=tuple(row), rows=(row,))}
    )


def test_a_denied_history_leaves_the_parameter() -> None:
    evidence = _parameter(FakeSsm(versions=AwsDenied("no")), history=True)
    assert (evidence.state, evidence.value, evidence.detail) == (
        EvidenceState.OK,
        Record(fields=FIELDS),
        "the history was not read: no",
    )


def test_a_secure_value_is_absent() -> None:
    evidence = _parameter(FakeSsm(stored=replace(STORED, value=None, modified_at=None)))
    assert evidence.value == Record(fields={"version": 4})


def test_a_secret_looking_parameter_is_redacted() -> None:
    stored = replace(STORED, name="/app/api-key", value="abc1def2")
    evidence = _parameter(FakeSsm(stored=stored))
    assert evidence.hidden == ("abc1def2",)
    assert isinstance(evidence.value, Record)
    assert evidence.value.fields["value"] == "[redacted]"
    assert "number" not in evidence.value.fields


def test_an_unknown_parameter_is_no_data() -> None:
    assert _parameter(FakeSsm(stored=None)) == Evidence(
        id="it",
        kind="parameter",
        state=EvidenceState.NO_DATA,
        query={"call": "ssm:GetParameter", "name": "/router"},
        detail="ssm:GetParameter: ParameterNotFound: /router",
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [("256", 256), ("0.30", 0.3), ("off", None), ("", None), ("nan", None), ("inf", None)],
)
def test_only_finite_numbers_are_numbers(text: str, number: float | None) -> None:
    assert number_in(text) == number


@dataclass
class FakeDynamo:
    answer: PromptVersions | None = None
    found: TableStream | None = None

    def prepare(self) -> None: ...

    def prompt_versions(self, table: str) -> PromptVersions:
        assert table == "prompts"
        assert self.answer
        return self.answer

    def stream(self, table: str) -> TableStream:
        if self.found is None:
            raise AwsNotFound(f"no table {table}")
        return self.found


def _version(intent: str, version: str, *, active: bool) -> PromptVersion:
    return PromptVersion(
        intent=intent,
        version=version,
        active=active,
        prompt_tokens=1200,
        max_output_tokens=None,
        activated_at=at(20) if active else None,
        digest="c7d7" if active else None,
    )


def _row(version: PromptVersion) -> dict[str, object]:
    return {
        "intent": version.intent,
        "version": version.version,
        "active": version.active,
        "prompt_tokens": 1200,
        "max_output_tokens": None,
        "activated_at": at(20).timestamp() if version.active else None,
        "digest": "c7d7" if version.active else None,
    }


def _prompts(answer: PromptVersions) -> Evidence:
    reader = PromptVersionsReader(FakeDynamo(answer=answer))
    return reader.read(declare(PromptVersionsQuery(table="prompts")), asked())


def test_two_active_versions_or_none_are_seen_in_the_table_and_the_summary() -> None:
    versions = (
        _version("faq", "v1", active=True),
        _version("faq", "v2", active=True),
        _version("greeting", "v1", active=False),
        _version("comparison", "v1", active=True),
    )
    rows = tuple(_row(version) for version in versions)
    assert _prompts(PromptVersions(versions=versions, malformed=2)) == Evidence(
        id="it",
        kind="prompt_versions",
        state=EvidenceState.OK,
        value=Table(columns=tuple(rows[0]), rows=rows),
        summary={
            "rows": 4,
            "intents": 3,
            "malformed": 2,
            "intents_without_exactly_one_active": ["faq", "greeting"],
        },
        query={"call": "dynamodb:Scan", "table": "prompts", "consistent_read": True},
        newest=at(20),
        detail="2 malformed items",
    )


def test_an_empty_table_is_no_data() -> None:
    evidence = _prompts(PromptVersions(versions=(), malformed=0))
    assert (evidence.state, evidence.detail) == (
        EvidenceState.NO_DATA,
        "table prompts holds no usable prompt version",
    )


@pytest.mark.parametrize(
    ("stream", "fields"),
    [
        (TableStream(enabled=False, arn=None, view_type=None), {"enabled": False}),
        (
            TableStream(enabled=True, arn="arn:s", view_type="NEW_IMAGE"),
            {"enabled": True, "arn": "arn:s", "view_type": "NEW_IMAGE"},
        ),
    ],
)
def test_a_stream_that_is_off_is_a_fact(stream: TableStream, fields: dict[str, object]) -> None:
    reader = TableStreamReader(FakeDynamo(found=stream))
    assert reader.read(declare(TableStreamQuery(table="stock")), asked()) == Evidence(
        id="it",
        kind="table_stream",
        state=EvidenceState.OK,
        value=Record(fields=fields),
        summary=fields,
        query={"call": "dynamodb:DescribeTable", "table": "stock"},
    )


def test_a_table_that_does_not_exist_is_no_data() -> None:
    reader = TableStreamReader(FakeDynamo())
    evidence = reader.read(declare(TableStreamQuery(table="stock")), asked())
    assert (evidence.state, evidence.detail) == (EvidenceState.NO_DATA, "no table stock")


@dataclass
class FakeLambda:
    sources: tuple[EventSource, ...] = ()

    def prepare(self) -> None: ...

    def event_sources(self, function: str) -> tuple[EventSource, ...]:
        assert function == "invalidator"
        return self.sources


SOURCE = EventSource(
    uuid="u", state="Enabled", source_arn="arn:s", table="stock", last_result="OK", reason=None
)


@pytest.mark.parametrize(("sources", "states"), [((), []), ((SOURCE,), ["Enabled"])])
def test_no_mapping_is_a_fact_with_zero_rows(
    sources: tuple[EventSource, ...], states: list[str]
) -> None:
    reader = EventSourceReader(FakeLambda(sources))
    columns = ("uuid", "state", "source_arn", "table", "last_result", "reason")
    row = dict(zip(columns, ("u", "Enabled", "arn:s", "stock", "OK", None), strict=True))
    assert reader.read(declare(EventSourceQuery(function="invalidator")), asked()) == Evidence(
        id="it",
        kind="event_source",
        state=EvidenceState.OK,
        value=Table(columns=columns, rows=(row,) * len(sources)),
        summary={"rows": len(sources), "states": states},
        query={"call": "lambda:ListEventSourceMappings", "function": "invalidator"},
    )
