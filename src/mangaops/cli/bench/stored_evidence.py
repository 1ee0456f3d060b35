"""Stored runs as evidence: chosen by `latest` and compared by `report` of `bench.comparing`."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from mangaops.bench.comparing.comparison import Comparison, Figure, Metric
from mangaops.bench.comparing.control import is_controlled
from mangaops.bench.comparing.latest import Pair, latest_pairs
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.guarding.origin import Here
from mangaops.bench.runs.store import REMOTE, RunStore
from mangaops.cli.bench.stored import FOLDER
from mangaops.errors import ConfigError, InputError
from mangaops.evidence.source import Stop, Stopped
from mangaops.evidence.sources.bench_comparison import Compared

if TYPE_CHECKING:
    from mangaops.aws.s3 import S3Gateway
    from mangaops.bench.comparing.sides import Side
    from mangaops.bench.runs.sample import Run, RunHeader
    from mangaops.cli.context import AppContext
    from mangaops.model.evidence import Row
    from mangaops.model.settings import Environment
    from mangaops.model.time import Window

_UNFINISHED_MINUTE = timedelta(minutes=1)
"""A window ends with the newest complete minute; a run of this very minute counts too."""
_SAMPLE, _NAMED = "b-20261121-110000", "b-%Y%m%d-%H%M%S"
"""How the name of a run begins, and what that says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComparisons:
    """What `bench_comparison` reads. An empty store is the folder that `bench run` fills."""

    app: AppContext
    environment: Environment
    region: str
    objects: S3Gateway

    def prepare(self) -> None:
        """Nothing: whether S3 is needed is only known with the store."""

    def compared(self, store: str, window: Window, stop: Stop) -> Compared:
        place = store or str(self.app.state / FOLDER)
        runs = RunStore(place, objects=lambda: self.objects)
        told = place if store else f"the state folder ({FOLDER}/)"
        damaged: list[Damaged] = []

        def read(name: str) -> Run | None:
            if stop.requested:
                raise Stopped
            try:
                return runs.read(name)
            except InputError:
                header = headers[name]
                damaged.append(Damaged(name, began=header.started_at, intents=header.intents))
                return None

        every = self._headers(runs, window, damaged)
        headers = {
            name: header for name, header in every.items() if self._is_of_here(header, store)
        }
        pairs = latest_pairs(headers, read)
        rows = _rows(pairs, Rules.of(self.environment.benchmarks), damaged)
        return Compared(
            rows=tuple(sorted(rows, key=lambda row: str(row["intent"]))),
            runs=len(headers),
            place=told,
            newest=max((one.started_at for one in headers.values()), default=None),
            damaged=tuple(one.name for one in damaged),
            elsewhere=len(every) - len(headers),
        )

    def _headers(
        self, runs: RunStore, window: Window, damaged: list[Damaged]
    ) -> Mapping[str, RunHeader]:
        """Runs of the window. A damaged file without a date in its name may be of any time."""
        try:
            listing = runs.listing()
        except InputError as error:
            raise ConfigError(error.what, where=error.where, hint=error.hint) from error
        end = window.end + _UNFINISHED_MINUTE
        unread = (Damaged.named(_file(error.where)) for error in listing.damaged)
        damaged += [one for one in unread if one.began is None or window.start <= one.began < end]
        return {
            name: header
            for name, header in listing.headers.items()
            if window.start <= header.started_at < end
        }

    def _is_of_here(self, header: RunHeader, store: str) -> bool:
        """What another environment or region measured says nothing of this one. Where a run
        does not say where it was measured, the store that is configured for here says it.
        """
        if not header.environment and store:
            return header.region in {"", self.region}
        here = Here(environment=self.environment.name, region=self.region)
        return not here.elsewhere(header)


@dataclass(frozen=True, slots=True)
class Damaged:
    """A run that cannot be read: what is known of it. `intents` None may be any."""

    name: str
    began: datetime | None = None
    intents: Collection[str] | None = None

    @classmethod
    def named(cls, name: str) -> Damaged:
        """Of a file without a header; `bench run` writes the time into the name."""
        try:
            began = datetime.strptime(name[: len(_SAMPLE)], _NAMED).replace(tzinfo=UTC)
        except ValueError:
            return cls(name)
        return cls(name, began=began)

    def hides(self, intent: str, since: datetime) -> bool:
        """Whether it may be a newer measurement of the intent."""
        return (self.began is None or self.began >= since) and (
            self.intents is None or intent in self.intents
        )


