"""Wiring, second half: the readers of every kind of evidence over one way into AWS.

Imported only by commands that read; botocore itself comes with the first client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

from mangaops.aws.autoscaling import AutoScalingGateway
from mangaops.aws.bedrock import BedrockGateway
from mangaops.aws.cache import CacheGateway
from mangaops.aws.cloudtrail import CloudTrailGateway
from mangaops.aws.cloudwatch import CloudWatch
from mangaops.aws.dynamodb import DynamoGateway
from mangaops.aws.ecs import EcsGateway
from mangaops.aws.health import HealthGateway
from mangaops.aws.lambda_ import LambdaGateway
from mangaops.aws.logs import Logs
from mangaops.aws.opensearch import SearchDataPlane, SearchGateway
from mangaops.aws.s3 import S3Gateway
from mangaops.aws.session import Aws
from mangaops.aws.ssm import SsmGateway
from mangaops.cli.context import AppContext
from mangaops.cli.options import Budget
from mangaops.cli.window import duration
from mangaops.errors import AwsCredentials, InputError, MangaopsError
from mangaops.evidence.budget import ScanBudget
from mangaops.evidence.collect import Collector
from mangaops.evidence.progress import Progress
from mangaops.evidence.readers import Readers
from mangaops.evidence.source import Reader
from mangaops.evidence.sources.audit_trail import AuditTrailReader
from mangaops.evidence.sources.bench_runs import BenchRunsReader
from mangaops.evidence.sources.cached_answers import CachedAnswersReader
from mangaops.evidence.sources.ecs_environment import EcsEnvironmentReader
from mangaops.evidence.sources.ecs_service import EcsServiceReader
from mangaops.evidence.sources.ecs_stopped_tasks import EcsStoppedTasksReader
from mangaops.evidence.sources.event_source import EventSourceReader
from mangaops.evidence.sources.health_events import HealthEventsReader
from mangaops.evidence.sources.index_settings import IndexSettingsReader
from mangaops.evidence.sources.inventory import InventoryReader
from mangaops.evidence.sources.logs import LogReader
from mangaops.evidence.sources.metrics import MetricReader
from mangaops.evidence.sources.model_lifecycle import ModelLifecycleReader
from mangaops.evidence.sources.parameter import ParameterReader
from mangaops.evidence.sources.prompt_versions import PromptVersionsReader
from mangaops.evidence.sources.recent_changes import RecentChangesReader
from mangaops.evidence.sources.scaling_target import ScalingTargetReader
from mangaops.evidence.sources.search_capacity import SearchCapacityReader
from mangaops.evidence.sources.table_stream import TableStreamReader
from mangaops.model.settings import Environment
from mangaops.render.case import Site

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
        wanted, found = self._environment.account, self._site.account
        if wanted and found and wanted != found:
            raise AwsCredentials(
                f"environment `{self._environment.name}` is account {wanted}, and these "
                f"credentials are of {found}",
                where=self._site.caller,
                hint="set AWS_PROFILE or --profile to one of that account",
            )
        return self._site


@contextmanager
def reading(
    environment: Environment,
    budget: Budget,
    app: AppContext,
    tell: Callable[[Progress], None],
) -> Iterator[tuple[Collector, Visitor]]:
    """The collector of one command, and the visitor to send along with it."""
    if not budget.max_scan_gb >= 0:  # that is also said of "not a number"
        what = "--max-scan-gb must not be negative"
        raise InputError(what, where="--max-scan-gb", hint="0 reads no logs")
    deadline = duration("--deadline", budget.deadline).total_seconds()
    aws = Aws(environment, environ=app.environ, clock=app.monotonic)
    scan = ScanBudget(budget.max_scan_gb)
    collector = Collector(
        Readers(
            batch=MetricReader(CloudWatch(aws), wall=app.clock),
            by_kind=_readers(aws, scan, app),
        ),
        budget=scan,
        calls=aws.calls,
        tell=tell,
        deadline=deadline,
        log_price_per_gb=environment.log_price_per_gb,
        clock=app.monotonic,
    )
    with collector:
        until = app.monotonic() + deadline
        yield collector, Visitor(aws, environment, remaining=lambda: until - app.monotonic())


def _readers(aws: Aws, scan: ScanBudget, app: AppContext) -> Mapping[str, Reader]:
    """One reader for each kind of model.source but metrics; a test compares the two."""
    ecs, ssm, dynamo = EcsGateway(aws), SsmGateway(aws), DynamoGateway(aws)
    search, functions = SearchGateway(aws), LambdaGateway(aws)
    url = aws.environment.cache_url
    cache = CacheGateway(url, monotonic=app.monotonic) if url else None
    return {
        "logs": LogReader(Logs(aws), budget=scan, clock=app.monotonic),
        "ecs_service": EcsServiceReader(ecs),
        "ecs_stopped_tasks": EcsStoppedTasksReader(ecs),
        "ecs_environment": EcsEnvironmentReader(ecs),
        "scaling_target": ScalingTargetReader(AutoScalingGateway(aws)),
        "parameter": ParameterReader(ssm),
        "prompt_versions": PromptVersionsReader(dynamo),
        "cached_answers": CachedAnswersReader(cache),
        "inventory": InventoryReader(dynamo),
        "table_stream": TableStreamReader(dynamo),
        "event_source": EventSourceReader(functions),
        "search_capacity": SearchCapacityReader(search),
        "index_settings": IndexSettingsReader(search, SearchDataPlane(aws)),
        "health_events": HealthEventsReader(HealthGateway(aws), region=aws.region),
        "audit_trail": AuditTrailReader(CloudTrailGateway(aws, monotonic=app.monotonic)),
        "recent_changes": RecentChangesReader(dynamo, ecs, ssm),
        "model_lifecycle": ModelLifecycleReader(ssm, BedrockGateway(aws)),
        "bench_runs": BenchRunsReader(S3Gateway(aws), root=Path()),
    }
