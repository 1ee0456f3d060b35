"""Stages of a prompt: shadow, canary, full. A pure state machine, and the samples of a stage.

    off     0 %    the prompt passes the gate first
    shadow  5 %    for 24 h; a slower one goes back to be optimised, a worse one is rejected
    canary  25 %   for 2 h; either takes it back
    full    100 %  the same, as long as it is looked at

Nothing is promoted on anything but PASS, accepted quality and the time served, and no stage
is left out. Quality is judged elsewhere: `unknown` holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from mangaops.bench.comparing.comparison import Comparison, Verdict
from mangaops.bench.runs.sample import Run
from mangaops.model.time import format_duration


class Stage(StrEnum):
    OFF = "off"
    SHADOW = "shadow"
    CANARY = "canary"
    FULL = "full"


class Quality(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"


class Back(StrEnum):
    """What becomes of a prompt that does not go on."""

    OPTIMISE = "back to optimising"
    REJECT = "rejected"
    PREVIOUS = "the previous version serves all"


SHARES = MappingProxyType({Stage.OFF: 0, Stage.SHADOW: 5, Stage.CANARY: 25, Stage.FULL: 100})
"""Percent of the traffic that the candidate answers."""
SERVED = MappingProxyType(
    {
        Stage.OFF: timedelta(0),
        Stage.SHADOW: timedelta(hours=24),
        Stage.CANARY: timedelta(hours=2),
        Stage.FULL: timedelta(0),
    }
)
"""How long a stage is served before the next one."""
_NEXT = MappingProxyType(
    {Stage.OFF: Stage.SHADOW, Stage.SHADOW: Stage.CANARY, Stage.CANARY: Stage.FULL}
)


_MEASURE = "mangaops bench run WORKLOAD --baseline V --candidate V"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote:
    to: Stage
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """`needs` is what is missing, each in a sentence."""

    why: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack:
    """The candidate gets no traffic any more."""

    why: str
    back: Back


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """The last stage, and nothing is wrong."""

    why: str


Step: TypeAlias = Promote | Hold | RollBack | Stay


def stage_of(share: str | None) -> Stage | None:
    """The stage of a parameter's value; None for a share that is no stage's."""
    text = (share or "").strip()
    if not (text.isascii() and text.isdecimal()):
        return None
    return next((stage for stage, percent in SHARES.items() if percent == int(text)), None)


def next_step(
    stage: Stage,
    comparison: Comparison | None,
    quality: Quality,
    held_for: timedelta | None,
    *,
    wanted: timedelta | None = None,
    strange: Sequence[str] = (),
    unserved: Sequence[str] = (),
) -> Step:
    """What to do now. `comparison` None: no samples of this stage; `held_for` None: not known.

    `wanted` is how long the stage is to be served, instead of SERVED's. `strange` says that
    the samples are of other texts than those in use: nothing moves by them, forward or back.
    `unserved` says that this stage is not the one that is served: nothing goes on from it.
    """
    verdict = comparison.verdict if comparison else None
    if quality is Quality.FAIL:
        why = "its quality is not accepted"
        return RollBack(why=why, back=_back(stage, Back.REJECT))
    if comparison is not None and verdict is Verdict.FAIL and not strange:
        return RollBack(why=_slower(comparison), back=_back(stage, Back.OPTIMISE))
    needs = (
        *(f"samples of what is in use: {one}" for one in strange),
        *(() if strange else _samples(comparison)),
        *unserved,
        *_quality(quality),
        *_time(held_for, SERVED[stage] if wanted is None else wanted),
    )
    if needs:
        return Hold(why=f"not all is known that {stage.value} must show", needs=needs)
    if stage is Stage.FULL:
        return Stay(why="latency and quality pass with all of the traffic")
    served = "" if stage is Stage.OFF else ", and the stage was served"
    return Promote(to=_NEXT[stage], why=f"latency and quality pass{served}")


def _back(stage: Stage, before_customers: Back) -> Back:
    """From canary on, customers notice: what counts is that the previous version is back."""
    return before_customers if stage in {Stage.OFF, Stage.SHADOW} else Back.PREVIOUS


def _slower(comparison: Comparison) -> str:
    severity = f", {comparison.severity}" if comparison.severity else ""
    if comparison.ratio is None:
        return f"its latency fails{severity}"
    return f"its p95 is {comparison.ratio:.2f} times the baseline's{severity}"


def _samples(comparison: Comparison | None) -> tuple[str, ...]:
    if comparison is None:
        return (f"samples of this stage, none are stored: {_MEASURE}",)
    if comparison.verdict is Verdict.PASS:
        return ()
    fewer = min(comparison.baseline.samples, comparison.candidate.samples)
    why = "; ".join(one.text for one in comparison.reasons if one.decides)
    told = f" ({why})" if why else ""
    return (f"more samples: {fewer} a side do not decide{told}",)


def _quality(quality: Quality) -> tuple[str, ...]:
    return () if quality is Quality.PASS else ("a verdict on its quality: --quality pass or fail",)


def _time(held_for: timedelta | None, wanted: timedelta) -> tuple[str, ...]:
    if not wanted:
        return ()
    whole = format_duration(wanted)
    if held_for is None:
        return (f"how long the stage was served, of {whole}: --held DURATION",)
    left = wanted - held_for
    if left <= timedelta(0):
        return ()
    minutes = -(-left // timedelta(minutes=1))
    return (f"time: {format_duration(timedelta(minutes=minutes))} more of {whole}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The samples of a stage as one run, and the runs that did not fit to the newest."""

    run: Run | None
    used: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    """What another place measured, as `origin` says it: it is no sample of this stage."""
    before: tuple[str, ...] = ()
    """Runs that began before the stage did: they are no samples of it either."""


def pooled(runs: Sequence[Run], intent: str) -> Pool:
    """Of interleaved runs under the same conditions, oldest first: all samples of one intent."""
    usable = [one for one in runs if intent in one.header.intents and len(one.header.arms) == 2]
    if not usable:
        return Pool(run=None, left_out=tuple(one.header.run for one in runs))
    newest = usable[-1]
    alike = [one for one in usable if _conditions(one, intent) == _conditions(newest, intent)]
    samples = (s for one in alike for s in one.samples if s.intent == intent)
    header = replace(newest.header, prompts={intent: newest.header.prompts[intent]})
    finished = [one.finished_at for one in alike]
    run = replace(
        newest,
        header=header,
        samples=tuple(replace(s, number=n) for n, s in enumerate(samples)),
        finished_at=None if None in finished else newest.finished_at,
    )
    used = tuple(one.header.run for one in alike)
    left_out = tuple(one.header.run for one in runs if one.header.run not in used)
    return Pool(run=run, used=used, left_out=left_out)


def _conditions(run: Run, intent: str) -> tuple[object, ...]:
    one = run.header
    return (
        one.arms,
        one.prompts[intent],
        one.region,
        one.environment,
        one.workload,
        one.cache,
        one.concurrency,
        one.rate_per_s,
        one.interleaved,
        one.unit,
    )
