"""Every error that an operator can meet, and the exit codes, which are API.

The tree is split by who can act on the error:

    MangaopsError                 (1)  where / what / what next
    ├── InputError                (2)  the person at the keyboard: options, times, names
    │   ├── ConfigError           (2)  mangaops.yaml
    │   │   └── WorkloadError     (2)  a workload file of the benchmark
    │   └── RunbookError          (2)  a runbook's author
    ├── AwsError                  (1)  AWS, or the way to it
    │   ├── AwsUnreachable        (1)  no connection, no DNS, time-out
    │   ├── AwsCredentials        (1)  none, expired, or of another account
    │   ├── AwsDenied             (1)  the identity may not make this call
    │   ├── AwsThrottled          (1)  too many calls, also after retries
    │   ├── AwsNotFound           (1)  the named thing does not exist
    │   └── AwsRejected           (1)  AWS understood the call and refused it
    │       └── AwsFault          (1)  a fault at AWS (5xx): a write may have landed, or not
    ├── SandboxError              (1)  the embedded AWS could not start or stop
    ├── JournalFailed             (1)  the record of a change cannot be written: it stops
    ├── Refused                   (5)  a guardrail, a declined prompt, no terminal to ask on
    │   ├── Drifted               (5)  a target is not what the plan saw
    │   ├── Expired               (5)  the plan is too old
    │   └── Locked                (5)  someone else is changing the same target
    └── Interrupted             (130)  Ctrl-C
        └── Stopped             (130)  Ctrl-C between two writes of a change

No traceback ever reaches the operator: `cli.app` turns each of these into three
lines and a code, and anything else into "a bug in mangaops" with code 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process returns; scripts rely on these numbers."""

    DONE = 0
    TOOL_FAILED = 1
    WRONG_INPUT = 2
    PROBLEM_FOUND = 3
    INCONCLUSIVE = 4
    REFUSED = 5
    NOT_VERIFIED = 6
    INTERRUPTED = 130


class MangaopsError(Exception):
    """An error in an operator's terms.

    `what` says what went wrong, `where` names the place (a file with line and
    column, a command, an AWS call), `hint` says what to do or type next.
    """

    exit_code = ExitCode.TOOL_FAILED
    kind = "error"

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.what) if part)


class InputError(MangaopsError):
    """Something the operator typed is wrong."""

    exit_code = ExitCode.WRONG_INPUT
    kind = "input"


class ConfigError(InputError):
    """The configuration file is wrong; carries every finding, where there are places."""

    kind = "config"

    def __init__(
        self, what: str, *, where: str = "", hint: str = "", findings: tuple[object, ...] = ()
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.findings = findings


class WorkloadError(ConfigError):
    """A workload file of the benchmark is wrong."""

    kind = "workload"


class RunbookError(InputError):
    """A runbook file is wrong; carries every finding, not only the first."""

    kind = "runbook"

    def __init__(
        self, what: str, *, where: str = "", hint: str = "", findings: tuple[object, ...] = ()
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.findings = findings


class AwsError(MangaopsError):
    """AWS answered with an error, or could not be asked.

    `code` is AWS's own error code, `operation` the call as IAM writes it
    (`logs:StartQuery`), `request_id` AWS's id of the failed request.
    """

    kind = "aws"

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        hint: str = "",
        code: str = "",
        operation: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(what, where=where or operation, hint=hint)
        self.code = code
        self.operation = operation
        self.request_id = request_id


class AwsUnreachable(AwsError):
    """No answer: connection refused, no such host, or a time-out."""

    kind = "aws-unreachable"


class AwsCredentials(AwsError):
    """No credentials, or AWS does not accept them."""

    kind = "aws-credentials"


class AwsDenied(AwsError):
    """The identity is known and may not make this call."""

    kind = "aws-denied"


class AwsThrottled(AwsError):
    """Throttled, also after the retries of the SDK."""

    kind = "aws-throttled"


class AwsNotFound(AwsError):
    """The named resource does not exist in this account and region."""

    kind = "aws-not-found"


class AwsRejected(AwsError):
    """Any other refusal of a call that AWS understood."""

    kind = "aws-rejected"


class AwsFault(AwsRejected):
    """A fault at AWS (5xx): whether a write has landed is not known."""

    kind = "aws-fault"


class SandboxError(MangaopsError):
    """The embedded AWS could not be started, found or stopped."""

    kind = "sandbox"


class JournalFailed(MangaopsError):
    """The journal cannot be written: nothing (more) is changed without a record of it."""

    kind = "journal"


class Refused(MangaopsError):
    """A guardrail said no, or a needed answer could not be asked for."""

    exit_code = ExitCode.REFUSED
    kind = "refused"


class Drifted(Refused):
    """A target is not what the plan saw; `what` names every field that differs."""

    kind = "drifted"


class Expired(Refused):
    """The plan is too old to be applied."""

    kind = "expired"


class Locked(Refused):
    """Someone else is changing the same target; `what` names them."""

    kind = "locked"


class Interrupted(MangaopsError):
    """Ctrl-C before there was anything to show."""

    exit_code = ExitCode.INTERRUPTED
    kind = "interrupted"


class Stopped(Interrupted):
    """Ctrl-C between two writes of a change; the journal says where."""

    kind = "stopped"


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that a mistyped `name` was probably meant to be."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for a wrong word

    lower = {known.lower(): known for known in names}
    found = get_close_matches(name[:100].lower(), list(lower), n=1, cutoff=0.6)
    return lower[found[0]] if found else None


def nearest(name: str, names: Iterable[str]) -> str:
    """`did you mean "x"?`, or nothing when no name is near."""
    found = nearest_name(name, names)
    return f'did you mean "{found}"?' if found else ""
