"""A finding about a runbook file: place, rule, the line with a caret, help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mangaops.model.evidence import JSON
from mangaops.runbook.finding import Finding


def finding_lines(finding: object) -> Iterator[str]:
    """`file:line:column: error[RULE]: message`, the source line with a caret, the help."""
    if not isinstance(finding, Finding):
        yield str(finding)
        return
    place = finding.place
    yield f"{place}: {finding.severity}[{finding.rule}]: {finding.message}"
    if finding.line_text.strip():
        text = finding.line_text.replace("\t", " ")
        yield f"{place.line:>5} | {text}"
        yield f"      | {' ' * (place.column - 1)}^"
    if finding.hint:
        yield f"      = help: {finding.hint}"


def finding_document(finding: object) -> Mapping[str, JSON]:
    if not isinstance(finding, Finding):
        return {"message": str(finding)}
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "hint": finding.hint,
    }
