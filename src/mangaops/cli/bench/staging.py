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
    Promote,
    Quality,
    RollBack,
    Stage,
    Stay,
    Step,
    next_step,
    stage_of,
)
from mangaops.cli.bench.in_use import here
from mangaops.cli.bench.stage_runs import left_out, other_texts, pool_of
from mangaops.cli.context import AppContext, environment_of
from mangaops.cli.options import Approving, Output, Show, Watching, Where
from mangaops.errors import AwsError, AwsNotFound, ExitCode, InputError, MangaopsError, Refused
from mangaops.model.time import format_duration
from mangaops.render.bench_rollout import (
    Rollout,
    rollout_document,
    rollout_markdown,
    rollout_text,
)
from mangaops.render.error import error_lines

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.bench.comparing.comparison import Comparison
    from mangaops.bench.guarding.rollout import Pool
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
    """A stage and when it began, as far as that is known. `missing` is why it is not served."""

    stage: Stage
    since: datetime | None = None
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


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
    with closing(context.aws(environment)) as aws:
        served = _served(aws, environment, asked)
        pool = pool_of(context, environment, here(aws, environment), asked, served.since)
        strange = other_texts(aws, environment, asked, pool)
    held, doubted = _held(asked.held, served.since, context.clock())
    comparison = _comparison(environment, asked, pool)
    step = next_step(
        served.stage,
        comparison,
        asked.quality,
        held,
        wanted=asked.length,
        strange=strange,
        unserved=served.missing,
    )
    return Rollout(
        intent=asked.intent,
        stage=served.stage,
        step=step,
        quality=asked.quality,
        comparison=comparison,
        runs=pool.used,
        held_for=held,
        notes=(
            *served.notes,
            *doubted,
            *left_out(pool),
            *_active(served.stage, step, asked, comparison),
        ),
        command=_command(environment, served.stage, step),
    )


def _held(
    typed: timedelta | None, since: datetime | None, now: datetime
) -> tuple[timedelta | None, tuple[str, ...]]:
    """How long the stage was served, and why that is not what was typed."""
    if since is None:
        return typed, ()
    age = max(timedelta(0), now - since)
    if typed is None or typed <= age:
        return (age if typed is None else typed), ()
    told = f"the share was set {format_duration(age)} ago"
    return age, (f"--held {format_duration(typed)} does not count: {told}",)


def _served(aws: Aws, environment: Environment, asked: Asked) -> Served:
    """By the parameter; what is typed must agree with it. Raises InputError, AwsError."""
    from mangaops.aws.ssm import SsmGateway  # noqa: PLC0415 - where it is read

    name = environment.resources[_PARAMETER]
    try:
        stored = SsmGateway(aws).parameter(name)
    except AwsNotFound as error:
        if asked.stage is not None:
            return Served(stage=asked.stage, notes=(f"there is no parameter {name}",))
        raise InputError(
            f"there is no parameter {name}, which says how much of the traffic the candidate has",
            where=_PARAMETER,
            hint=f"aws ssm put-parameter --name {name} --type String --value 0; or --stage STAGE",
        ) from error
    except AwsError as error:
        if asked.stage is None:
            raise
        return Served(stage=asked.stage, missing=(f"the share that is served: {error}",))
    found = stage_of(stored.value)
    if asked.stage is not None and asked.stage is not found:
        told = f"the share of {asked.stage.value}, {SHARES[asked.stage]}"
        why = f"{told}: {name} is {stored.value}, which is not {asked.stage.value}"
        return Served(stage=asked.stage, missing=(why,))
    if found is None:
        shares = ", ".join(f"{SHARES[stage]} ({stage.value})" for stage in Stage)
        raise InputError(f"{name} is {stored.value!r}, which is no stage's share", hint=shares)
    return Served(stage=found, since=stored.modified_at)


def _comparison(environment: Environment, asked: Asked, pool: Pool) -> Comparison | None:
    if pool.run is None:
        return None
    from mangaops.bench.comparing.report import compared  # noqa: PLC0415 - numpy
    from mangaops.bench.comparing.sides import sides  # noqa: PLC0415 - as above
    from mangaops.cli.bench.typed import rules_of  # noqa: PLC0415 - as above

    rules = rules_of(environment.benchmarks, margin=asked.margin)
    baseline, candidate = sides(pool.run, None, baseline=None, candidate=asked.candidate)
    return compared(baseline, candidate, rules).comparisons[0]


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
        _emit(context, show, replace(answer, command=""), suffix=where.suffix)
    try:
        end = _set(context, where, show, environment, approving, answer)
    except Refused as refusal:
        if show.output is not Output.JSON:
            raise
        end = refused(refusal, None)
    except MangaopsError as error:
        return _not_set(context, show, answer, error, suffix=where.suffix)
    _emit_change(context, show, answer, end, suffix=where.suffix)
    code = exit_code(end)
    return answer.exit_code if code is ExitCode.DONE else code


def _not_set(
    context: AppContext, show: Show, answer: Rollout, error: MangaopsError, *, suffix: str
) -> ExitCode:
    """The answer stays what it is, and a candidate that has failed a failure."""
    if show.output is not Output.JSON and answer.exit_code is not ExitCode.PROBLEM_FOUND:
        raise error
    told = replace(answer, notes=(*answer.notes, f"the share was not set: {error}"))
    if show.output is Output.JSON:
        _emit(context, show, told, suffix=suffix)
    else:
        for line in error_lines(error, error.where, colour=context.terminal.colour_on_stderr):
            context.terminal.say(line)
    interrupted = error.exit_code is ExitCode.INTERRUPTED
    failed = answer.exit_code is ExitCode.PROBLEM_FOUND and not interrupted
    return answer.exit_code if failed else error.exit_code


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
