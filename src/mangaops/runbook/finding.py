"""One thing that is wrong with a file, with its place, rule and the line itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from mangaops.errors import ConfigError, RunbookError
from mangaops.model.condition import Place

if TYPE_CHECKING:
    from mangaops.model.settings import Environment  # 20 ms that completion does not need

RULES: Mapping[str, str] = MappingProxyType(
    {
        "M001": "the file is not readable YAML",
        "M002": "a key that the format does not know",
        "M003": "a key that is missing",
        "M004": "a value of the wrong type, or outside what is allowed",
        "M005": "the same key twice",
        "M006": "a condition or template that cannot be parsed or uses undeclared names",
        "M007": "a goto, on_missing or start that names nothing",
        "M008": "a branch needs either `when` or `otherwise: true`, a node `branches` or `ask`",
        "M009": "`${name}` that is neither a resource nor a parameter",
        "M010": "evidence of an unknown kind",
        "M011": "a node or outcome that no path reaches",
        "M012": "a path that comes back to where it was",
        "M013": "evidence, a parameter or a definition that nothing uses",
        "M014": "a branch compares evidence and does not say what to do when it is missing",
        "M015": "a branch after `otherwise`, which can never be taken",
        "M016": "a node whose last branch has a condition: no answer may be left",
        "M017": "the name of the runbook is not that of its file",
        "M018": "a name that is used twice, or that the language reserves",
        "M019": "two branches or options of a node with the same answer",
        "M020": "a configured parameter that its runbook does not have, or not of this type",
        "M021": "a remedy's command that no remedy has: its name, an option, or a value",
        "M022": "a condition looks further back than its evidence is read",
    }
)

TEST_RULES: Mapping[str, str] = MappingProxyType(
    {
        "T001": "a test file that matches no runbook",
        "T002": "a test file without a test",
        "T003": "evidence that the runbook does not declare",
        "T004": "evidence of another form than its kind has: rows, fields, series or a state",
        "T005": "a column, field, label or statistic that this evidence does not have",
        "T006": "a value that is not of its column's type",
        "T007": "a series whose notation cannot be read",
        "T008": "an expected diagnosis, node, answer, remedy or evidence that does not exist",
        "T009": "expectations that contradict each other",
        "T010": "a parameter, resource or question that does not exist, or a wrong value for it",
        "T011": "two tests of the same name",
        "T012": "a scenario or capsule that is not there, or that is of another runbook",
    }
)
"""Of test files; those about their form are M001 to M005."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`severity` is `error` or `warning`; `line_text` is the source line, without its end."""

    rule: str
    severity: str
    message: str
    place: Place
    hint: str = ""
    line_text: str = ""


def runbook_error(findings: Iterable[Finding]) -> RunbookError:
    """One error that carries all findings in the file's order and reads like the first."""
    found = tuple(sorted(findings, key=lambda one: (one.place.line, one.place.column)))
    first = found[0]
    rest = len(found) - 1
    what = first.message + (f" (and {rest} more)" if rest else "")
    hint = first.hint or f"mangaops runbook lint {first.place.file}"
    return RunbookError(what, where=str(first.place), hint=hint, findings=found)


def config_error(findings: Iterable[Finding]) -> ConfigError:
    """All findings about a configuration, in the file's order; it reads like the first."""
    found = tuple(sorted(findings, key=lambda one: (one.place.line, one.place.column)))
    first = found[0]
    rest = len(found) - 1
    what = first.message + (f" (and {rest} more)" if rest else "")
    return ConfigError(what, where=str(first.place), hint=first.hint, findings=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Misconfigured:
    """What is wrong with a (runbook, parameter) of an environment; (runbook, "") is the whole.

    `where` is said for an environment that comes from no file.
    """

    key: tuple[str, str]
    what: str
    where: str
    hint: str


def placed(environment: Environment, wrong: Iterable[Misconfigured]) -> Iterator[Finding]:
    """Each at its line of the file that the environment comes from."""
    for one in dict.fromkeys(wrong):
        written = environment.written.get(one.key)
        if written is not None:
            yield Finding(
                rule="M020",
                severity="error",
                message=one.what,
                place=written.place,
                hint=one.hint,
                line_text=written.line,
            )


def misconfigured(environment: Environment, wrong: Sequence[Misconfigured]) -> ConfigError:
    """All of them, at their places; the first alone for an environment that has no file."""
    findings = tuple(placed(environment, wrong))
    if findings:
        return config_error(findings)
    return ConfigError(wrong[0].what, where=wrong[0].where, hint=wrong[0].hint)
