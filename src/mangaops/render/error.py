"""An error as three lines for a person, and as one document for a script."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mangaops.errors import AwsError, ConfigError, MangaopsError, RunbookError, WorkloadError

_BOLD, _RED, _END = "\x1b[1m", "\x1b[1;31m", "\x1b[0m"


def error_lines(error: MangaopsError, where: str, *, colour: bool) -> Iterator[str]:
    """What went wrong, where, and what to do or type next."""
    if isinstance(error, RunbookError | ConfigError) and error.findings:
        yield from _findings(error, colour=colour)
        return
    yield _line("error", error.what, _RED if colour else "")
    if where:
        yield _line("where", where + _aws_facts(error), _BOLD if colour else "")
    if error.hint:
        yield _line("next", error.hint, _BOLD if colour else "")


def _line(label: str, text: str, style: str) -> str:
    head = f"{label:<5}"
    return f"{style}{head}{_END if style else ''}  " + text.replace("\n", "\n       ")


def _aws_facts(error: MangaopsError) -> str:
    if not isinstance(error, AwsError):
        return ""
    facts = [error.code, f"request {error.request_id}" if error.request_id else ""]
    told = ", ".join(fact for fact in facts if fact)
    return f" ({told})" if told else ""


def _findings(error: RunbookError | ConfigError, *, colour: bool) -> Iterator[str]:
    """Each finding with its line; the rest would only repeat the first of them."""
    from mangaops.model.redaction import redacted  # noqa: PLC0415 - only findings quote a file
    from mangaops.render.finding import finding_lines  # noqa: PLC0415 - as above

    for finding in error.findings:
        yield from map(redacted, finding_lines(finding))  # a line may hold a cache's password
    number = len(error.findings)
    what = "1 finding" if number == 1 else f"{number} findings"
    runbook = isinstance(error, RunbookError)
    workload = isinstance(error, WorkloadError)
    subject = "runbook" if runbook else "workload" if workload else "configuration"
    yield _line("error", f"this {subject} cannot be used: {what}", _RED if colour else "")
    check = "; `mangaops runbook lint FILE` checks it" if runbook else ""
    yield _line("next", f"correct the file{check}", "")


def error_document(error: MangaopsError, where: str) -> str:
    """`mangaops.error/1`: the one document on stdout when a command with JSON fails."""
    body: dict[str, object] = {
        "kind": error.kind,
        "where": where,
        "what": error.what,
        "hint": error.hint,
        "exit_code": int(error.exit_code),
    }
    if isinstance(error, AwsError):
        body |= {
            "code": error.code,
            "operation": error.operation,
            "request_id": error.request_id,
        }
    if isinstance(error, RunbookError | ConfigError) and error.findings:
        from mangaops.render.finding import finding_document  # noqa: PLC0415 - as above

        body["findings"] = [finding_document(finding) for finding in error.findings]
    document = {"schema": "mangaops.error/1", "error": body}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
