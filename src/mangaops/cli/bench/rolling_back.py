"""The safeguard at work: what a failed comparison does to the prompt that is active.

Free of Typer. The rollback is the remedy rollback-prompt, with its plan, lock, journal,
verification and undo. --auto-rollback is its approval, given beforehand, and stands in the
journal as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType

from mangaops.bench.comparing.comparison import Comparison, Report
from mangaops.bench.guarding.safeguard import (
    Activation,
    End,
    Hold,
    Leave,
    RollBack,
    decision,
    runs_of,
)
from mangaops.cli.bench.measuring import SANDBOX
from mangaops.cli.changes.applying import applied, operator
from mangaops.cli.changes.planning import Wanted, broken_rules, planned
from mangaops.cli.changes.workshop import Workshop, workshop_in
from mangaops.cli.context import AppContext
from mangaops.cli.options import Show, Where
from mangaops.cli.remedies.words import parsed
from mangaops.errors import InputError, Refused
from mangaops.model.change import Approval
from mangaops.model.plan import NothingToDo, Plan, Reason
from mangaops.model.request import RollbackPrompt
from mangaops.model.settings import Environment
from mangaops.remedy.plans.plan_file import digest

HOW = "auto-rollback"


def rolled_back(
    context: AppContext,
    where: Where,
    show: Show,
    environment: Environment,
    report: Report,
    *,
    wanted: bool,
    texts: Mapping[str, str] = MappingProxyType({}),
) -> tuple[End, ...]:
    """Decides about every intent that failed, and rolls back where all holds; one End each.

    `environment` is the one that is open (a sandbox lives as long as it). `wanted` is
    --auto-rollback: without it everything is said and nothing done. `texts` are the digests of
    the candidate's prompts by intent: a version whose text in the table is another one was not
    what was measured. Writes nothing to stdout.
    Raises AwsError where the prompt table cannot be read.
    """
    if not report.failed:
        return ()
    with workshop_in(environment, context, where, show) as shop:
        runs = runs_of(report)
        return tuple(
            _safeguarded(shop, one, runs, wanted=wanted, text=texts.get(one.intent, ""))
            for one in report.failed
        )


def _safeguarded(
    shop: Workshop, comparison: Comparison, runs: tuple[str, ...], *, wanted: bool, text: str
) -> End:
    seen = _measured(shop, activation(shop, comparison.intent), comparison, text)
    leave = Leave(
        environment=shop.environment.name,
        wanted=wanted,
        allowed=_allowed(shop.environment),
        reaction=shop.environment.benchmarks.reaction,
        dry_run=shop.app.read_only,
        forbidden=_forbidden(shop, seen),
    )
    decided = decision(comparison, seen, leave, shop.app.clock(), runs)
    return End(decision=decided) if isinstance(decided, Hold) else _carried_out(shop, decided)


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


def _measured(shop: Workshop, seen: Activation, comparison: Comparison, text: str) -> Activation:
    """As seen, unless the active version's text is not the one that was measured under its name.

    A table without texts says nothing against it.
    """
    if not text or seen.version != comparison.candidate.version:
        return seen
    from mangaops.aws.dynamodb import DynamoGateway  # noqa: PLC0415 - where it is read

    table = shop.environment.resources["prompt_table"]
    active = DynamoGateway(shop.aws).templates_of(table, seen.intent).get(seen.version or "")
    if active is None or sha256(active.encode()).hexdigest() == text:
        return seen
    why = f"the text of {seen.version} in {table} is not the one that was measured"
    return Activation(intent=seen.intent, version=None, why=why)


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
