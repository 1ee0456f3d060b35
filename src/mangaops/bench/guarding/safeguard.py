"""The safeguard: whether a slower prompt is taken back without a person. Pure.

It is, only when every condition holds; else every one that does not is named, with the
command that a person would type. The seed's own example, 33 % slower, is SEV-2: it is never
taken back by itself, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from mangaops.bench.comparing.comparison import Comparison, Doubt, Report, Verdict, rollback_line
from mangaops.errors import ExitCode, MangaopsError
from mangaops.model.change import Change, RunStatus
from mangaops.model.time import format_duration, iso

SEVEREST = "SEV-1"
AHEAD = timedelta(minutes=5)
"""How far the clock that wrote `activated_at` may be ahead of ours."""


class Condition(StrEnum):
    """What must hold. The values are stable names."""

    VERDICT = "verdict"
    SEVERITY = "severity"
    CONFIRMED = "confirmed"
    INTERLEAVED = "interleaved"
    PLACE = "place"
    TEXT = "text"
    FRESH = "fresh"
    ACTIVE = "active"
    RECENT = "recent"
    BASELINE = "baseline"
    WANTED = "wanted"
    ALLOWED = "allowed"
    DRY_RUN = "dry-run"
    GUARDRAILS = "guardrails"
    KNOWN = "known"
    """It could be read, what else is needed to decide."""


_AGAINST = frozenset({Doubt.SAME_PROMPT, Doubt.SEVERAL_ROUNDS})
"""Doubts that are enough not to act, also where they leave the verdict."""
_PERMISSIONS = frozenset({Condition.ALLOWED, Condition.GUARDRAILS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """What the prompt table says of one intent now.

    `version` is the active one, None where not exactly one is; `before` is what
    `rollback-prompt` would put back, None where it would refuse. `why` is its reason then.
    """

    intent: str
    version: str | None
    activated_at: datetime | None = None
    before: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """What was decided beforehand: by the one who typed, and by the environment.

    `wanted` is --auto-rollback; `allowed` is `auto_rollback: true` of the environment, whether
    it is protected or not; `dry_run` is MANGAOPS_DRY_RUN. `forbidden` are guardrails that the
    rollback would break now, in words.
    """

    environment: str
    wanted: bool
    allowed: bool
    reaction: timedelta
    dry_run: bool = False
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a comparison stands on: the ids of its runs, when the first of them began, and what
    `origin` has against them.

    `elsewhere` says where they were measured instead of here, `other_texts` which text is
    not the one that was measured.
    """

    runs: tuple[str, ...]
    began: datetime
    elsewhere: tuple[str, ...] = ()
    other_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    condition: Condition
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack:
    """Everything holds. `reason` is for the journal: what was measured, where, how certain."""

    intent: str
    now: str
    then: str
    reason: str

    @property
    def command(self) -> str:
        """What follows `mangaops`, as a person would type it."""
        return rollback_line(self.intent, self.then)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Nothing is changed. `command` is what a person would type, empty where nothing helps."""

    intent: str
    missing: tuple[Missing, ...]
    command: str = ""

    @property
    def refused(self) -> bool:
        """Only the permission is missing: it was wanted, and would have been done."""
        return bool(self.missing) and all(one.condition in _PERMISSIONS for one in self.missing)

    def lacks(self, condition: Condition) -> bool:
        return any(one.condition is condition for one in self.missing)


Decision: TypeAlias = RollBack | Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What became of a decision. `change` is None where nothing was written; `refused` says why
    one that was decided did not begin (a lock, a guardrail, another version by now), `failed`
    why it could not be done, and `interrupted` that it was Ctrl-C.
    """

    decision: Decision
    change: Change | None = None
    refused: str = ""
    failed: str = ""
    interrupted: bool = False
    hint: str = ""

    @property
    def exit_code(self) -> ExitCode:
        """PROBLEM_FOUND also where it was rolled back, or could not be: what was measured has
        failed.
        """
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.refused or (isinstance(self.decision, Hold) and self.decision.refused):
            return ExitCode.REFUSED
        if self.change is None:
            return ExitCode.PROBLEM_FOUND
        if self.change.interrupted:
            return ExitCode.INTERRUPTED
        bad = self.change.status in {RunStatus.UNVERIFIED, RunStatus.PARTIAL}
        return ExitCode.NOT_VERIFIED if bad else ExitCode.PROBLEM_FOUND


