"""`bench rollout` at work: the stage, its samples, the next step, and its line. Free of Typer."""

from __future__ import annotations

import shlex
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mangaops.bench.comparing.comparison import rollback_line
from mangaops.bench.guarding.rollout import (
    SHARES,
    Back,
    Hold,
    Pool,
    Promote,
    Quality,
    RollBack,
    Stage,
    Stay,
    Step,
    next_step,
    pooled,
    stage_of,
)
from mangaops.cli.bench.stored import run_of, store_of
from mangaops.cli.context import AppContext, environment_of
from mangaops.cli.options import Approving, Output, Show, Watching, Where
from mangaops.errors import AwsNotFound, ExitCode, InputError, Refused, nearest
from mangaops.render.bench_rollout import (
    Rollout,
    rollout_document,
    rollout_markdown,
    rollout_text,
)

if TYPE_CHECKING:
    from mangaops.bench.comparing.comparison import Comparison
    from mangaops.bench.runs.sample import Run
    from mangaops.model.change import Change
    from mangaops.model.settings import Environment

_PARAMETER = "candidate_share_parameter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed. `held` is how long the stage was served, `length` how long it is to be."""

    intent: str
    runs: tuple[str, ...] = ()
    stage: Stage | None = None
    quality: Quality = Quality.UNKNOWN
    held: timedelta | None = None
    length: timedelta | None = None
    since: timedelta | None = None
    candidate: str | None = None
    margin: float | None = None
    store: str | None = None
    apply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A stage and when it began, as far as that is known."""

    stage: Stage
    since: datetime | None = None
    notes: tuple[str, ...] = ()


def staged(
    context: AppContext, where: Where, show: Show, approving: Approving, asked: Asked
) -> ExitCode:
    """Decides, tells, and sets the share where that is wanted; the code of its end."""
    with environment_of(where, context) as environment:
        answer = _decided(context, environment, asked)
        if not (asked.apply and answer.command):
            _emit(context, show, answer, suffix=where.suffix)
            return answer.exit_code
        return _with_change(context, where, show, environment, approving, answer)


def _decided(context: AppContext, environment: Environment, asked: Asked) -> Rollout:
    served = _served(context, environment, asked)
    held = asked.held
    if held is None and served.since is not None:
        held = max(timedelta(0), context.clock() - served.since)
    pool = _pool(context, environment, asked, served)
    comparison = _comparison(environment, asked, pool)
    step = next_step(served.stage, comparison, asked.quality, held, wanted=asked.length)
    return Rollout(
        intent=asked.intent,
        stage=served.stage,
        step=step,
        quality=asked.quality,
        comparison=comparison,
        runs=pool.used,
        held_for=held,
        notes=(*served.notes, *_left_out(pool), *_active(served.stage, step, asked, comparison)),
        command=_command(environment, served.stage, step),
    )


def _served(context: AppContext, environment: Environment, asked: Asked) -> Served:
    """By the parameter; without AWS where everything is typed. Raises InputError."""
    if asked.stage is not None and asked.held is not None:
        return Served(stage=asked.stage)
    name = environment.resources[_PARAMETER]
    try:
        value, since = _share(context, environment, name)
    except AwsNotFound as error:
        if asked.stage is not None:
            return Served(stage=asked.stage, notes=(f"there is no parameter {name}",))
        raise InputError(
            f"there is no parameter {name}, which says how much of the traffic the candidate has",
            where=_PARAMETER,
            hint=f"aws ssm put-parameter --name {name} --type String --value 0; or --stage STAGE",
        ) from error
    found = stage_of(value)
    if asked.stage is not None and asked.stage is not found:
        told = f"{name} is {value}, which is not {asked.stage.value}: its time is not counted"
        return Served(stage=asked.stage, notes=(told,))
    if found is None:
        shares = ", ".join(f"{SHARES[stage]} ({stage.value})" for stage in Stage)
        raise InputError(f"{name} is {value!r}, which is no stage's share", hint=shares)
    return Served(stage=found, since=since)


def _share(
    context: AppContext, environment: Environment, name: str
) -> tuple[str | None, datetime | None]:
    from mangaops.aws.ssm import SsmGateway  # noqa: PLC0415 - where it is read

    with closing(context.aws(environment)) as aws:
        stored = SsmGateway(aws).parameter(name)
    return stored.value, stored.modified_at


def _pool(context: AppContext, environment: Environment, asked: Asked, served: Served) -> Pool:
    """The named runs, else those stored since the stage began."""
    store = store_of(context, environment, asked.store)
    if asked.runs:
        runs = [run_of(store, one) for one in dict.fromkeys(asked.runs)]
        for run in runs:
            _refuse_stranger(run, asked)
        return pooled(sorted(runs, key=lambda run: run.header.started_at), asked.intent)
    length = asked.since or asked.held
    begun = served.since if length is None else context.clock() - length
    headers = store.headers()
    _refuse_unknown(asked.intent, {one for header in headers.values() for one in header.intents})
    if begun is None:
        return Pool(run=None)
    found = [
        store.read(name)
        for name, header in headers.items()
        if header.started_at >= begun
        and asked.intent in header.intents
        and asked.candidate in {None, header.arms[-1]}
    ]
    return pooled(found, asked.intent)


def _refuse_unknown(intent: str, known: set[str]) -> None:
    """A mistyped intent would hold for ever. With an empty store nothing is known of it."""
    if known and intent not in known:
        hint = nearest(intent, known) or f"there are runs of {', '.join(sorted(known))}"
        raise InputError(f"no stored run measures `{intent}`", where="INTENT", hint=hint)


def _refuse_stranger(run: Run, asked: Asked) -> None:
    name, header = run.header.run, run.header
    if asked.intent not in header.intents:
        what = f"the run {name} has no intent `{asked.intent}`"
        raise InputError(what, where="RUN", hint=f"it has: {', '.join(header.intents)}")
    if len(header.arms) != 2:
        what = f"the run {name} has one version only, {header.arms[0]}"
        hint = "mangaops bench run WORKLOAD --baseline V --candidate V measures two, interleaved"
        raise InputError(what, where="RUN", hint=hint)


def _comparison(environment: Environment, asked: Asked, pool: Pool) -> Comparison | None:
    if pool.run is None:
        return None
    from mangaops.bench.comparing.report import compared  # noqa: PLC0415 - numpy
    from mangaops.bench.comparing.sides import sides  # noqa: PLC0415 - as above
    from mangaops.cli.bench.typed import rules_of  # noqa: PLC0415 - as above

    rules = rules_of(environment.benchmarks, margin=asked.margin)
    baseline, candidate = sides(pool.run, None, baseline=None, candidate=asked.candidate)
    return compared(baseline, candidate, rules).comparisons[0]


def _left_out(pool: Pool) -> tuple[str, ...]:
    if not pool.left_out:
        return ()
    return (f"under other conditions than the newest run, left out: {', '.join(pool.left_out)}",)


def _active(
    stage: Stage, step: Step, asked: Asked, comparison: Comparison | None
) -> tuple[str, ...]:
    """With all of the traffic, the table may name the candidate as well."""
    full = stage is Stage.FULL and isinstance(step, RollBack) and step.back is Back.PREVIOUS
    if not full or comparison is None:
        return ()
    line = rollback_line(asked.intent, comparison.baseline.version)
    return (f"if {comparison.candidate.version} is active in the prompt table: mangaops {line}",)


def _command(environment: Environment, stage: Stage, step: Step) -> str:
    """The remedy that shifts the traffic; empty where it stays as it is."""
    match step:
        case Promote(to=to):
            share = SHARES[to]
        case RollBack() if stage is not Stage.OFF:
            share = 0
        case Hold() | Stay() | RollBack():
            return ""
    return shlex.join(("set-parameter", environment.resources[_PARAMETER], str(share)))


def _with_change(
    context: AppContext,
    where: Where,
    show: Show,
    environment: Environment,
    approving: Approving,
    answer: Rollout,
) -> ExitCode:
    """The remedy with its plan and questions; a refusal is told after the answer."""
    from mangaops.cli.changes.changing import exit_code, refused  # noqa: PLC0415 - only for --apply

    if show.output is not Output.JSON:
        _emit(context, show, answer, suffix=where.suffix)
    try:
        end = _set(context, where, show, environment, approving, answer)
    except Refused as refusal:
        if show.output is not Output.JSON:
            raise
        end = refused(refusal, None)
    _emit_change(context, show, answer, end, suffix=where.suffix)
    code = exit_code(end)
    return answer.exit_code if code is ExitCode.DONE else code


def _set(
    context: AppContext,
    where: Where,
    show: Show,
    environment: Environment,
    approving: Approving,
    answer: Rollout,
) -> Change:
    from mangaops.cli.changes.changing import ended  # noqa: PLC0415 - only for --apply
    from mangaops.cli.changes.planning import Wanted, planned  # noqa: PLC0415 - as above
    from mangaops.cli.changes.workshop import workshop_in  # noqa: PLC0415 - as above
    from mangaops.cli.remedies.words import parsed  # noqa: PLC0415 - as above
    from mangaops.model.plan import Reason  # noqa: PLC0415 - as above

    asked = parsed(shlex.split(answer.command))
    text = f"bench rollout of {answer.intent}, {answer.stage.value}: {answer.step.why}"
    told = f"; runs {', '.join(answer.runs)}" if answer.runs else ""
    with workshop_in(environment, context, where, show) as shop:
        plan = planned(shop, Wanted(asked=asked, reason=Reason(text=text + told)))
        return ended(shop, plan, approving, Watching(), fresh=True)


def _emit_change(
    context: AppContext, show: Show, answer: Rollout, end: Change, *, suffix: str
) -> None:
    from mangaops.cli.changes.telling import emit_change  # noqa: PLC0415 - only for --apply

    if show.output is Output.JSON:
        _emit(context, show, replace(answer, change=end), suffix=suffix)
    else:
        emit_change(context, show, end, suffix=suffix)


def _emit(context: AppContext, show: Show, answer: Rollout, *, suffix: str) -> None:
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - only for JSON

    terminal = context.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(rollout_document(answer, suffix=suffix)))
        case Output.MARKDOWN:
            terminal.emit(rollout_markdown(answer, suffix=suffix))
        case Output.TEXT:
            width, colour = terminal.width, terminal.colour
            terminal.emit(rollout_text(answer, width=width, colour=colour, suffix=suffix))
