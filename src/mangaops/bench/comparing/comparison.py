"""What a comparison of two prompt versions says, intent by intent. Plain values, no numpy."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    PASS = "PASS"  # noqa: S105 - a verdict
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


class Shift(StrEnum):
    """What moved, by Mann-Whitney U and Cliff's delta. A diagnosis, no verdict."""

    NONE = "no shift seen"
    WHOLE = "the whole distribution"
    TAIL = "the tail only"


class Cause(StrEnum):
    """What explains most of the change, by the decomposition of the mean."""

    NONE = "none"
    LONGER_PROMPT = "longer prompt"
    LONGER_PROMPT_AND_OUTPUT = "longer prompt and longer output"
    LONGER_OUTPUT = "longer output"
    SLOWER_GENERATION = "slower generation"
    SLOWER_FIRST_TOKEN = "slower first token"  # noqa: S105 - a cause
    MORE_FAILURES = "more failures"
    UNEXPLAINED = "unexplained"


class Metric(StrEnum):
    """The figures of a comparison, in their order."""

    P95 = "p95"
    P50 = "p50"
    FIRST_TOKEN_P95 = "ttft_p95"  # noqa: S105 - a metric
    MS_PER_TOKEN = "ms_per_token"  # noqa: S105 - a metric
    OUTPUT_TOKENS = "output_tokens"
    INPUT_TOKENS = "input_tokens"
    FAILURES = "failures"
    """The share of calls that failed, 0 to 1."""


class Doubt(StrEnum):
    """Why a comparison is not to be trusted, or not wholly. The values are stable names."""

    TOO_FEW = "too-few-samples"
    ONE_SIDED = "one-sided"
    NOT_INTERLEAVED = "not-interleaved"
    DIFFERENT_CONDITIONS = "different-conditions"
    DRIFT = "drift"
    FAILURES = "failures"
    UNFINISHED = "unfinished"
    SAME_PROMPT = "same-prompt"
    MOVED_TOGETHER = "moved-together"
    """Other intents of the same runs moved as well: not this prompt, or not as it seems."""
    SEVERAL_INTENTS = "several-intents"
    """Alone it would be a FAIL; among so many intents one such is to be expected by chance."""
    SEVERAL_ROUNDS = "several-rounds"
    """As before, among so many rounds of a watch."""
    NO_RATIO = "no-ratio"
    """Both p95 are 0."""
    UNDECIDED = "undecided"
    """The limits lie on both sides of the margin."""


BLAME = frozenset({Doubt.NOT_INTERLEAVED, Doubt.SAME_PROMPT, Doubt.MOVED_TOGETHER})
"""Whether it is the prompt that made it slower. A budget does not ask that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`decides` is whether it makes the verdict INCONCLUSIVE; else it is only said.

    One of BLAME takes only the ratio's verdict away: a broken budget is a FAIL all the same.
    """

    doubt: Doubt
    text: str
    decides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSummary:
    """One side. A quantile is None where so few samples cannot carry it, inf where calls failed."""

    version: str
    samples: int
    failures: int
    run: str = ""
    started_at: datetime | None = None
    prompt_tokens: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p95_low_ms: float | None = None
    p95_high_ms: float | None = None
    p99_ms: float | None = None
    mean_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One metric of both sides: candidate over baseline, with one-sided 95 % limits.

    `name` is a Metric. A quantile of failed calls is inf; a ratio of two of those is None.
    """

    name: str
    unit: str
    baseline: float | None
    candidate: float | None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Where a change of the mean comes from, in ms a call. They add up to `total_ms`."""

    first_token_ms: float
    output_length_ms: float
    generation_speed_ms: float
    remainder_ms: float

    @property
    def total_ms(self) -> float:
        return (
            self.first_token_ms
            + self.output_length_ms
            + self.generation_speed_ms
            + self.remainder_ms
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCheck:
    """One limit of an intent's budget, by its name there (`prompt_tokens`, `p95_ms`).

    `kept` None is not known: it could not be seen (`observed` None), or the limits of what
    was seen lie on both sides. `p_value` is that of a p95 within the budget.
    """

    name: str
    unit: str
    limit: float
    observed: float | None
    kept: bool | None
    detail: str = ""
    p_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One intent. `ratio` is p95(candidate) / p95(baseline); `low`, `high` one-sided 95 % limits.

    `p_value` is that of a ratio of 1 or less, `holm_p` the same adjusted over all intents.
    `severity` is SEV-1, SEV-2 or SEV-3 of a FAIL (ratio above 1.50, 1.25, 1.15).
    """

    intent: str
    verdict: Verdict
    baseline: ArmSummary
    candidate: ArmSummary
    severity: str | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    holm_p: float | None = None
    mann_whitney_p: float | None = None
    cliffs_delta: float | None = None
    shift: Shift = Shift.NONE
    cause: Cause = Cause.NONE
    parts: Parts | None = None
    figures: tuple[Figure, ...] = ()
    budgets: tuple[BudgetCheck, ...] = ()
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def set_aside(self) -> tuple[Reason, ...]:
        """Why the ratio decides nothing of a FAIL, which is then the budget's alone."""
        failed = self.verdict is Verdict.FAIL
        return tuple(one for one in self.reasons if failed and one.decides)

    def is_better_before(self, limit: float) -> bool:
        """Whether going back helps: the candidate is slower, and its prompt is to blame.

        What failed by its budget alone goes back only to what is within it.
        """
        blameless = any(one.decides or one.doubt is Doubt.SAME_PROMPT for one in self.reasons)
        if blameless or self.ratio is None or not self.ratio > 1:
            return False
        if self.low is not None and self.low > 1 and self.ratio >= limit:
            return True
        before = self.baseline.p95_ms
        return all(
            before is not None and before <= check.limit
            for check in self.budgets
            if check.unit == "ms"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All intents of a comparison. The worst verdict is the whole's: FAIL, then INCONCLUSIVE."""

    comparisons: tuple[Comparison, ...]
    baseline_run: str = ""
    candidate_run: str = ""
    margin: float = 0.15
    seed: int = 0

    @property
    def verdict(self) -> Verdict:
        verdicts = {one.verdict for one in self.comparisons}
        for worst in (Verdict.FAIL, Verdict.INCONCLUSIVE):
            if worst in verdicts:
                return worst
        return Verdict.PASS if verdicts else Verdict.INCONCLUSIVE

    @property
    def failed(self) -> tuple[Comparison, ...]:
        return tuple(one for one in self.comparisons if one.verdict is Verdict.FAIL)

    @property
    def ways_back(self) -> tuple[Comparison, ...]:
        """What failed where the version before is the better one."""
        return tuple(one for one in self.failed if one.is_better_before(1 + self.margin))

    @property
    def severity(self) -> str | None:
        return min((one.severity for one in self.comparisons if one.severity), default=None)


def rollback_line(intent: str, to: str) -> str:
    """The way back from what failed, as it is typed after `mangaops`."""
    return shlex.join(("rollback-prompt", intent, "--to", to))