def worst(ends: Sequence[End]) -> ExitCode:
    """One code for all intents: what needs a person first comes first."""
    codes = {one.exit_code for one in ends}
    order = (ExitCode.INTERRUPTED, ExitCode.NOT_VERIFIED, ExitCode.REFUSED)
    return next((code for code in order if code in codes), ExitCode.PROBLEM_FOUND)


def undecided(comparison: Comparison, why: MangaopsError) -> End:
    """What is needed to decide could not be read: nothing is changed, and the verdict stands."""
    known = _missing(Condition.KNOWN, f"what is needed to decide cannot be read: {why}")
    command = rollback_line(comparison.intent, comparison.baseline.version)
    held = Hold(intent=comparison.intent, missing=(known,), command=command)
    return End(decision=held, hint=why.hint)


def decision(
    comparison: Comparison, activation: Activation, leave: Leave, now: datetime, proof: Proof
) -> Decision:
    """What the safeguard does about one intent."""
    missing = (
        *_regression(comparison),
        *(_missing(Condition.PLACE, told) for told in proof.elsewhere),
        *(_missing(Condition.TEXT, told) for told in proof.other_texts),
        *_fresh(proof.began, leave.reaction, now),
        *_activation(comparison, activation, leave.reaction, now),
        *_leave(leave),
    )
    then = activation.before
    if missing or then is None:
        strange = proof.elsewhere or proof.other_texts
        command = "" if strange else _by_hand(comparison, activation)
        return Hold(intent=comparison.intent, missing=missing, command=command)
    return RollBack(
        intent=comparison.intent,
        now=comparison.candidate.version,
        then=then,
        reason=reason(comparison, proof.runs),
    )


def reason(comparison: Comparison, runs: Sequence[str]) -> str:
    """One sentence for the journal."""
    compared = ", ".join(dict.fromkeys(run for run in runs if run)) or "not stored"
    return (
        f"approved beforehand by --auto-rollback: {comparison.severity or 'FAIL'}, "
        f"p95 of {comparison.intent} {comparison.candidate.version} is "
        f"{_times(comparison.ratio)} times that of {comparison.baseline.version} "
        f"(95 % limits {_times(comparison.low)} to {_times(comparison.high)}); "
        f"benchmark run {compared}{_told_doubts(comparison)}"
    )


def _told_doubts(comparison: Comparison) -> str:
    """Those that did not decide: whoever reads the journal may judge them."""
    doubts = "; ".join(one.text for one in comparison.reasons)
    return f"; doubts: {doubts}" if doubts else ""


def runs_of(report: Report) -> tuple[str, ...]:
    return tuple(dict.fromkeys(run for run in (report.baseline_run, report.candidate_run) if run))


def _regression(comparison: Comparison) -> tuple[Missing, ...]:
    """Whether what was measured is bad and certain enough."""
    found: list[Missing] = []
    if comparison.verdict is not Verdict.FAIL:
        found.append(_missing(Condition.VERDICT, f"the verdict is {comparison.verdict.value}"))
    if comparison.severity != SEVEREST:
        found.append(_missing(Condition.SEVERITY, _not_severe(comparison)))
    if doubts := _doubts(comparison):
        found.append(_missing(Condition.CONFIRMED, f"it is not confirmed: {'; '.join(doubts)}"))
    if any(one.doubt is Doubt.NOT_INTERLEAVED for one in comparison.reasons):
        told = "it was not measured interleaved, and only what was is rolled back by itself"
        found.append(_missing(Condition.INTERLEAVED, told))
    return tuple(found)


