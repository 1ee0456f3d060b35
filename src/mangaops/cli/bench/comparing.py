"""From what was typed to a report: which runs, which sides of them, by which rules.

`compare` and `gate` share it. Nothing here loads pydantic, YAML or AWS unless there is a
configuration file, a sandbox or a store in S3: a comparison of two files must start at once.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, assert_never

from mangaops.bench.comparing.comparison import Doubt, Verdict, rollback_line
from mangaops.cli import embedded
from mangaops.cli.context import AppContext, configuration_file
from mangaops.cli.options import Where
from mangaops.errors import ExitCode, InputError, nearest

if TYPE_CHECKING:
    from mangaops.bench.comparing.comparison import Comparison, Report
    from mangaops.bench.comparing.sides import Side
    from mangaops.bench.runs.store import RunStore
    from mangaops.cli.bench.against import Against
    from mangaops.model.settings import Environment
    from mangaops.render.ecdf import Curve

_APART = frozenset({Doubt.NOT_INTERLEAVED, Doubt.MOVED_TOGETHER, Doubt.DIFFERENT_CONDITIONS})
"""What two interleaved versions would settle."""
_MORE = frozenset(Doubt) - _APART - {Doubt.SAME_PROMPT, Doubt.NO_RATIO, Doubt.FAILURES}
"""What more calls may settle."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A report, and the runs that it is about."""

    report: Report
    baseline: Side
    candidate: Side
    typed: str
    elsewhere: str = ""
    """Where the candidate was measured instead of the environment that is known."""

    @property
    def unfinished(self) -> tuple[str, ...]:
        """The runs that ended before their last call."""
        runs = (self.baseline.run, self.candidate.run)
        return tuple(dict.fromkeys(one.header.run for one in runs if one.finished_at is None))

    @cached_property
    def curves(self) -> dict[str, tuple[Curve, Curve]]:
        """The latencies of both sides, for what draws them."""
        from mangaops.render.ecdf import curve  # noqa: PLC0415 - not for JSON

        sides = (self.baseline, self.candidate)
        found = {}
        for one in self.report.comparisons:
            names = (one.baseline.version, one.candidate.version)
            if names[0] == names[1]:
                names = ("baseline", "candidate")
            a, b = (
                curve(name, [sample.latency_ms for sample in side.samples(one.intent)])
                for name, side in zip(names, sides, strict=True)
            )
            if a.calls and b.calls:
                found[one.intent] = (a, b)
        return found


@contextmanager
def setting(where: Where, context: AppContext) -> Iterator[Environment]:
    """The environment whose rules hold; the defaults without any configuration."""
    plain = where.env is None and where.sandbox is None
    if plain and configuration_file(where.config, context.environ) is None:
        from mangaops.model.settings import Environment  # noqa: PLC0415 - not for --help

        yield Environment(region=where.region, profile=where.profile)
        return
    if where.sandbox is None and where.env not in {None, embedded.NAME}:
        from mangaops.cli.context import place_of  # noqa: PLC0415 - with a configuration

        yield place_of(where, context)
        return
    from mangaops.cli.context import environment_of  # noqa: PLC0415 - as above

    with environment_of(where, context) as environment:
        yield environment


def compared_runs(
    context: AppContext,
    environment: Environment,
    a: str,
    b: str | None,
    against: Against,
    *,
    whole: bool = True,
) -> Compared:
    """Raises InputError for runs, versions or rules that cannot be compared.

    --intent says what is shown: the other intents stay its control, and count for Holm's
    correction. `whole`: a run that ended before all of its calls decides nothing.
    """
    from mangaops.bench.comparing.sides import sides  # noqa: PLC0415 - not for --help
    from mangaops.cli.bench.stored import run_of, store_of  # noqa: PLC0415 - as above
    from mangaops.cli.bench.typed import rules_of  # noqa: PLC0415 - as above

    rules = rules_of(environment.benchmarks, margin=against.margin, seed=against.seed)

    def store() -> RunStore:
        return store_of(context, environment, against.store)

    first = run_of(store, a)
    second = None if b is None else run_of(store, b)
    baseline, candidate = sides(
        first, second, baseline=against.baseline, candidate=against.candidate
    )
    _refuse_strangers(baseline, candidate)
    if against.intent is not None:
        _refuse_unknown(against.intent, (baseline, candidate))
    from mangaops.bench.comparing.report import compared  # noqa: PLC0415 - numpy, not for wrong input

    typed = shlex.join([a] if b is None else [a, b]) + against.suffix
    return Compared(
        report=_only(compared(baseline, candidate, rules, whole=whole), against.intent),
        baseline=baseline,
        candidate=candidate,
        typed=typed,
        elsewhere=_elsewhere(environment, baseline, candidate),
    )


def _elsewhere(environment: Environment, *sides: Side) -> str:
    """`staging`, where both names are known; without a configuration it is not known for what."""
    here, there = environment.name, [side.run.header.environment for side in sides]
    if here == type(environment)().name:
        return embedded.NAME if embedded.NAME in there else ""
    return next((one for one in there if one and one != here), "")


def _refuse_strangers(baseline: Side, candidate: Side) -> None:
    """Runs without a common intent: nothing can be said of one from the other."""
    if set(baseline.intents) & set(candidate.intents):
        return
    one, other = (
        f"{each.run.header.run} ({', '.join(each.intents)})" for each in (baseline, candidate)
    )
    raise InputError(
        f"{one} and {other} have no intent in common",
        where="A B",
        hint="compare runs of one workload, or one run that has two versions",
    )


