"""Wiring, second half: the readers of every kind of evidence over one way into AWS.

Imported only by commands that read; botocore itself comes with the first client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

from mangaops.aws.cloudwatch import CloudWatch
from mangaops.aws.session import Aws
from mangaops.cli.context import AppContext
from mangaops.cli.options import Budget
from mangaops.cli.window import deadline_of
from mangaops.errors import AwsCredentials, MangaopsError
from mangaops.evidence.budget import ScanBudget
from mangaops.evidence.collect import Collector
from mangaops.evidence.progress import Progress
from mangaops.evidence.readers import Readers
from mangaops.evidence.source import Reader
from mangaops.evidence.sources.metrics import MetricReader
from mangaops.model.settings import Environment
from mangaops.model.site import Site

WAIT_FOR_CALLER = 3.0
"""Seconds that an answer waits for sts:GetCallerIdentity, when all else is there."""


class Visitor:
    """Learns whose credentials these are, beside the reading of evidence.

    `remaining` tells how many seconds are left until the command's deadline.
    """

    def __init__(
        self, aws: Aws, environment: Environment, *, remaining: Callable[[], float]
    ) -> None:
        self._aws = aws
        self._remaining = remaining
        self._environment = environment
        self._site = Site(name=environment.name, region=aws.region, protected=environment.protected)
        self._known = Event()

    def ask(self) -> None:
        """One call; a refusal leaves account and caller unknown."""
        if self._known.is_set():
            return
        try:
            identity = self._aws.identity()
            self._site = replace(self._site, account=identity.account, caller=identity.arn)
        except MangaopsError:
            return
        finally:
            self._known.set()

    def site(self, *, hurry: bool = False) -> Site:
        """What was learned; raises AwsCredentials when it is another account than configured.

        In a hurry (Ctrl-C), or once the deadline has passed, nothing is waited for.
        """
        self._known.wait(0 if hurry else min(WAIT_FOR_CALLER, max(0.0, self._remaining())))
        refuse_other_account(self._environment, self._site)
        return self._site


def refuse_other_account(environment: Environment, site: Site) -> None:
    """Raises AwsCredentials when the credentials are of another account than configured."""
    wanted, found = environment.account, site.account
    if wanted and found and wanted != found:
        raise AwsCredentials(
            f"environment `{environment.name}` is account {wanted}, and these "
            f"credentials are of {found}",
            where=site.caller,
            hint="set AWS_PROFILE or --profile to one of that account",
        )


@contextmanager
def reading(
    environment: Environment,
    budget: Budget,
    app: AppContext,
    tell: Callable[[Progress], None],
    *,
    aws: Aws | None = None,
) -> Iterator[tuple[Collector, Visitor]]:
    """The collector of one command, and the visitor to send along with it.

    `aws` is a way in that is open already.
    """
    deadline = deadline_of(budget)
    way = aws or app.aws(environment)

    def make(scan: ScanBudget) -> Mapping[str, Reader]:
        from mangaops.cli.readers import readers  # noqa: PLC0415 - while the metrics are on their way

        return readers(way, scan, app)

    with collecting(way, budget, app, tell, make) as collector:
        until = app.monotonic() + deadline
        yield collector, Visitor(way, environment, remaining=lambda: until - app.monotonic())


@contextmanager
def collecting(
    aws: Aws,
    budget: Budget,
    app: AppContext,
    tell: Callable[[Progress], None],
    make: Callable[[ScanBudget], Mapping[str, Reader]],
) -> Iterator[Collector]:
    """A collector; `make` gives the readers of what is no metric, once metrics are on their way."""
    deadline, scan = deadline_of(budget), ScanBudget(budget.max_scan_gb)
    collector = Collector(
        Readers(
            batch=MetricReader(CloudWatch(aws), wall=app.clock),
            make=lambda: make(scan),
        ),
        budget=scan,
        calls=aws.calls,
        tell=tell,
        deadline=deadline,
        log_price_per_gb=aws.environment.log_price_per_gb,
        clock=app.monotonic,
    )
    with collector:
        yield collector
