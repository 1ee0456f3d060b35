"""A prepared test on its runbook -> its diagnosis, and how that differs from what it expects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mangaops.diagnose.walk import traced
from mangaops.errors import MangaopsError
from mangaops.evidence.readers import batched
from mangaops.model.diagnosis import Answers, Diagnosis, Recommendation
from mangaops.model.edge import Edge
from mangaops.model.evidence import EvidenceSet
from mangaops.testing.case import Difference, Expected, Outcome, Prepared

_SHORT = 120
"""Characters of two paths that are both shown whole."""
_NOTHING = "none"


def judge(prepared: Prepared) -> Outcome:
    """Walk as production does, and compare; a runbook that cannot be walked is an error."""
    try:
        diagnosis, edges = concluded(prepared)
    except MangaopsError as error:
        return Outcome(case=prepared.case, error=str(error))
    differences = tuple(differing(prepared.case.expected, diagnosis))
    return Outcome(case=prepared.case, diagnosis=diagnosis, differences=differences, edges=edges)


def concluded(prepared: Prepared) -> tuple[Diagnosis, tuple[Edge, ...]]:
    """The diagnosis and the edges on its way. What is read in one batch is there from the
    start, the rest when the walk asks for it; what nobody answered stays unanswered.

    Raises RunbookError or InputError for a runbook that cannot be walked.
    """
    runbook, everything = prepared.runbook, prepared.evidence.items
    known = {name: everything[name] for name, item in runbook.evidence.items() if batched(item)}
    answers = dict(prepared.case.answers)
    while True:
        result, edges = traced(
            runbook,
            EvidenceSet(items=known),
            prepared.window,
            answers=Answers(given=answers),
            force=prepared.case.force,
        )
        if isinstance(result, Diagnosis):
            return result, edges
        if result.evidence - known.keys():
            known |= {name: everything[name] for name in result.evidence}
        elif result.question is not None and result.question not in answers:
            answers[result.question] = ""
        else:
            raise MangaopsError(
                f"the walk needs what was given already: {', '.join(sorted(result.evidence))}"
            )


def differing(expected: Expected, got: Diagnosis) -> Iterator[Difference]:
    """Everything that a test names and that came out otherwise."""
    plain = (
        ("status", expected.status, got.status),
        ("diagnosis", expected.diagnosis, got.id),
        ("verdict", expected.verdict, got.verdict),
        ("severity", expected.severity, got.severity or _NOTHING),
    )
    for what, wanted, found in plain:
        if wanted is not None and wanted != found:
            yield Difference(what=what, expected=str(wanted), got=f"{found}{_why(what, got)}")
    yield from _path(expected, got)
    yield from _remedies(expected, got)
    yield from _missing(expected, got)
    yield from _texts(expected, got)


def _why(what: str, got: Diagnosis) -> str:
    """For a verdict, the reasons that it is not better; for a diagnosis, the last node."""
    if what == "verdict" and got.reasons:
        return f": {got.reasons[0]}"
    if what == "diagnosis" and len(got.path) > 1:
        return f" at {got.path[-1].node} ({got.path[-1].answer})"
    return ""


def _path(expected: Expected, got: Diagnosis) -> Iterator[Difference]:
    if expected.path is None:
        return
    found = tuple((step.node, step.answer) for step in got.path[1:])
    if found == expected.path:
        return
    whole = (_shown(expected.path), _shown(found))
    if max(map(len, whole)) <= _SHORT:
        yield Difference(what="path", expected=whole[0], got=whole[1])
        return
    steps = max(len(found), len(expected.path))
    first = next(n for n in range(steps) if found[n : n + 1] != expected.path[n : n + 1])
    yield Difference(
        what="path",
        expected=f"step {first + 1}: {_shown(expected.path[first : first + 1])}",
        got=f"step {first + 1}: {_shown(found[first : first + 1])}",
    )


def _shown(path: Sequence[tuple[str, str]]) -> str:
    return " > ".join(f"{node}: {answer}" for node, answer in path) or "no step"


def _remedies(expected: Expected, got: Diagnosis) -> Iterator[Difference]:
    if expected.remedies is None:
        return
    same = len(expected.remedies) == len(got.remedies) and all(
        wanted[0] == found.id and wanted[1] in {None, found.arguments}
        for wanted, found in zip(expected.remedies, got.remedies, strict=True)
    )
    if not same:
        named = {name for name, arguments in expected.remedies if arguments is not None}
        wanted = [name if more is None else f"{name}: {more}" for name, more in expected.remedies]
        found = [_remedy(remedy, named) for remedy in got.remedies]
        yield Difference(
            what="remedies",
            expected=", ".join(wanted) or _NOTHING,
            got=", ".join(found) or _NOTHING,
        )


def _remedy(remedy: Recommendation, named: set[str]) -> str:
    return f"{remedy.id}: {remedy.arguments}" if remedy.id in named else remedy.id


def _missing(expected: Expected, got: Diagnosis) -> Iterator[Difference]:
    if expected.missing is None:
        return
    wanted, found = sorted(expected.missing), sorted(got.coverage.missing)
    if wanted != found:
        yield Difference(
            what="missing",
            expected=", ".join(wanted) or _NOTHING,
            got=", ".join(found) or _NOTHING,
        )


def _texts(expected: Expected, got: Diagnosis) -> Iterator[Difference]:
    if expected.cause is not None and expected.cause not in got.cause:
        yield Difference(what="cause", expected=expected.cause, got=got.cause)
    if expected.report == () and got.report:
        yield Difference(what="report", expected=_NOTHING, got=" / ".join(got.report))
    for part in expected.report or ():
        if not any(part in line for line in got.report):
            told = " / ".join(got.report) or _NOTHING
            yield Difference(what="report", expected=part, got=told)
