"""The file format of runbook tests v1: the one place where its keys, types and defaults are listed.

What stands below an id in `evidence` depends on the runbook: `evidence_file.py` reads it.
The descriptions end up in the JSON Schema (`mangaops runbook schema --tests`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, StrictBool, StrictStr, WithJsonSchema

from mangaops.model.diagnosis import Verdict
from mangaops.model.runbook import Severity, Status
from mangaops.runbook.check import keys_of
from mangaops.runbook.format import Name, Part, Slug, Text
from mangaops.runbook.strict_yaml import Path

SCHEMA = "mangaops.runbook-test/1"
NOW = "2026-01-07T12:00:00Z"
"""The clock of tests that name none: a Wednesday, on a whole hour."""

Instant: TypeAlias = Annotated[Text, Field(description="ISO 8601; UTC unless it says otherwise")]
Choice: TypeAlias = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "boolean"},
                {"type": "number"},
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
            ]
        }
    ),
]
"""Checked against its parameter in `load.py`."""
Pieces: TypeAlias = dict[Name, Any]
"""By evidence id; each of them is `evidence_file`'s to check."""


class ExpectPart(Part):
    """What must come out. Only what is named is compared."""

    status: Status
    diagnosis: Text | None = Field(None, description="an outcome, `inconclusive` or `healthy`")
    verdict: Verdict | None = None
    severity: Severity | None = None
    path: list[dict[StrictStr, StrictStr]] | None = Field(
        None, description="every node behind the trigger with its answer"
    )
    remedies: list[StrictStr | dict[StrictStr, StrictStr]] | None = Field(
        None, description="all of them: an id, or an id with what follows `plan --run RUN`"
    )
    missing: list[StrictStr] | None = Field(None, description="ids of evidence that was not seen")
    report: list[Text] | None = Field(
        None, description="each a part of some line of the report; [] for none"
    )
    cause: Text | None = Field(None, description="a part of the cause")


class TestPart(Part):
    """One test: evidence, and what it must lead to."""

    __test__ = False  # pytest would collect it

    name: Text = Field(description="the fact that it proves")
    expect: ExpectPart
    evidence: Pieces = Field({}, description="in place of the same ids of the file")
    scenario: Text | None = Field(None, description="a sandbox scenario that gives the evidence")
    capsule: Text | None = Field(None, description="a capsule that gives it, beside this file")
    set: dict[StrictStr, Choice] = Field({}, description="parameters, as with --set")
    answers: dict[StrictStr, StrictStr] = Field({}, description="to questions for a person")
    force: StrictBool = Field(False, description="walk on although the trigger does not hold")
    now: Instant | None = Field(None, description="not beside a scenario or a capsule")


class EquivalentPart(Part):
    """A mutant of `--mutate` that no test can notice."""

    mutant: Text
    because: Text


class FilePart(Part):
    """Tests of one runbook."""

    schema_: Literal["mangaops.runbook-test/1"] = Field(alias="schema")
    runbook: Slug | None = Field(None, description="by default the name of the file")
    now: Instant = NOW
    resources: dict[StrictStr, StrictStr] = Field({}, description="names of the environment")
    set: dict[StrictStr, Choice] = Field({}, description="parameters of every test")
    evidence: Pieces = Field({}, description="what every test starts from, by id")
    tests: list[TestPart]
    equivalent: list[EquivalentPart] = Field([], description="mutants that change nothing")


def keys(path: Path) -> tuple[str, ...]:
    """The keys that are known at a path of the file."""
    match path:
        case ():
            return keys_of(FilePart)
        case ("tests", _):
            return keys_of(TestPart)
        case ("tests", _, "expect"):
            return keys_of(ExpectPart)
        case ("equivalent", _):
            return keys_of(EquivalentPart)
        case _:
            return ()
