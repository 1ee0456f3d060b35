"""What `bench run`, `bench aa` and `bench watch` share: a plan, carried out, is a stored run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mangaops.bench.measuring.looks import TIMES
from mangaops.bench.runs.sample import CacheMode, Run
from mangaops.cli.bench import agreeing
from mangaops.errors import InputError, Interrupted, MangaopsError

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.bench.measuring.measurement import Measurement
    from mangaops.bench.measuring.runner import Ending
    from mangaops.bench.measuring.workload import Workload
    from mangaops.bench.runs.store import RunStore
    from mangaops.bench.runs.writer import Writer
    from mangaops.cli.context import AppContext
    from mangaops.cli.options import Show
    from mangaops.model.settings import Environment

SANDBOX = "sandbox"
"""The environment whose model costs nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured. Without versions: the active one of each intent.

    `intents` None is all of the workload. `aa` sends one version under both arms. `samples`
    are for each intent and arm; `max_usd` None is no limit; `timeout_s` is for one whole call;
    `seed` None takes a new one. `resume` names a run to go on with: its conditions hold then,
    and its cost counts. `suffix` is what the next command must repeat (`--env prod`),
    `command` the one that was typed.
    `until_decided` looks after `samples`, twice and four times as many, and stops at a verdict.
    """

    workload: Workload
    intents: tuple[str, ...] | None = None
    baseline: str | None = None
    candidate: str | None = None
    aa: bool = False
    samples: int = 100
    warm_up: int = 5
    rate_per_s: float | None = None
    concurrency: int = 4
    max_usd: float | None = None
    timeout_s: float = 60.0
    cache: CacheMode = CacheMode.OFF
    seed: int | None = None
    resume: str | None = None
    suffix: str = ""
    command: str = agreeing.RUN
    until_decided: bool = False

    @property
    def most_samples(self) -> int:
        return self.samples * (TIMES if self.until_decided else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The run as it is stored, and why it ended. `usd` is what all of it has cost."""

    run: Run
    ending: Ending
    usd: float


def measured(
    context: AppContext,
    show: Show,
    environment: Environment,
    plan: Plan,
    store: RunStore,
    *,
    yes: bool = False,
) -> Run:
    """The run, stored and read back; it shows its cost, its progress and nothing else.

    A run that stopped at its `max_usd` is returned as far as it came. Raises Refused where
    the cost was not agreed to (`yes` agrees), Interrupted after Ctrl-C with the command that
    resumes, AwsError where nothing could be measured.
    """
    from mangaops.bench.measuring.runner import Stopped  # noqa: PLC0415 - not for --help

    done = measure(context, show, environment, plan, store, yes=yes)
    if done.ending.stopped is Stopped.INTERRUPTED:
        what = f"interrupted; {len(done.run.samples)} samples are kept in {done.run.header.run}"
        raise Interrupted(what, hint=resume_command(plan, done.run))
    return done.run


def measure(
    context: AppContext,
    show: Show,
    environment: Environment,
    plan: Plan,
    store: RunStore,
    *,
    yes: bool = False,
    shown: Callable[[Measurement], None] = lambda _: None,
) -> Measured:
    """As `measured`, but an interrupted run is an answer. `shown` is called before it starts."""
    agreeing.refuse_read_only(context, plan.command)
    from mangaops.cli.bench.carrying_out import carried_out  # noqa: PLC0415 - not for --help

    with closing(context.aws(environment)) as aws:
        ready, opened = _opened(context, environment, aws, plan, store)
        try:
            _refuse_undecidable(plan, ready)
            shown(ready)
            found = ready.estimate()
            agreeing.refuse_cost(found, plan.max_usd)
            if environment.name != SANDBOX:
                agreeing.agree(
                    context, show, found, max_usd=plan.max_usd, yes=yes, command=plan.command
                )
            writer = opened or store.create(ready.header)
        except BaseException:
            if opened is not None:
                opened.close()
            raise
        with writer:
            ending, usd = carried_out(context, show, environment, aws, plan, ready, writer)
    run = store.read(ready.header.run)
    if ending.error is not None:
        raise _told(ending.error, plan, run)
    return Measured(run=run, ending=ending, usd=usd)


def resume_command(plan: Plan, run: Run) -> str:
    return f"mangaops bench run {plan.workload.file} --resume {run.header.run}{plan.suffix}"


def _refuse_undecidable(plan: Plan, ready: Measurement) -> None:
    if plan.until_decided and len(ready.header.arms) != 2:
        what = "one version alone has no verdict"
        raise InputError(what, where="--until-decided", hint="name the other with --candidate V")


def _opened(
    context: AppContext, environment: Environment, aws: Aws, plan: Plan, store: RunStore
) -> tuple[Measurement, Writer | None]:
    """What will be done; with its writer already where it is the rest of a run."""
    from mangaops.cli.bench.preparing import prepared, resumed  # noqa: PLC0415 - not for --help

    if plan.resume is None:
        name = store.new_name(context.clock(), context.token)
        return prepared(context, environment, aws, plan, run=name), None
    from mangaops.cli.bench.stored import named  # noqa: PLC0415 - as above

    run, writer = store.resume(named(store, plan.resume))
    try:
        return resumed(environment, aws, plan.workload, run), writer
    except BaseException:
        writer.close()
        raise


def _told(error: MangaopsError, plan: Plan, run: Run) -> MangaopsError:
    """The error that every call met, and what is kept nevertheless."""
    if not run.samples:
        return error
    kept = f"{len(run.samples)} samples are kept; to go on: {resume_command(plan, run)}"
    error.hint = f"{error.hint}; {kept}" if error.hint else kept
    return error
