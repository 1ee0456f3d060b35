"""`mangaops bench run WORKLOAD`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion, embedded
from mangaops.cli.bench.options import StoreOption
from mangaops.cli.bench.run_options import DEFAULT_SAMPLES, Limits, What
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, environment_of, of
from mangaops.cli.options import Output, Show, Where, is_typed
from mangaops.errors import ExitCode, InputError

if TYPE_CHECKING:
    from mangaops.bench.measuring.measurement import Measurement
    from mangaops.cli.bench.measuring import Measured, Plan
    from mangaops.model.settings import Environment
    from mangaops.render.bench_run import RunAnswer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(
    app,
    examples=(
        "mangaops bench run workload.yaml --baseline v2.0 --candidate v2.1",
        "mangaops bench run workload.yaml --dry-run",
        "mangaops bench run workload.yaml --resume last",
    ),
)
def run(
    ctx: typer.Context,
    workload: Annotated[
        Path,
        typer.Argument(
            metavar="WORKLOAD",
            autocompletion=completion.workloads,
            help="What is sent, by intent: a YAML file.",
        ),
    ],
    what: What,
    limits: Limits,
    where: Where,
    show: Show,
    store: StoreOption = None,
) -> None:
    """Measure prompts: send a workload, keep every sample.

    Two versions are interleaved in random order, so that no drift favours one. A failed
    call counts as an infinite latency. Without versions the active one of each intent is
    measured. Ctrl-C keeps what was measured. Exit codes: 0 finished; 4 stopped at --max-usd;
    5 the cost was not agreed to; 130 interrupted.
    """
    from mangaops.cli.bench.measuring import SANDBOX, measure  # noqa: PLC0415 - not for --help
    from mangaops.cli.bench.stored import store_of  # noqa: PLC0415 - as above
    from mangaops.render.bench_run import plan_lines  # noqa: PLC0415 - as above

    context = of(ctx)
    plan = _plan(ctx, workload, what, limits, suffix=where.suffix + _store_suffix(store))
    with environment_of(where, context) as environment:
        free = environment.name == SANDBOX
        if limits.dry_run:
            _emit(context, show, _planned(context, environment, plan, store), free=free)
            return

        def shown(ready: Measurement) -> None:
            for line in plan_lines(ready, free=free):
                context.note(show, line)
            if free and (speed := embedded.model_speed(environment)) != 1:
                context.note(show, f"times  {speed:g} of real ones, as this sandbox is set")

        place = store_of(context, environment, store)
        done = measure(context, show, environment, plan, place, yes=limits.yes, shown=shown)
        beside = replace(where, sandbox=None).suffix + _store_suffix(store)
        _emit(context, show, _answer(environment, plan, done, beside), free=free)
    raise typer.Exit(_code(done))


def _store_suffix(store: str | None) -> str:
    import shlex  # noqa: PLC0415 - not for --help

    return f" --store {shlex.quote(store)}" if store else ""


def _plan(ctx: typer.Context, file: Path, what: What, limits: Limits, *, suffix: str) -> Plan:
    """What was typed, checked: wrong input is told before AWS is asked."""
    from mangaops.bench.measuring.workload import load_workload  # noqa: PLC0415 - not for --help
    from mangaops.cli.bench.measuring import Plan  # noqa: PLC0415 - as above
    from mangaops.cli.window import duration  # noqa: PLC0415 - as above

    _check_numbers(what, limits)
    _check_combination(ctx, what)
    workload = load_workload(file)
    workload.refuse_unknown(what.intents or ())
    return Plan(
        workload=workload,
        intents=tuple(dict.fromkeys(what.intents)) if what.intents else None,
        baseline=what.baseline,
        candidate=what.candidate,
        aa=what.aa,
        samples=what.samples,
        warm_up=what.warm_up,
        rate_per_s=limits.rate,
        concurrency=limits.concurrency,
        max_usd=limits.max_usd,
        timeout_s=duration("--timeout", limits.timeout).total_seconds(),
        cache=what.cache,
        seed=what.seed,
        resume=what.resume,
        suffix=suffix,
        until_decided=what.until_decided,
    )


def _check_numbers(what: What, limits: Limits) -> None:
    from mangaops.cli.bench import typed  # noqa: PLC0415 - not for --help

    typed.refuse_counts(
        (
            ("--samples", what.samples, 1, typed.MOST_SAMPLES),
            ("--warm-up", what.warm_up, 0, typed.MOST_SAMPLES),
            ("--concurrency", limits.concurrency, 1, typed.MOST_AT_ONCE),
        )
    )
    typed.refuse_seed(what.seed)
    typed.refuse_limits(rate=limits.rate, max_usd=limits.max_usd)


def _check_combination(ctx: typer.Context, what: What) -> None:
    if what.aa and what.candidate is not None:
        hint = "--aa measures one version against itself: name it with --baseline"
        raise InputError("--aa conflicts with --candidate", where="--aa", hint=hint)
    if what.candidate is not None and what.candidate == what.baseline:
        hint = "--aa measures one version against itself"
        raise InputError("baseline and candidate are the same", where="--candidate", hint=hint)
    if what.resume is None:
        _check_looks(what)
        return
    fixed = (
        "baseline",
        "candidate",
        "aa",
        "intents",
        "samples",
        "warm_up",
        "cache",
        "seed",
        "rate",
        "concurrency",
    )
    for name in fixed:
        if is_typed(ctx, name):
            option = "--intent" if name == "intents" else f"--{name.replace('_', '-')}"
            hint = "a run keeps its conditions: leave it out, or start a new run"
            raise InputError(f"{option} conflicts with --resume", where=option, hint=hint)


def _check_looks(what: What) -> None:
    """Fewer samples than a verdict needs would make the looks idle."""
    from mangaops.bench.comparing.rules import Rules  # noqa: PLC0415 - not for --help

    least = Rules().min_samples
    if what.until_decided and what.samples < least:
        told = f"a look at {what.samples} samples a side cannot decide"
        raise InputError(told, where="--until-decided", hint=f"--samples {least} or more")


def _planned(
    context: AppContext, environment: Environment, plan: Plan, store: str | None
) -> RunAnswer:
    """Reads prompts and models, and sends nothing."""
    from contextlib import closing  # noqa: PLC0415 - not for --help

    from mangaops.cli.bench.preparing import prepared, resumed  # noqa: PLC0415 - as above
    from mangaops.cli.bench.stored import run_of, store_of  # noqa: PLC0415 - as above
    from mangaops.render.bench_run import RunAnswer  # noqa: PLC0415 - as above

    with closing(context.aws(environment)) as aws:
        if plan.resume is None:
            ready = prepared(context, environment, aws, plan, run="dry-run")
        else:
            run = run_of(store_of(context, environment, store), plan.resume)
            ready = resumed(environment, aws, plan.workload, run)
    return RunAnswer(status="dry_run", next=_typed_again(plan), measurement=ready)


def _typed_again(plan: Plan) -> str:
    """The command without --dry-run."""
    import shlex  # noqa: PLC0415 - not for --help

    words = ["mangaops", "bench", "run", plan.workload.file]
    for option, value in (
        ("--baseline", plan.baseline),
        ("--candidate", plan.candidate),
        ("--resume", plan.resume),
        *(("--intent", intent) for intent in plan.intents or ()),
    ):
        words += [option, value] if value is not None else []
    if plan.resume is None and plan.samples != DEFAULT_SAMPLES:
        words += ["--samples", str(plan.samples)]
    return shlex.join([*words, *(["--aa"] if plan.aa else [])]) + plan.suffix


def _answer(environment: Environment, plan: Plan, done: Measured, suffix: str) -> RunAnswer:
    """`suffix` leads to the store, which needs no sandbox."""
    from mangaops.bench.measuring.runner import Stopped  # noqa: PLC0415 - not for --help
    from mangaops.bench.measuring.summary import summary  # noqa: PLC0415 - as above
    from mangaops.cli.bench.measuring import resume_command  # noqa: PLC0415 - as above
    from mangaops.render.bench_run import RunAnswer  # noqa: PLC0415 - as above

    arms = summary(done.run, environment.benchmarks.prices)
    stopped = done.ending.stopped
    notes: tuple[str, ...] = ()
    status = "finished"
    then = _then(done) + suffix
    if stopped is Stopped.INTERRUPTED:
        status, then = "interrupted", resume_command(plan, done.run)
        notes = ("interrupted: what was measured is kept",)
    elif stopped is Stopped.OVER_COST:
        status, then = "over_cost", f"{resume_command(plan, done.run)} --max-usd MORE"
        notes = (f"stopped before more than {plan.max_usd:g} USD were spent",)
    if any("Throttl" in word for one in arms for word in one.failed_with):
        notes = (*notes, "throttled calls count as failed: a lower --rate avoids them")
    return RunAnswer(status=status, next=then, run=done.run, arms=arms, usd=done.usd, notes=notes)


def _then(done: Measured) -> str:
    arms = done.run.header.arms
    if len(arms) == 1:
        return "mangaops bench history"
    return "mangaops bench aa last" if arms[0] == arms[1] else "mangaops bench compare last"


def _code(done: Measured) -> ExitCode:
    from mangaops.bench.measuring.runner import Stopped  # noqa: PLC0415 - not for --help

    match done.ending.stopped:
        case Stopped.INTERRUPTED:
            return ExitCode.INTERRUPTED
        case Stopped.OVER_COST:
            return ExitCode.INCONCLUSIVE
        case Stopped.FAILED:
            return ExitCode.TOOL_FAILED
        case Stopped.DONE:
            return ExitCode.DONE


def _emit(context: AppContext, show: Show, answer: RunAnswer, *, free: bool) -> None:
    from mangaops.render import bench_run as render  # noqa: PLC0415 - not for --help
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    match show.output:
        case Output.JSON:
            context.terminal.emit(to_json(render.run_document(answer)))
        case Output.MARKDOWN:
            context.terminal.emit(render.run_markdown(answer, free=free))
        case Output.TEXT:
            context.terminal.emit(render.run_text(answer, free=free))
