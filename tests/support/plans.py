"""Hand-made plans and changes for the renderers: one of each kind of answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from mangaops.model.change import Change, Outlook, RunStatus, StepOutcome, StepState, Watched
from mangaops.model.plan import LIFETIME, OTHER_THAN, Draft, Plan, Reason, Risk, Step, UndoKind
from mangaops.model.site import Site

NOW = datetime(2026, 11, 21, 11, 31, 20, tzinfo=UTC)
SITE = Site(
    name="prod",
    region="ap-northeast-1",
    account="123456789012",
    caller="arn:aws:sts::123456789012:assumed-role/OnCall/ana",
    protected=True,
)
REASON = Reason(
    text="Cold connections to Bedrock",
    run="r-7f3a",
    runbook="first-token",
    diagnosis="bedrock-cold-connections",
    verdict="confirmed",
    evidence="9b1c" * 16,
)
ENVIRONMENT = Step(
    number=1,
    action="ecs.environment",
    target="mangaassist-prod/orchestrator",
    before={
        "revision": "orchestrator:3",
        "BEDROCK_POOL_SIZE": "5",
        "BEDROCK_KEEPALIVE_INTERVAL": None,
        "OLD": "x",
    },
    after={"BEDROCK_POOL_SIZE": "10", "BEDROCK_KEEPALIVE_INTERVAL": "15", "OLD": None},
    undo=UndoKind.EXACT,
    summary="new task definition revision, then a rolling deployment",
)
RESTART = Step(
    number=2,
    action="ecs.restart",
    target="mangaassist-prod/orchestrator",
    before={"deployment": "ecs-svc/0123456789"},
    after={"deployment": {OTHER_THAN: "ecs-svc/0123456789"}},
    undo=UndoKind.NONE,
    summary="every task is replaced, one after another",
    not_previewed="which host a task will start on",
)
KEYS = Step(
    number=1,
    action="cache.keys",
    target="cache.example:6379",
    before={f"precompute:product:{n}": f"sha256:{n:012x}" for n in range(37)},
    after={f"precompute:product:{n}": None for n in range(37)},
    undo=UndoKind.EXACT,
    summary="37 keys are deleted",
)
SHELL = (
    "aws ecs update-service --cluster mangaassist-prod --service orchestrator "
    "--task-definition orchestrator:4 --region ap-northeast-1"
)
DRAFT = Draft(
    title="Larger pool, shorter keep-alive",
    confirm="orchestrator",
    risk=Risk.SEVERE,
    steps=(ENVIRONMENT, RESTART),
    reach=("4 tasks are replaced", "about 120 open streams are cut off"),
    conflicts=("stack mangaassist sets the same variables: its next deployment reverts this",),
    permissions=("ecs:RegisterTaskDefinition", "ecs:UpdateService", "iam:PassRole"),
    aws_cli=(SHELL,),
    cost_per_hour=1.336,
    notes=("Undo goes back to revision orchestrator:3.",),
)
PLAN = Plan(
    id="p-12ab",
    remedy="set-env",
    arguments="set-env BEDROCK_POOL_SIZE=10 BEDROCK_KEEPALIVE_INTERVAL=15",
    site=SITE,
    reason=REASON,
    made=NOW,
    expires=NOW + LIFETIME,
    draft=DRAFT,
)
MANY = replace(
    PLAN,
    id="p-34cd",
    remedy="invalidate-cache",
    arguments="invalidate-cache --stale",
    site=replace(SITE, protected=False),
    reason=Reason(text=""),
    draft=Draft(title="Delete 37 keys", confirm="stale", risk=Risk.MILD, steps=(KEYS,)),
)


def verified() -> Change:
    return Change(
        run="r-91bc",
        status=RunStatus.VERIFIED,
        plan=PLAN,
        outcomes=(
            StepOutcome(step=ENVIRONMENT, state=StepState.VERIFIED, detail="4 of 4 tasks run"),
            StepOutcome(step=RESTART, state=StepState.SKIPPED),
        ),
        watched=Watched(
            outlook=Outlook.IMPROVED,
            before="first-token p95 2,412 ms (limit 2,000 ms)",
            after="The first-token p95 was not above 2,000 ms for 10m.",
        ),
        undoable=True,
        seconds=41.26,
    )


def partial() -> Change:
    return Change(
        run="r-91bc",
        status=RunStatus.PARTIAL,
        plan=PLAN,
        outcomes=(
            StepOutcome(step=ENVIRONMENT, state=StepState.APPLIED),
            StepOutcome(
                step=RESTART, state=StepState.FAILED, detail="access denied: ecs:UpdateService"
            ),
        ),
        detail="Step 1 of 2 is applied; step 2 failed.",
        undoable=True,
        seconds=3.0,
    )


def interrupted() -> Change:
    return replace(
        partial(),
        interrupted=True,
        outcomes=(
            StepOutcome(step=ENVIRONMENT, state=StepState.APPLIED),
            StepOutcome(step=RESTART, state=StepState.PLANNED),
        ),
        detail="Stopped before step 2.",
    )


def dry_run() -> Change:
    planned = tuple(StepOutcome(step=step, state=StepState.PLANNED) for step in DRAFT.steps)
    return Change(run="", status=RunStatus.DRY_RUN, plan=PLAN, outcomes=planned)


def refused() -> Change:
    return Change(
        run="",
        status=RunStatus.REFUSED,
        plan=PLAN,
        detail='the target changed: BEDROCK_POOL_SIZE is "20" (was "5")',
        hint="mangaops plan set-env BEDROCK_POOL_SIZE=10 BEDROCK_KEEPALIVE_INTERVAL=15",
    )


def nothing_to_do() -> Change:
    return Change(
        run="",
        status=RunStatus.NOTHING_TO_DO,
        plan=None,
        detail="BEDROCK_POOL_SIZE is 10 already.",
        hint="mangaops restart-service",
    )