def _refuse_unknown(intent: str, of: tuple[Side, Side]) -> None:
    """An intent of one side is known: that it is not on the other is its verdict."""
    known = tuple(dict.fromkeys(one for side in of for one in side.intents))
    if intent in known:
        return
    near = nearest(intent, known)
    names = dict.fromkeys(side.run.header.run for side in of)
    raise InputError(
        f"no intent `{intent}` in {' and '.join(names)}",
        where="--intent",
        hint=f"{near} " * bool(near) + f"there is: {', '.join(known)}",
    )


def _only(report: Report, intent: str | None) -> Report:
    if intent is None:
        return report
    shown = tuple(one for one in report.comparisons if one.intent == intent)
    return replace(report, comparisons=shown)


def exit_code(verdict: Verdict) -> ExitCode:
    """Of a comparison, as of a diagnosis: 0, 3 a problem was found, 4 inconclusive."""
    match verdict:
        case Verdict.PASS:
            return ExitCode.DONE
        case Verdict.FAIL:
            return ExitCode.PROBLEM_FOUND
        case Verdict.INCONCLUSIVE:
            return ExitCode.INCONCLUSIVE
        case _:
            assert_never(verdict)


def next_commands(found: Compared, where: Where) -> Iterator[tuple[str, str]]:
    """What to type: the way back of what failed, more calls for what is open, else the gate."""
    match found.report.verdict:
        case Verdict.FAIL:
            ways = found.report.ways_back
            if ways and found.elsewhere:
                yield f"measured in {found.elsewhere}:", "no way back here follows from it"
                return
            for one in ways:
                line = rollback_line(one.intent, one.baseline.version)
                yield "if it is active:", f"mangaops {line}{where.suffix}"
            if not ways:
                yield from _other_calls(found, where, _deciding(found.report.failed))
        case Verdict.INCONCLUSIVE:
            yield from _more_calls(found, where)
        case Verdict.PASS:
            yield "next:", f"mangaops bench gate {found.typed}{where.suffix}"


def _more_calls(found: Compared, where: Where) -> Iterator[tuple[str, str]]:
    """What would decide: the rest of a run, both versions at once, or more calls."""
    comparisons = found.report.comparisons
    doubts = _deciding(one for one in comparisons if one.verdict is Verdict.INCONCLUSIVE)
    if found.unfinished and Doubt.SAME_PROMPT not in doubts:
        for run in found.unfinished:
            line = f"mangaops bench run WORKLOAD --resume {shlex.quote(run)}"
            yield "the rest of it:", line + where.suffix
    elif doubts & _MORE and not doubts & _APART:
        samples = 2 * max(found.candidate.run.header.samples_per_arm, 100)
        yield from _run(found, where, "more calls:", samples)
    elif Doubt.FAILURES in doubts:
        yield "why they fail:", f"mangaops diagnose fm-errors{where.suffix}"
    elif doubts != {Doubt.NO_RATIO}:
        yield from _other_calls(found, where, doubts)


def _deciding(comparisons: Iterable[Comparison]) -> set[Doubt]:
    return {one.doubt for each in comparisons for one in each.reasons if one.decides}


def _other_calls(
    found: Compared, where: Where, doubts: Collection[Doubt]
) -> Iterator[tuple[str, str]]:
    """Where more of the same help as little as going back."""
    if _APART & set(doubts):
        samples = max(found.candidate.run.header.samples_per_arm, 100)
        yield from _run(found, where, "both at once:", samples)
        return
    if Doubt.SAME_PROMPT in doubts and not found.baseline.has_run(found.candidate):
        yield "what else changed:", f"mangaops bench history --changes{where.suffix}"
        return
    named = [one.candidate.version for one in found.report.comparisons]
    last = next((one for one in named if _is_version(found, one)), None)
    if last is not None:
        line = f"mangaops bench run WORKLOAD --baseline {shlex.quote(last)} --candidate VERSION"
        yield "another version:", line + where.suffix


def _run(found: Compared, where: Where, label: str, samples: int) -> Iterator[tuple[str, str]]:
    """Nothing where no command with versions of the prompts would measure that."""
    if line := _run_line(found):
        yield label, f"{line} --samples {samples}{where.suffix}"


def _run_line(found: Compared) -> str:
    """With the versions of the intents themselves, and only those that have them."""
    asked = [one for one in found.report.comparisons if one.verdict is not Verdict.PASS]
    pairs = {
        one.intent: (one.baseline.version, one.candidate.version)
        for one in asked
        if _is_version(found, one.baseline.version) and _is_version(found, one.candidate.version)
    }
    if found.baseline.is_twin_of(found.candidate) and pairs:
        version = shlex.quote(next(iter(pairs.values()))[0])
        return f"mangaops bench run WORKLOAD --aa --baseline {version}"
    pairs = {
        intent: pair
        for intent, pair in pairs.items()
        if pair[0] != pair[1] and not found.baseline.has_prompt_of(found.candidate, intent)
    }
    if not pairs:
        return ""
    before, after = first = next(iter(pairs.values()))
    words = ["--baseline", before, "--candidate", after]
    if len(found.report.comparisons) > 1 and len(found.baseline.run.header.arms) == 1:
        for intent, pair in pairs.items():
            words += ["--intent", intent] if pair == first else []
    return f"mangaops bench run WORKLOAD {shlex.join(words)}"


def _is_version(found: Compared, name: str) -> bool:
    """And not the label of an arm, such as `active`."""
    used = (one for side in (found.baseline, found.candidate) for one in _prompts(side))
    return name in used


def _prompts(side: Side) -> tuple[str, ...]:
    found = (side.prompt(intent) for intent in side.intents)
    return tuple(one.version for one in found if one is not None)