def _file(place: str) -> str:
    """The name of a run's file at FILE:LINE:COLUMN."""
    return place.removeprefix(REMOTE).rpartition("/")[2].partition(".jsonl")[0]


def _rows(pairs: Sequence[Pair], rules: Rules, damaged: Sequence[Damaged]) -> Iterator[Row]:
    """Intents of the same two sides are compared together: they are each other's control."""
    for _, group in groupby(sorted(pairs, key=_sides), key=_sides):
        together = list(group)
        for row in _rows_of(together[0], {pair.intent for pair in together}, rules):
            since, intent = _began(together[0].candidate), str(row["intent"])
            hidden = sorted(one.name for one in damaged if one.hides(intent, since))
            yield {**row, "damaged": ", ".join(hidden) or None}


def _sides(pair: Pair) -> tuple[str, int, str, int]:
    baseline, candidate = pair.baseline, pair.candidate
    return baseline.run.header.run, baseline.arm, candidate.run.header.run, candidate.arm


def _rows_of(pair: Pair, intents: set[str], rules: Rules) -> Iterator[Row]:
    from mangaops.bench.comparing.report import compared  # noqa: PLC0415 - numpy: only where runs are compared

    report = compared(pair.baseline, pair.candidate, rules, same_prompts=True)
    interleaved = pair.baseline.has_run(pair.candidate) and pair.candidate.run.header.interleaved
    for one in report.comparisons:
        if one.intent in intents:
            yield _row(one, pair, interleaved=interleaved, controlled=is_controlled(one))


def _row(one: Comparison, pair: Pair, *, interleaved: bool, controlled: bool) -> Row:
    figures = {figure.name: figure for figure in one.figures}
    prompt, output = figures.get(Metric.INPUT_TOKENS), figures.get(Metric.OUTPUT_TOKENS)
    return {
        "intent": one.intent,
        "what": _what(one, pair),
        "verdict": one.verdict.value,
        "ratio": _finite(one.ratio),
        "low": _finite(one.low),
        "high": _finite(one.high),
        "infinite": one.ratio is not None and math.isinf(one.ratio),
        "severity": one.severity,
        "cause": one.cause.value,
        "shift": one.shift.value,
        "baseline_run": pair.baseline.run.header.run,
        "candidate_run": pair.candidate.run.header.run,
        "baseline_version": _version(pair.baseline, one.intent),
        "candidate_version": _version(pair.candidate, one.intent),
        "baseline_digest": _digest(pair.baseline, one.intent),
        "candidate_digest": _digest(pair.candidate, one.intent),
        "baseline_at": _began(pair.baseline).timestamp(),
        "candidate_at": _began(pair.candidate).timestamp(),
        "interleaved": interleaved,
        "controlled": controlled,
        "samples_baseline": one.baseline.samples,
        "samples_candidate": one.candidate.samples,
        "p95_baseline": _finite(one.baseline.p95_ms),
        "p95_candidate": _finite(one.candidate.p95_ms),
        **_both("prompt_tokens", prompt),
        **_both("output_tokens", output),
        **_parts(one),
        "doubts": "; ".join(reason.text for reason in one.reasons) or None,
    }


def _what(one: Comparison, pair: Pair) -> str:
    """Such as `faq v1 to v2: INCONCLUSIVE, too-few-samples`."""
    before, after = (_version(side, one.intent) for side in (pair.baseline, pair.candidate))
    deciding = [reason.doubt.value for reason in one.reasons if reason.decides]
    return ", ".join([f"{one.intent} {before} to {after}: {one.verdict.value}", *deciding])


def _both(name: str, figure: Figure | None) -> Row:
    sides = (None, None) if figure is None else (figure.baseline, figure.candidate)
    return {
        f"{name}_{side}": _finite(value)
        for side, value in zip(("baseline", "candidate"), sides, strict=True)
    }


def _parts(one: Comparison) -> Row:
    parts = one.parts
    return {
        "first_token_part": None if parts is None else _finite(parts.first_token_ms),
        "output_part": None if parts is None else _finite(parts.output_length_ms),
        "generation_part": None if parts is None else _finite(parts.generation_speed_ms),
        "remainder_part": None if parts is None else _finite(parts.remainder_ms),
    }


def _version(side: Side, intent: str) -> str:
    """That of the intent itself: a run's arm may have other versions of other intents."""
    used = side.prompt(intent)
    return side.version if used is None else used.version


def _digest(side: Side, intent: str) -> str | None:
    used = side.prompt(intent)
    return None if used is None else used.digest or None


def _began(side: Side) -> datetime:
    return side.run.header.started_at


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
