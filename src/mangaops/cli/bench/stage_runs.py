"""The runs of a stage: which of them speak for it, and whether for the texts that are in use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mangaops.bench.comparing.sides import sides
from mangaops.bench.guarding.origin import Here, sent
from mangaops.bench.guarding.rollout import Pool, pooled
from mangaops.cli.bench.in_use import table_of
from mangaops.cli.bench.stored import run_of, store_of
from mangaops.errors import AwsError, InputError, nearest

if TYPE_CHECKING:
    from datetime import datetime

    from mangaops.aws.session import Aws
    from mangaops.bench.runs.sample import Run
    from mangaops.cli.bench.staging import Asked
    from mangaops.cli.context import AppContext
    from mangaops.model.settings import Environment


def pool_of(
    context: AppContext,
    environment: Environment,
    here: Here,
    asked: Asked,
    since: datetime | None,
) -> Pool:
    """The named runs, else those stored since the stage began; of this place alone.

    What began before `since`, when the stage's share was set, is no sample of it.
    """
    found = _runs(context, environment, asked, since)
    runs = [one for one in found if since is None or one.header.started_at >= since]
    before = tuple(one.header.run for one in found if one not in runs)
    strangers = {one.header.run: told for one in runs if (told := here.elsewhere(one.header))}
    pool = pooled([one for one in runs if one.header.run not in strangers], asked.intent)
    elsewhere = tuple(f"{run}: {told}" for run, told in strangers.items())
    return replace(pool, elsewhere=elsewhere, before=before)


def _runs(
    context: AppContext, environment: Environment, asked: Asked, since: datetime | None
) -> list[Run]:
    """Oldest first."""
    store = store_of(context, environment, asked.store)
    if asked.runs:
        runs = [run_of(store, one) for one in dict.fromkeys(asked.runs)]
        for run in runs:
            _refuse_stranger(run, asked)
        return sorted(runs, key=lambda run: run.header.started_at)
    length = asked.since or asked.held
    begun = since if length is None else context.clock() - length
    headers = store.headers()
    _refuse_unknown(asked.intent, {one for header in headers.values() for one in header.intents})
    if begun is None:
        return []
    return [
        store.read(name)
        for name, header in headers.items()
        if header.started_at >= begun
        and asked.intent in header.intents
        and asked.candidate in {None, header.arms[-1]}
    ]


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


def other_texts(aws: Aws, environment: Environment, asked: Asked, pool: Pool) -> tuple[str, ...]:
    """Which of the measured texts are not those of the prompt table; unknown is not agreement."""
    if pool.run is None:
        return ()
    both = sides(pool.run, None, baseline=None, candidate=asked.candidate)
    try:
        return table_of(aws, environment, asked.intent).differences(sent(both, asked.intent))
    except AwsError as error:
        return (f"the prompt table cannot be read: {error}",)


def left_out(pool: Pool) -> tuple[str, ...]:
    """In sentences."""
    told = [f"left out, {one}" for one in pool.elsewhere]
    if pool.before:
        told.append(f"begun before this stage, left out: {', '.join(pool.before)}")
    if pool.left_out:
        names = ", ".join(pool.left_out)
        what = "not of the newest run's two versions and conditions"
        told.append(f"{what}, left out: {names}")
    return tuple(told)
