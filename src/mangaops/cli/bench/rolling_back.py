"""The safeguard at work: what a failed comparison does to the prompt that is active.

Free of Typer. The rollback is the remedy rollback-prompt, with its plan, lock, journal,
verification and undo. --auto-rollback is its approval, given beforehand, and stands in the
journal as such.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TypeAlias

from mangaops.bench.comparing.comparison import Comparison, Report
from mangaops.bench.comparing.sides import Side
from mangaops.bench.guarding.origin import began, elsewhere, sent
from mangaops.bench.guarding.safeguard import (
    Activation,
    End,
    Leave,
    Proof,
    RollBack,
    decision,
    runs_of,
    undecided,
)
from mangaops.cli.bench.in_use import here, table_of
from mangaops.cli.bench.measuring import SANDBOX
from mangaops.cli.changes.applying import applied, operator
from mangaops.cli.changes.planning import Wanted, broken_rules, planned
from mangaops.cli.changes.workshop import Workshop, workshop_in
from mangaops.cli.context import AppContext
from mangaops.cli.options import Show, Where
from mangaops.cli.remedies.words import parsed
from mangaops.errors import ExitCode, InputError, MangaopsError, Refused
from mangaops.model.change import Approval
from mangaops.model.plan import NothingToDo, Plan, Reason
from mangaops.model.request import RollbackPrompt
from mangaops.model.settings import Environment
from mangaops.remedy.plans.plan_file import digest

HOW = "auto-rollback"
Sides: TypeAlias = tuple[Side, Side]
"""Baseline and candidate."""


def rolled_back(
    context: AppContext,
    where: Where,
    show: Show,
    environment: Environment,
    report: Report,
    sides: Sides,
    *,
    wanted: bool,
) -> tuple[End, ...]:
    """Decides about every intent that failed, and rolls back where all holds; one End each.

    `environment` is the one that is open (a sandbox lives as long as it). `sides` are what
    `report` compares: where and with which texts it was measured. `wanted` is --auto-rollback:
    without it everything is said and nothing done. Writes nothing to stdout. What cannot be
    read or written is an End as well: the verdict is known, whatever becomes of the prompt.
    """
    if not report.failed:
        return ()
    try:
        with workshop_in(environment, context, where, show) as shop:
            return tuple(_each(shop, report, sides, wanted=wanted))
    except MangaopsError as error:  # before the first intent: who we are, and where
        return tuple(undecided(one, error) for one in report.failed)


def _each(shop: Workshop, report: Report, sides: Sides, *, wanted: bool) -> Iterator[End]:
    """Ends with the first one that Ctrl-C ended."""
    for one in report.failed:
        try:
            end = _safeguarded(shop, one, runs_of(report), sides, wanted=wanted)
        except MangaopsError as error:
            end = undecided(one, error)
        yield end
        if end.exit_code is ExitCode.INTERRUPTED:
            return


def _safeguarded(
    shop: Workshop, comparison: Comparison, runs: tuple[str, ...], sides: Sides, *, wanted: bool
) -> End:
    seen = activation(shop, comparison.intent)
    leave = Leave(
        environment=shop.environment.name,
        wanted=wanted,
        allowed=_allowed(shop.environment),
        reaction=shop.environment.benchmarks.reaction,
        dry_run=shop.app.read_only,
        forbidden=_forbidden(shop, seen),
    )
    proof = Proof(
        runs=runs,
        began=began(sides),
        elsewhere=elsewhere(sides, here(shop.aws, shop.environment)),
        other_texts=_other_texts(shop, comparison, seen, sides),
    )
    decided = decision(comparison, seen, leave, shop.app.clock(), proof)
    if isinstance(decided, RollBack):
        return _carried_out(shop, decided)
    return End(decision=decided, hint=_measure_here(shop, comparison, proof))


def _other_texts(
    shop: Workshop, comparison: Comparison, seen: Activation, sides: Sides
) -> tuple[str, ...]:
    """Of another version than the active one nothing is taken back, whatever its text is."""
    if seen.version != comparison.candidate.version:
        return ()
    table = table_of(shop.aws, shop.environment, comparison.intent)
    return table.differences(sent(sides, comparison.intent))


def _measure_here(shop: Workshop, comparison: Comparison, proof: Proof) -> str:
    """What would be a proof, where the runs are none."""
    if not (proof.elsewhere or proof.other_texts):
        return ""
    versions = (comparison.baseline.version, comparison.candidate.version)
    words = ("--intent", comparison.intent, "--baseline", versions[0], "--candidate", versions[1])
    line = f"mangaops bench run WORKLOAD {shlex.join(words)}{shop.suffix}"
    return f"measure what is there: {line}"


def _allowed(environment: Environment) -> bool:
    """The sandbox has no configuration of its own, and nothing to lose."""
    return environment.benchmarks.auto_rollback or environment.name == SANDBOX


def activation(shop: Workshop, intent: str) -> Activation:
    """What is active, and what rollback-prompt would put back."""
    from mangaops.aws.dynamodb_changes import DynamoChanges  # noqa: PLC0415 - where it is read
    from mangaops.remedy.actions.prompts.choice import chosen  # noqa: PLC0415 - as above

    prompts, table = DynamoChanges(shop.aws), shop.environment.resources["prompt_table"]
    found = prompts.versions_of(table, intent).versions
    active = [one for one in found if one.active]
    before, why = None, ""
    try:
        choice = chosen(RollbackPrompt(intent=intent), prompts, table, shop.app.clock())
        before = choice.then.version
    except (InputError, Refused) as error:
        why = error.what
    if len(active) != 1:
        return Activation(intent=intent, version=None, why=why)
    return Activation(
        intent=intent,
        version=active[0].version,
        activated_at=active[0].activated_at,
        before=before,
        why=why,
    )


def _forbidden(shop: Workshop, seen: Activation) -> tuple[str, ...]:
    """The guardrails that a rollback would break now; none is known where none can be planned."""
    if seen.before is None:
        return ()
    try:
        plan = _plan(shop, RollBack(intent=seen.intent, now="", then=seen.before, reason=""))
    except Refused as refusal:
        return (refusal.what,)
    if isinstance(plan, NothingToDo):
        return ()
    return tuple(f"guardrail {one.rule}: {one.what}" for one in broken_rules(shop, plan))


def _plan(shop: Workshop, decided: RollBack) -> Plan | NothingToDo:
    asked = parsed(("rollback-prompt", decided.intent, "--to", decided.then))
    return planned(shop, Wanted(asked=asked, reason=Reason(text=decided.reason)))


def _carried_out(shop: Workshop, decided: RollBack) -> End:
    try:
        plan = _plan(shop, decided)
        if isinstance(plan, NothingToDo):
            return End(decision=decided, refused=plan.reason, hint=plan.hint)
        found = plan.steps[0].before.get("active")
        if found != decided.now:  # another version was activated since it was decided
            told = f"{found} is active by now, and {decided.now} was measured"
            return End(decision=decided, refused=told)
        approval = Approval(
            digest=digest(plan), operator=operator(shop), at=shop.app.clock(), how=HOW
        )
        return End(decision=decided, change=applied(shop, plan, approval))
    except Refused as refusal:
        return End(decision=decided, refused=str(refusal), hint=refusal.hint)
    except MangaopsError as error:  # while nothing was written: from then on it is a Change
        stopped = error.exit_code is ExitCode.INTERRUPTED
        return End(decision=decided, failed=str(error), interrupted=stopped, hint=error.hint)
