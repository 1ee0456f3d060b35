"""`mangaops init`: asks AWS what there is, and proposes a configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import embedded
from mangaops.cli.command import command
from mangaops.cli.context import CONFIGURATION, AppContext, environment_of, of
from mangaops.cli.new_file import refuse_existing, write_new
from mangaops.cli.options import Output, Show, Where
from mangaops.cli.progress import one_line
from mangaops.cli.reading import refuse_other_account
from mangaops.cli.regions import region_from
from mangaops.errors import AwsCredentials, AwsError, ExitCode, InputError, MangaopsError, nearest
from mangaops.model.evidence import JSON
from mangaops.model.site import Site
from mangaops.render.json_text import to_json

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.model.settings import Environment
    from mangaops.readiness.discovery.matching import Match
    from mangaops.readiness.discovery.proposal import Proposal
    from mangaops.readiness.discovery.search import Choice, Choose
    from mangaops.readiness.discovery.wanted import Wanted

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MOST_CHOICES = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """What to propose, and what to do with it."""

    file: Annotated[Path, typer.Option("--file", metavar="FILE", help="Where to write it.")] = Path(
        CONFIGURATION
    )
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="What to call the environment.")
    ] = "prod"
    use: Annotated[
        list[str] | None,
        typer.Option("--use", metavar="NAME=VALUE", help="A name that you know; repeatable."),
    ] = None
    yes: Annotated[bool, typer.Option("--yes", help="Write it without asking.")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print it, write nothing.")] = False


@command(
    app,
    examples=(
        "mangaops init",
        "mangaops init --yes --use cluster=chat-prod --use service=api",
        "mangaops init --name staging --file new.yaml --dry-run",
    ),
)
def init(
    ctx: typer.Context,
    where: Where,
    show: Show,
    how: Proposing,
) -> None:
    """Propose a configuration from what AWS has.

    The proposal is a commented mangaops.yaml. Only lists are read. What may not be asked is
    said in the file, and its default holds. A file that is there is never overwritten. On a
    terminal it asks where several fit. Exit codes: 0 written, or printed by --dry-run; 2 the
    file is there; 5 nobody said yes.
    """
    context = of(ctx)
    only_print = how.dry_run or context.read_only
    given = _given(how.use or [])
    if how.name == embedded.NAME:
        what = f'no environment can be called "{how.name}": that is the embedded AWS'
        raise InputError(what, where="--name", hint="give it another name")
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", how.name):
        what = f'"{how.name}" is no name of an environment'
        raise InputError(what, where="--name", hint="letters, digits, `-`, `_` and `.`")
    if not only_print:
        _must_be_free(how.file)
    with environment_of(where, context) as environment:
        aws = context.aws(environment)
        try:
            asks = context.terminal.interactive and not (show.no_input or how.yes or how.dry_run)
            proposal = _proposed(context, where, show, aws, name=how.name, given=given, asks=asks)
        finally:
            aws.close()
    _offer(context, show, proposal, how.file, yes=how.yes, only_print=only_print)


def _given(pairs: Sequence[str]) -> dict[str, str]:
    from mangaops.readiness.discovery.wanted import WANTED  # noqa: PLC0415 - not for --help

    given = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not value:
            what = f"`{pair}` is not NAME=VALUE"
            raise InputError(what, where="--use", hint="for example --use cluster=chat-prod")
        if key not in WANTED:
            hint = nearest(key, WANTED) or f"names: {', '.join(WANTED)}"
            raise InputError(f"no resource is named `{key}`", where="--use", hint=hint)
        given[key] = value
    return given


def _must_be_free(file: Path) -> None:
    refuse_existing(file, hint="--file OTHER writes another one")
    if not file.parent.is_dir():
        raise InputError("there is no such folder", where=str(file.parent), hint="--file OTHER")


def _proposed(
    context: AppContext,
    where: Where,
    show: Show,
    aws: Aws,
    *,
    name: str,
    given: Mapping[str, str],
    asks: bool,
) -> Proposal:
    from mangaops.aws.discovery import DiscoveryGateway  # noqa: PLC0415 - not for --help
    from mangaops.readiness.discovery.proposal import Proposal  # noqa: PLC0415 - so
    from mangaops.readiness.discovery.search import Search  # noqa: PLC0415 - so

    environment = aws.environment
    site, unknown = _site(aws)
    refuse_other_account(environment, site)

    with one_line(context, show) as tell:
        choose = _chooser(context, tell, asks=asks)
        search = Search(DiscoveryGateway(aws), given=given, choose=choose, tell=tell)
        choices = search.run()
    if unknown and not search.heard:
        raise unknown
    return Proposal(
        environment=name,
        region=aws.region,
        account=site.account,
        caller=site.caller,
        region_from=region_from(where, aws),
        stranger=f"{unknown.where}: {unknown.what}" if unknown else "",
        choices=choices,
        profiles=search.profiles(),
        profile=environment.profile,
        endpoint_url=_endpoint(where, environment),
    )


def _endpoint(where: Where, environment: Environment) -> str | None:
    """A sandbox's own is gone with it."""
    in_sandbox = where.env == embedded.NAME or where.sandbox is not None
    return None if in_sandbox else environment.endpoint_url


