"""What is wrong with a line of a file, as GitHub shows it within a pull request.

Workflow commands are lines such as `::error file=a.yaml,line=3::text`; what would end a
property or the line is percent-encoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mangaops.model.edge import EdgeKind
from mangaops.render.junit import details
from mangaops.runbook.finding import Finding
from mangaops.testing.mutants.verdict import Mutation
from mangaops.testing.report import Report


def annotation(
    level: str, message: str, *, file: str, line: int = 1, column: int = 0, title: str = ""
) -> str:
    """One line for the log of a workflow; `level` is `error`, `warning` or `notice`."""
    parts = {"file": file, "line": str(line), "col": str(column or ""), "title": title}
    inside = ",".join(f"{name}={_property(value)}" for name, value in parts.items() if value)
    return f"::{level} {inside}::{_data(message)}"


def annotated(report: Report) -> Iterator[str]:
    """One for each failed test, each finding, and each runbook below the floor."""
    for tested in report.tested:
        for outcome in tested.failed:
            place = outcome.case.place
            title = f"{tested.runbook.name} / {outcome.case.name}"
            told = details(outcome).partition("\n")[2]
            yield annotation("error", told, file=place.file, line=place.line, title=title)
    for finding in report.findings:
        yield _of_finding(finding)
    files = {tested.runbook.name: tested.runbook.file for tested in report.tested}
    for one in report.below:
        branches, missing = one.count(EdgeKind.BRANCH), one.count(EdgeKind.MISSING)
        told = (
            f"{one.percent:.1f} % of its edges are tested, fewer than {report.floor:g} %: "
            f"branches {branches[0]}/{branches[1]}, missing data {missing[0]}/{missing[1]}.\n"
            f"Untested: {', '.join(str(edge) for edge in one.untested)}"
        )
        yield annotation("error", told, file=files.get(one.runbook, one.runbook), title="coverage")


def of_survivors(mutations: Iterable[Mutation]) -> Iterator[str]:
    """One for each mutant that no test notices, where the runbook has what was changed."""
    for mutation in mutations:
        for fate in mutation.survivors:
            mutant = fate.mutant
            told = f"no test notices: {mutant.id}\n{mutant.hint}"
            place = mutant.place
            yield annotation("error", told, file=place.file, line=place.line, title="mutant")
        for wrong in mutation.wrong:
            place = wrong.equivalent.place
            told = f"{wrong.equivalent.mutant}: {wrong.why}"
            yield annotation("error", told, file=place.file, line=place.line, title="equivalent")


def _of_finding(finding: object) -> str:
    if not isinstance(finding, Finding):
        return annotation("error", str(finding), file="")
    place = finding.place
    told = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
    return annotation(
        finding.severity,
        told,
        file=place.file,
        line=place.line,
        column=place.column,
        title=finding.rule,
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
