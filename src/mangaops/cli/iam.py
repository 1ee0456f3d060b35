"""`mangaops iam diagnose|remedy|bench|probe|init|doctor`: policies for what is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, environment_of, library_of, loaded_runbook, of
from mangaops.cli.group import HelpfulGroup
from mangaops.cli.options import Output, Show, SomeRunbooks, Where
from mangaops.errors import InputError, MangaopsError, nearest
from mangaops.model.evidence import JSON
from mangaops.model.request import REMEDIES
from mangaops.render.json_text import to_json

if TYPE_CHECKING:
    from mangaops.model.runbook import Runbook
    from mangaops.model.settings import Environment
    from mangaops.readiness.policies.actions import Place
    from mangaops.readiness.policies.needs import Need

app = typer.Typer(
    cls=HelpfulGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog="mangaops iam diagnose first-token\nmangaops iam diagnose --all > diagnose.json\n"
    "mangaops iam remedy scale-out set-env",
    help="Print least-privilege policies for reads and remedies.\n\n"
    "Also for bench, probe, init and doctor. Computed from what each declares to call, with "
    "the names, the region and the account of the environment.",
)

AllOption = Annotated[bool, typer.Option("--all", help="For all of them.")]
AccountOption = Annotated[
    str | None,
    typer.Option(
        "--account", metavar="ID", help="The account in the ARNs; else the configured, else ours."
    ),
]
_ACCOUNT = re.compile(r"\d{12}")


@command(
    app,
    examples=(
        "mangaops iam diagnose first-token",
        "mangaops iam diagnose --all > diagnose.json",
        "mangaops iam diagnose rag-timeout --env prod --account 123456789012",
    ),
)
def diagnose(
    ctx: typer.Context,
    where: Where,
    show: Show,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUNBOOK", autocompletion=completion.runbooks, help="Names or files."
        ),
    ] = None,
    every: AllOption = False,
    account: AccountOption = None,
) -> None:
    """Print the policy that these runbooks need.

    All of it reads. What is missing is reported as missing evidence, not as an error.
    """
    context = of(ctx)
    known = library_of(where, context).names()
    chosen = _chosen(names, every, known, "RUNBOOK")
    from mangaops.readiness.policies.needs import of_runbook  # noqa: PLC0415 - lazy

    with environment_of(where, context) as environment:
        bound = _bound(chosen, where, context, environment)
        needs = [need for one in bound for need in of_runbook(one)]
        _tell(context, show, environment, needs, account=account, cache=_reads_cache(bound))


@command(
    app,
    examples=(
        "mangaops iam remedy scale-out",
        "mangaops iam remedy set-env restart-service > deploy.json",
        "mangaops iam remedy --all --env prod",
    ),
)
def remedy(
    ctx: typer.Context,
    where: Where,
    show: Show,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="REMEDY", autocompletion=completion.remedies, help="Their names."),
    ] = None,
    every: AllOption = False,
    account: AccountOption = None,
) -> None:
    """Print the policy that these remedies need.

    For planning, applying, verifying and undoing them.
    """
    context = of(ctx)
    chosen = _chosen(names, every, REMEDIES, "REMEDY")
    for name in chosen:
        if name not in REMEDIES:
            hint = nearest(name, REMEDIES) or f"remedies: {', '.join(REMEDIES)}"
            raise InputError(f"no remedy is named `{name}`", where="REMEDY", hint=hint)
    with environment_of(where, context) as environment:
        needs = _needs_of_remedies(context, environment, chosen)
        cache = "invalidate-cache" in chosen
        _tell(context, show, environment, needs, account=account, cache=cache, changing=True)


@command(
    app,
    examples=(
        "mangaops iam bench",
        "mangaops iam bench --env staging --account 123456789012 > bench.json",
        "mangaops iam bench --region eu-west-1 --output markdown",
    ),
)
def bench(ctx: typer.Context, where: Where, show: Show, account: AccountOption = None) -> None:
    """Print the policy that `mangaops bench` needs.

    For measuring prompts and for the store of runs, where it is in S3. Taking a prompt back
    needs what `mangaops iam remedy rollback-prompt` prints besides.
    """
    from mangaops.readiness.policies.needs import of_bench  # noqa: PLC0415 - lazy

    context = of(ctx)
    with environment_of(where, context) as environment:
        _tell(context, show, environment, of_bench(environment), account=account, cache=False)


@command(
    app,
    examples=(
        "mangaops iam probe",
        "mangaops iam probe --env staging --account 123456789012 > probe.json",
        "mangaops iam probe --region eu-west-1 --output markdown",
    ),
)
def probe(ctx: typer.Context, where: Where, show: Show, account: AccountOption = None) -> None:
    """Print the policy that `mangaops probe` needs.

    For calling the models of all intents, in every region that their routes and inference
    profiles lead to.
    """
    from mangaops.cli.model_client import every_target  # noqa: PLC0415 - lazy
    from mangaops.readiness.policies.needs import of_probe  # noqa: PLC0415 - lazy

    context = of(ctx)
    with environment_of(where, context) as environment:
        needs = of_probe(environment, every_target(environment))
        _tell(context, show, environment, needs, account=account, cache=False)


@command(
    app,
    examples=(
        "mangaops iam init",
        "mangaops iam init --account 123456789012 > init.json",
        "mangaops iam init --region eu-west-1 --output markdown",
    ),
)
def init(ctx: typer.Context, where: Where, show: Show, account: AccountOption = None) -> None:
    """Print the policy that `mangaops init` needs.

    It only lists. What init may not ask is said in its file.
    """
    from mangaops.readiness.discovery.calls import needs_of_init  # noqa: PLC0415 - lazy

    context = of(ctx)
    with environment_of(where, context) as environment:
        _tell(context, show, environment, needs_of_init(), account=account, cache=False)


@command(
    app,
    examples=(
        "mangaops iam doctor",
        "mangaops iam doctor first-token rag-timeout",
        "mangaops iam doctor --env prod --account 123456789012 > doctor.json",
    ),
)
def doctor(
    ctx: typer.Context,
    where: Where,
    show: Show,
    names: SomeRunbooks = None,
    account: AccountOption = None,
) -> None:
    """Print the policy that `mangaops doctor` needs.

    What the runbooks read, and what is asked about the writes of their remedies. What
    doctor may not ask it calls denied, or not known.
    """
    from mangaops.cli.doctoring_targets import recommended  # noqa: PLC0415 - lazy
    from mangaops.readiness.doctor.calls import needs_of_doctor  # noqa: PLC0415 - lazy

    context = of(ctx)
    chosen = names or library_of(where, context).names()
    with environment_of(where, context) as environment:
        bound = _bound(chosen, where, context, environment)
        targets = [one for each in recommended(bound, environment).values() for one in each]
        needs = needs_of_doctor(bound, targets, environment)
        _tell(context, show, environment, needs, account=account, cache=_reads_cache(bound))


def _bound(
    names: Iterable[str], where: Where, context: AppContext, environment: Environment
) -> list[Runbook]:
    from mangaops.runbook.bind import bind  # noqa: PLC0415 - pydantic

    return [bind(loaded_runbook(one, where, context), environment, {}) for one in names]


def _reads_cache(bound: Iterable[Runbook]) -> bool:
    return any(item.kind == "cached_answers" for one in bound for item in one.evidence.values())


def _chosen(given: list[str] | None, every: bool, known: Sequence[str], kind: str) -> Sequence[str]:
    if given and every:
        raise InputError(f"--all conflicts with a {kind}", where="--all", hint="give one of them")
    if not given and not every:
        what = f"for which {kind.lower()}?"
        raise InputError(what, where=kind, hint=f"--all, or one of: {', '.join(known)}")
    return list(dict.fromkeys(given)) if given else known


def _needs_of_remedies(
    context: AppContext, environment: Environment, names: Sequence[str]
) -> list[Need]:
    """Nothing is asked of AWS: a remedy is made to read what its class declares."""
    from mangaops.cli.changes.gateways import Remedies  # noqa: PLC0415 - only what is asked for
    from mangaops.readiness.policies.needs import of_remedy  # noqa: PLC0415 - lazy

    with ExitStack() as closing:
        offline = replace(environment, cache_url=None)
        parts = Remedies(context.aws(offline), offline, context, closing)
        made = {name: parts.of(name) for name in names}
    return [
        need
        for name, one in made.items()
        for need in of_remedy(name, (*one.reads, *one.writes), environment)
    ]


def _tell(
    context: AppContext,
    show: Show,
    environment: Environment,
    needs: Iterable[Need],
    *,
    account: str | None,
    cache: bool,
    changing: bool = False,
) -> None:
    """The policy on stdout, what it cannot say on stderr."""
    from mangaops.readiness.policies.document import document_of, size_of, statements_of  # noqa: PLC0415 - lazy
    from mangaops.readiness.policies.notes import notes_of  # noqa: PLC0415 - lazy

    place = _place(context, environment, account)
    statements = statements_of(needs, place)
    policy = document_of(statements)
    size = size_of(policy)
    lock_table = (environment.lock_table or "") if changing else None
    notes = list(
        notes_of(statements, account=place.account, size=size, cache=cache, lock_table=lock_table)
    )
    match show.output:
        case Output.TEXT:
            context.terminal.emit(to_json(policy))
            for note in notes:
                context.note(show, f"note: {note}")
        case Output.MARKDOWN:
            told = "".join(f"- {note}\n" for note in notes)
            context.terminal.emit(f"```json\n{to_json(policy)}```\n\n{told}")
        case Output.JSON:
            schema = "mangaops.policy/1"
            document: dict[str, JSON] = {"schema": schema, "policy": policy}
            document |= {"characters": size, "notes": notes}
            context.terminal.emit(to_json(document))


def _place(context: AppContext, environment: Environment, account: str | None) -> Place:
    from mangaops.readiness.policies import actions  # noqa: PLC0415 - lazy
    from mangaops.readiness.policies.notes import PLACEHOLDER  # noqa: PLC0415 - lazy

    if account is not None and not _ACCOUNT.fullmatch(account):
        what = f"`{account}` is no account id"
        raise InputError(what, where="--account", hint="twelve digits, such as 123456789012")
    aws = context.aws(environment)
    try:
        known = account or environment.account or aws.identity().account
    except MangaopsError:
        known = PLACEHOLDER
    finally:
        aws.close()
    return actions.Place(region=aws.region, account=known)
