"""From a plan and an environment to a measurement: prompts and models are looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mangaops import __version__
from mangaops.bench.measuring.measurement import (
    Measurement,
    labels,
    refuse_changed,
    resolved_models,
)
from mangaops.bench.measuring.prompts import Prompts
from mangaops.bench.runs.sample import RunHeader
from mangaops.cli.model_client import id_of
from mangaops.errors import InputError

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.bench.measuring.prompts import Prompt
    from mangaops.bench.measuring.workload import Workload
    from mangaops.bench.runs.sample import Run
    from mangaops.cli.bench.measuring import Plan
    from mangaops.cli.context import AppContext
    from mangaops.model.settings import Environment

CLIENT = f"mangaops/{__version__} converse-stream"
_SEEDS = 2**31


def prepared(
    context: AppContext, environment: Environment, aws: Aws, plan: Plan, *, run: str
) -> Measurement:
    """A new run of this name. Reads AWS; raises InputError for a prompt that is not there."""
    versions = _versions(plan)
    prompts = {
        name: _prompts(environment, aws).of(load, versions)
        for name, load in plan.workload.intents.items()
        if plan.intents is None or name in plan.intents
    }
    if not plan.aa:
        _refuse_same(prompts)
    header = RunHeader(
        run=run,
        started_at=context.clock(),
        arms=labels(prompts),
        prompts={name: tuple(one.used for one in each) for name, each in prompts.items()},
        environment=environment.name,
        region=aws.region,
        workload=plan.workload.name,
        seed=context.rng.randrange(_SEEDS) if plan.seed is None else plan.seed,
        samples_per_arm=plan.most_samples,
        warm_up=plan.warm_up,
        concurrency=plan.concurrency,
        rate_per_s=plan.rate_per_s,
        cache=plan.cache,
        client=CLIENT,
    )
    return _measurement(environment, aws, plan.workload, header, prompts)


def resumed(environment: Environment, aws: Aws, workload: Workload, run: Run) -> Measurement:
    """The rest of a run. Raises InputError where its prompts or conditions are not as they were."""
    header = run.header
    if missing := [name for name in header.intents if name not in workload.intents]:
        what = f"the workload has no {', '.join(missing)}, which the run measures"
        raise InputError(what, where=f"--resume {header.run}", hint="name the run's own workload")
    if header.region != aws.region:
        what = f"the run was started in {header.region}, not in {aws.region}"
        hint = f"--region {header.region}"
        raise InputError(what, where=f"--resume {header.run}", hint=hint)
    reader = _prompts(environment, aws)
    prompts = {
        name: reader.of(workload.intents[name], [one.version for one in used])
        for name, used in header.prompts.items()
    }
    made = _measurement(environment, aws, workload, header, prompts)
    refuse_changed(run, made)
    return replace(made, before=run)


def _measurement(
    environment: Environment,
    aws: Aws,
    workload: Workload,
    header: RunHeader,
    prompts: Mapping[str, tuple[Prompt, ...]],
) -> Measurement:
    return Measurement(
        header=header,
        workload=workload,
        prompts=prompts,
        models=resolved_models(
            [workload.intents[name] for name in prompts],
            lambda name: _model(environment, aws, name),
        ),
        prices=environment.benchmarks.prices,
    )


def _versions(plan: Plan) -> tuple[str | None, ...]:
    """The version of each arm; None is the active one."""
    if plan.aa:
        return (plan.baseline, plan.baseline)
    if plan.candidate is not None:
        return (plan.baseline, plan.candidate)
    return (plan.baseline,)


def _refuse_same(prompts: Mapping[str, tuple[Prompt, ...]]) -> None:
    """A version against itself is what --aa is for: by chance one of them looks slower."""
    for intent, arms in prompts.items():
        if len(arms) == 2 and arms[0].version == arms[1].version:
            raise InputError(
                f"{arms[1].version} is the active version of {intent} already",
                where="--candidate",
                hint="--baseline V names another one; --aa measures one against itself",
            )


def _prompts(environment: Environment, aws: Aws) -> Prompts:
    from mangaops.aws.dynamodb import DynamoGateway  # noqa: PLC0415 - not for --help

    return Prompts(reader=DynamoGateway(aws), table=environment.resources["prompt_table"])


def _model(environment: Environment, aws: Aws, name: str) -> str:
    hint = f"write the model's id into the workload instead of `{name}`"
    return id_of(environment, aws, name, hint=hint)
