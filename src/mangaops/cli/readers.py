"""The readers of all kinds of evidence but metrics, each with its gateway."""

from __future__ import annotations

from collections.abc import Mapping

from mangaops.aws.autoscaling import AutoScalingGateway
from mangaops.aws.bedrock import BedrockGateway
from mangaops.aws.cache import CacheGateway
from mangaops.aws.cloudtrail import CloudTrailGateway
from mangaops.aws.dynamodb import DynamoGateway
from mangaops.aws.ecs import EcsGateway
from mangaops.aws.health import HealthGateway
from mangaops.aws.lambda_ import LambdaGateway
from mangaops.aws.logs import Logs
from mangaops.aws.opensearch import SearchGateway
from mangaops.aws.opensearch_data import SearchDataPlane
from mangaops.aws.s3 import S3Gateway
from mangaops.aws.session import Aws
from mangaops.aws.ssm import SsmGateway
from mangaops.cli.bench.stored_evidence import StoredComparisons
from mangaops.cli.context import AppContext
from mangaops.evidence.budget import ScanBudget
from mangaops.evidence.source import Reader
from mangaops.evidence.sources.audit_trail import AuditTrailReader
from mangaops.evidence.sources.bench_comparison import BenchComparisonReader
from mangaops.evidence.sources.cached_answers import CachedAnswersReader
from mangaops.evidence.sources.ecs_environment import EcsEnvironmentReader
from mangaops.evidence.sources.ecs_service import EcsServiceReader
from mangaops.evidence.sources.ecs_stopped_tasks import EcsStoppedTasksReader
from mangaops.evidence.sources.event_source import EventSourceReader
from mangaops.evidence.sources.health_events import HealthEventsReader
from mangaops.evidence.sources.index_settings import IndexSettingsReader
from mangaops.evidence.sources.inventory import InventoryReader
from mangaops.evidence.sources.logs import LogReader
from mangaops.evidence.sources.model_lifecycle import ModelLifecycleReader
from mangaops.evidence.sources.parameter import ParameterReader
from mangaops.evidence.sources.prompt_versions import PromptVersionsReader
from mangaops.evidence.sources.recent_changes import RecentChangesReader
from mangaops.evidence.sources.scaling_target import ScalingTargetReader
from mangaops.evidence.sources.search_capacity import SearchCapacityReader
from mangaops.evidence.sources.table_stream import TableStreamReader


def readers(aws: Aws, scan: ScanBudget, app: AppContext) -> Mapping[str, Reader]:
    """One reader for each kind of model.source but metrics; a test compares the two."""
    ecs, ssm, dynamo = EcsGateway(aws), SsmGateway(aws), DynamoGateway(aws)
    search, functions = SearchGateway(aws), LambdaGateway(aws)
    url = aws.environment.cache_url
    cache = CacheGateway(url, monotonic=app.monotonic) if url else None
    stored = StoredComparisons(
        app=app, environment=aws.environment, region=aws.region, objects=S3Gateway(aws)
    )
    return {
        "logs": LogReader(Logs(aws), budget=scan, clock=app.monotonic),
        "ecs_service": EcsServiceReader(ecs),
        "ecs_stopped_tasks": EcsStoppedTasksReader(ecs, wall=app.clock),
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
        "bench_comparison": BenchComparisonReader(stored),
    }
