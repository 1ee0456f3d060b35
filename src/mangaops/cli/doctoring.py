"""Wiring of `doctor`: everything that runbooks read, read once, and what may be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

from mangaops.aws.cache import CacheGateway
from mangaops.aws.cloudwatch import CloudWatch
from mangaops.aws.iam import Iam
from mangaops.aws.session import Aws
from mangaops.aws.table_key import key_of
from mangaops.cli.changes.gateways import Remedies
from mangaops.cli.context import AppContext, environment_of, library_of, loaded_runbook
from mangaops.cli.doctoring_targets import Looker, recommended
from mangaops.cli.options import Budget, Show, When, Where
from mangaops.cli.progress import progress
from mangaops.cli.reading import collecting, refuse_other_account
from mangaops.cli.regions import region_from
from mangaops.cli.window import window_of
from mangaops.errors import AwsCredentials, AwsError, MangaopsError
from mangaops.evidence.budget import ScanBudget
from mangaops.evidence.collect import Collected
from mangaops.evidence.parallel import run_all
from mangaops.evidence.progress import Progress
from mangaops.evidence.source import Reader
from mangaops.evidence.sources.cached_answers import CachedAnswersReader
from mangaops.model.diagnosis import Needs
from mangaops.model.evidence import Evidence, EvidenceSet
from mangaops.model.resources import CacheEntries
from mangaops.model.runbook import Runbook
from mangaops.model.settings import Environment
from mangaops.model.site import Site
from mangaops.readiness.doctor import access, changes, logs, metrics, resources, targets
from mangaops.readiness.doctor.asking import LOOKED_BACK, Part, Parts, together
from mangaops.readiness.doctor.finding import Checkup, Finding, State
from mangaops.readiness.doctor.listing import Listing, Once
from mangaops.readiness.doctor.outlook import outlooks, weighed
from mangaops.readiness.policies.actions import Place
from mangaops.runbook.bind import bind_all
from mangaops.runbook.configured import misconfigurations
from mangaops.runbook.finding import misconfigured
from mangaops.runbook.library import Library

FEW_KEYS = 20


class _FewKeys:
    """A cache of which a few keys are read: enough to know that it can be."""

    def __init__(self, cache: CacheGateway) -> None:
        self._cache = cache

    def prepare(self) -> None:
        self._cache.prepare()

    def entries(self, pattern: str, *, most: int, check: Callable[[], None]) -> CacheEntries:
        return self._cache.entries(pattern, most=min(most, FEW_KEYS), check=check)


def examined(
    app: AppContext, where: Where, budget: Budget, show: Show, names: Sequence[str]
) -> Checkup:
    """Raises AwsCredentials or AwsUnreachable where nothing can be asked at all."""
    library = library_of(where, app)
    chosen = names or library.names()
    loaded = [loaded_runbook(name, where, app) for name in dict.fromkeys(chosen)]
    with environment_of(where, app) as configured, progress(app, show) as tell, ExitStack() as end:
        began = app.monotonic()
        _refuse_misconfigured(configured, library)
        aws = app.aws(configured)
        end.callback(aws.close)
        environment = replace(configured, region=aws.region)
        runbooks = bind_all(loaded, environment)
        site, about_access = _access(app, where, aws, environment)
        parts = together(runbooks)
        collected = _collected(app, aws, budget, tell, parts)
        found = [*about_access]
        found += _of_evidence(app, aws, environment, parts, collected.evidence)
        if not collected.interrupted:
            found += _of_changes(app, aws, environment, runbooks, site, end)
        return Checkup(
            site=site,
            findings=weighed(runbooks, found),
            outlooks=outlooks(runbooks, found),
            cost=replace(collected.cost, api_calls=aws.calls.sent),
            seconds=app.monotonic() - began,
            interrupted=collected.interrupted,
            suffix=where.suffix,
        )


def _refuse_misconfigured(environment: Environment, library: Library) -> None:
    """Also what is configured for runbooks that are not looked at: now is the time to know."""
    if wrong := tuple(misconfigurations(environment, library)):
        raise misconfigured(environment, wrong)


def _access(
    app: AppContext, where: Where, aws: Aws, environment: Environment
) -> tuple[Site, list[Finding]]:
    """Only credentials that do not work are raised: STS may be out of reach from a VPC."""
    site = Site(name=environment.name, region=aws.region, protected=environment.protected)
    region = access.of_region(aws.region, region_from(where, aws))
    before = app.clock()
    try:
        who = aws.identity()
    except AwsCredentials:
        raise
    except AwsError as error:
        found = [*access.of_stranger(error), region]
    else:
        site = replace(site, account=who.account, caller=who.arn)
        refuse_other_account(environment, site)
        clock = access.of_clock(who.at, before, app.clock())
        found = [access.of_caller(site), region, clock]
    key = _lock_key(aws, environment.lock_table)
    return site, [*found, access.of_lock_table(environment, key)]


def _lock_key(aws: Aws, table: str | None) -> access.TableKey | MangaopsError | None:
    if table is None:
        return None
    try:
        status, keys, kinds = key_of(aws, table)
    except MangaopsError as error:
        return error
    name = keys.get("HASH", "")
    return access.TableKey(
        status=status, hash=name, hash_type=kinds.get(name, ""), sort=keys.get("RANGE", "")
    )


def _collected(
    app: AppContext, aws: Aws, budget: Budget, tell: Callable[[Progress], None], parts: Parts
) -> Collected[bool]:
    window = window_of(When(), default=LOOKED_BACK, now=app.clock())

    def decide(evidence: EvidenceSet) -> bool | Needs:
        left = parts.evidence.keys() - evidence.items.keys()
        return Needs(evidence=frozenset(left)) if left else True

    def make(scan: ScanBudget) -> Mapping[str, Reader]:
        return _readers(aws, scan, app)

    with collecting(aws, budget, app, tell, make) as collector:
        return collector.collect(parts, window, decide)


def _readers(aws: Aws, scan: ScanBudget, app: AppContext) -> Mapping[str, Reader]:
    from mangaops.cli.readers import readers  # noqa: PLC0415 - while the metrics are on their way

    url = aws.environment.cache_url
    few = _FewKeys(CacheGateway(url, monotonic=app.monotonic)) if url else None
    return {**readers(aws, scan, app), "cached_answers": CachedAnswersReader(few)}


def _of_evidence(
    app: AppContext, aws: Aws, environment: Environment, parts: Parts, evidence: EvidenceSet
) -> list[Finding]:
    """In the order of the runbooks; ListMetrics is asked about several metrics at once."""
    listing, now = Once(CloudWatch(aws)), app.clock()
    jobs = {
        key: _judging(part, read, listing, now, evidence, environment)
        for key, part in parts.parts.items()
        if (read := evidence.get(key)) is not None
    }
    answers = dict(run_all(jobs))
    ordered = (answers[key] for key in jobs)
    return [one for one in ordered if not isinstance(one, MangaopsError)]


def _judging(
    part: Part,
    read: Evidence,
    listing: Listing,
    now: datetime,
    evidence: EvidenceSet,
    environment: Environment,
) -> Callable[[], Finding]:
    match part.declaration.kind:
        case "metric":
            return lambda: metrics.finding_of(part, read, listing, now)
        case "logs":
            return lambda: logs.finding_of(part, read)
        case _:
            return lambda: resources.finding_of(part, read, evidence.items, environment)


def _of_changes(
    app: AppContext,
    aws: Aws,
    environment: Environment,
    runbooks: Sequence[Runbook],
    site: Site,
    end: ExitStack,
) -> list[Finding]:
    """The remedies that the runbooks recommend: is it there, and may it be changed?"""
    remedies = recommended(runbooks, environment)
    about_targets = targets.findings(remedies, Looker(aws))
    if not site.caller:
        return [*about_targets, changes.of_stranger()]
    made = Remedies(aws, environment, app, end)
    wanted = [changes.Wanted(remedy=name, writes=made.of(name).writes) for name in remedies]
    place = Place(region=site.region, account=site.account)
    allowed = changes.findings(wanted, Iam(aws), site.caller, place, environment)
    told = {one.name for one in about_targets}
    fine = (one for one in allowed if one.state is not State.FINE or one.name not in told)
    return [*about_targets, *fine]