def _site(aws: Aws) -> tuple[Site, AwsError | None]:
    """Without an account where STS does not tell it; raises AwsCredentials."""
    site = Site(name=aws.environment.name, region=aws.region)
    try:
        identity = aws.identity()
    except AwsCredentials:
        raise
    except AwsError as error:
        return site, error
    return replace(site, account=identity.account, caller=identity.arn), None


def _chooser(context: AppContext, tell: Callable[[str], None], *, asks: bool) -> Choose:
    """Asks a person, on a line of its own, where `asks`; else takes the first."""

    def choose(wanted: Wanted, matches: Sequence[Match]) -> str:
        if not asks:
            return ""
        tell("")
        return _asked(context, wanted, matches)

    return choose


def _asked(context: AppContext, wanted: Wanted, matches: Sequence[Match]) -> str:
    """Which one a person means; nothing typed is the first, or none when none fits."""
    told = {_told(one): one.name for one in matches[:_MOST_CHOICES]}
    first = f"Enter: {matches[0].name}" if matches[0].score else "Enter: none of them"
    question = f"Which is the {wanted.name.replace('_', ' ')}? ({first})"
    return told.get(context.terminal.ask(question, list(told)), "")


def _told(match: Match) -> str:
    more = "; ".join(part for part in (match.about, match.reason) if part)
    return f"{match.name}  ({more})" if more else match.name


def _offer(
    context: AppContext,
    show: Show,
    proposal: Proposal,
    file: Path,
    *,
    yes: bool,
    only_print: bool,
) -> None:
    """Writes the proposal when somebody says yes, and else prints it."""
    from mangaops.readiness.discovery.proposal import to_yaml  # noqa: PLC0415 - not for --help

    text = to_yaml(proposal)
    terminal = context.terminal
    may_ask = terminal.interactive and not show.no_input
    agreed = yes
    if not only_print and not yes and may_ask:
        terminal.say(text)
        agreed = terminal.line(f"write {file}? [y/N] ").lower() in {"y", "yes"}
    written = agreed and not only_print
    if written:
        _write(file, text)
    if show.output is Output.JSON:
        terminal.emit(to_json(_document(proposal, file, text, written=written)))
    elif not written and (only_print or not may_ask):
        terminal.emit(text)
    if written:
        terminal.say(f"{file} is written")
        suffix = "" if str(file) == CONFIGURATION else f" --config {file}"
        terminal.say(f"next: mangaops doctor{suffix}")
    elif not only_print:
        terminal.say(f"nothing was written: --yes writes {file}, --dry-run only prints it")
        raise typer.Exit(ExitCode.REFUSED)


def _write(file: Path, text: str) -> None:
    try:
        write_new(file, text.encode())
    except FileExistsError:
        _must_be_free(file)
    except OSError as error:
        what = f"the configuration cannot be written: {error.strerror}"
        hint = "--file OTHER writes it elsewhere"
        raise MangaopsError(what, where=str(file), hint=hint) from error


def _document(proposal: Proposal, file: Path, text: str, *, written: bool) -> dict[str, JSON]:
    return {
        "schema": "mangaops.init/1",
        "file": str(file),
        "written": written,
        "region": proposal.region,
        "region_from": proposal.region_from.value,
        "account": proposal.account or None,
        "names": [_choice(one) for one in proposal.choices.values()],
        "text": text,
    }


def _choice(choice: Choice) -> dict[str, JSON]:
    return {
        "name": choice.name,
        "state": choice.state.value,
        "value": choice.value or None,
        "reason": choice.reason,
        "clear": choice.clear,
        "others": list(choice.others),
    }
