"""Wiring of a command that may change something: one environment, its account, its remedies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from mangaops.aws.session import Aws
from mangaops.cli.changes.gateways import Remedies
from mangaops.cli.context import AppContext, environment_of
from mangaops.cli.options import Show, Where
from mangaops.cli.reading import refuse_other_account
from mangaops.model.settings import Environment
from mangaops.model.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What planning and applying need of the surroundings."""

    app: AppContext
    where: Where
    show: Show
    environment: Environment
    aws: Aws
    site: Site
    remedies: Remedies

    @property
    def suffix(self) -> str:
        """What the next command must repeat to change the same place."""
        return self.where.suffix

    def note(self, line: str) -> None:
        self.app.note(self.show, line)


@contextmanager
def workshop(app: AppContext, where: Where, show: Show) -> Iterator[Workshop]:
    """Raises AwsError when it cannot be learned which account this is."""
    with (
        environment_of(where, app) as configured,
        workshop_in(configured, app, where, show) as shop,
    ):
        yield shop
    if where.sandbox is not None:
        start = f"mangaops sandbox start --scenario {where.sandbox} --detach"
        app.note(show, "note: this embedded AWS ended with the command; for one that stays:")
        app.note(show, f"      {start}, then --env sandbox")


@contextmanager
def workshop_in(
    configured: Environment, app: AppContext, where: Where, show: Show
) -> Iterator[Workshop]:
    """In an environment that is there already: a second sandbox would be another world."""
    with ExitStack() as closing:
        aws = app.aws(configured)
        closing.callback(aws.close)
        environment = replace(configured, region=aws.region)  # for lines to paste elsewhere
        yield Workshop(
            app=app,
            where=where,
            show=show,
            environment=environment,
            aws=aws,
            site=_site(aws, environment),
            remedies=Remedies(aws, environment, app, closing),
        )


def _site(aws: Aws, environment: Environment) -> Site:
    identity = aws.identity()
    site = Site(
        name=environment.name,
        region=aws.region,
        account=identity.account,
        caller=identity.arn,
        protected=environment.protected,
    )
    refuse_other_account(environment, site)
    return site
