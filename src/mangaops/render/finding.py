"""A finding about a runbook file: place, rule, the line with a caret, help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, runtime_checkable

from mangaops.model.condition import Place


@runtime_checkable
class Finding(Protocol):
    """What `runbook.finding.Finding` offers to a reader."""

    @property
    def rule(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def place(self) -> Place: ...
    @property
    def hint(self) -> str: ...
    @property
    def line_text(self) -> str: ...


def finding_lines(finding: object) -> Iterator[str]:
    """`file:line:column: error[RULE] message`, the source line with a caret, the help."""
    if not isinstance(finding, Finding):
        yield str(finding)
        return
    place = finding.place
    yield f"{place}: {finding.severity}[{finding.rule}] {finding.message}"
    if finding.line_text.strip():
        text = finding.line_text.rstrip("\n").replace("\t", " ")
        yield f"{place.line:>5} | {text}"
        yield f"      | {' ' * (place.column - 1)}^"
    if finding.hint:
        yield f"      = help: {finding.hint}"


def finding_document(finding: object) -> Mapping[str, object]:
    if not isinstance(finding, Finding):
        return {"message": str(finding)}
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "hint": finding.hint,
    }