def _not_severe(comparison: Comparison) -> str:
    told = comparison.severity or "it has no severity"
    return f"{told}: only {SEVEREST} is rolled back by itself (p95 more than 50 % slower)"


def _doubts(comparison: Comparison) -> list[str]:
    """What is against the ratio. A prompt compared with itself would not become faster."""
    found = [one.text for one in comparison.reasons if one.decides or one.doubt in _AGAINST]
    if comparison.low is None or not comparison.low > 1:
        found.append("the lower limit of the ratio is not above 1")
    return found


def _activation(
    comparison: Comparison, activation: Activation, reaction: timedelta, now: datetime
) -> list[Missing]:
    """Whether it is this activation that made it slower, and what was before it."""
    candidate, baseline = comparison.candidate.version, comparison.baseline.version
    if activation.version is None:
        return [_missing(Condition.ACTIVE, activation.why or "no version is known to be active")]
    if activation.version != candidate:
        told = f"{activation.version} is active, and {candidate} was measured"
        return [_missing(Condition.ACTIVE, told)]
    found = _recent(activation, reaction, now)
    if activation.before is None:
        told = activation.why or "no version is known to have been active before"
        found.append(_missing(Condition.BASELINE, told))
    elif activation.before != baseline:
        told = f"{activation.before} was active before {candidate}, and not {baseline}"
        found.append(_missing(Condition.BASELINE, told))
    return found


def _recent(activation: Activation, reaction: timedelta, now: datetime) -> list[Missing]:
    at, limit = activation.activated_at, format_duration(reaction)
    if at is None:
        told = f"when {activation.version} was activated is not known"
    elif at - now > AHEAD:
        told = f"{activation.version} is said to be activated in the future ({iso(at)})"
    elif now - at > reaction:
        told = f"{activation.version} was activated {_ago(now - at)} ago, and {limit} is the limit"
    else:
        return []
    return [_missing(Condition.RECENT, told)]


def _fresh(began: datetime, reaction: timedelta, now: datetime) -> list[Missing]:
    """Old figures say how it was: the model may be another by now."""
    if began - now > AHEAD:
        told = f"it is said to be measured in the future ({iso(began)})"
    elif now - began > reaction:
        told = (
            f"it was measured {_ago(now - began)} ago, and {format_duration(reaction)} is the limit"
        )
    else:
        return []
    return [_missing(Condition.FRESH, told)]


def _leave(leave: Leave) -> list[Missing]:
    """Whether it may be done."""
    found: list[Missing] = []
    if not leave.wanted:
        found.append(_missing(Condition.WANTED, "--auto-rollback was not given"))
    if not leave.allowed:
        told = f"environment {leave.environment} does not allow it (benchmarks.auto_rollback: true)"
        found.append(_missing(Condition.ALLOWED, told))
    if leave.dry_run:
        found.append(_missing(Condition.DRY_RUN, "MANGAOPS_DRY_RUN is set"))
    found += [_missing(Condition.GUARDRAILS, one) for one in leave.forbidden]
    return found


def _by_hand(comparison: Comparison, activation: Activation) -> str:
    """A person may judge a smaller regression, or an older one, as they like."""
    if comparison.verdict is not Verdict.FAIL or activation.before is None:
        return ""
    if activation.version != comparison.candidate.version or not comparison.is_better_before(1):
        return ""
    return rollback_line(comparison.intent, activation.before)


def _missing(condition: Condition, text: str) -> Missing:
    return Missing(condition=condition, text=text)


def _ago(length: timedelta) -> str:
    return format_duration(length - length % timedelta(minutes=1))


def _times(ratio: float | None) -> str:
    return "?" if ratio is None else f"{ratio:.2f}"
