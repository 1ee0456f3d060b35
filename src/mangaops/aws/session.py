"""One way into one AWS account and region: clients on first use, every request counted."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock, local
from typing import TYPE_CHECKING, Any

from mangaops.aws.calls import Call, CallCounter
from mangaops.aws.errors import NO_CREDENTIALS, WRONG_ENDPOINT, translated
from mangaops.errors import AwsCredentials, AwsError, AwsUnreachable, InputError, Refused
from mangaops.model.settings import DEFAULT_REGION, Environment, RegionFrom

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from botocore.session import Session

ATTEMPTS = 3
POOL = 16
_IAM = {
    "application-auto-scaling": "application-autoscaling",
    "cloudwatch-logs": "logs",
    "opensearchserverless": "aoss",
    "service-quotas": "servicequotas",
}
"""What IAM calls a service whose own name is another."""
READING = re.compile(r"Describe|Get|List|Lookup|BatchGet|Scan|Query|StartQuery|StopQuery|Simulate")

SIGNING_IN = {"sts", "sso", "sso-oidc", "signin"}
"""What a profile with a role or a login calls for its credentials; it changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose credentials these are. `at` is AWS's own time then, in whole seconds; None if its
    answer had no Date.
    """

    account: str
    arn: str
    at: datetime | None = field(default=None, compare=False)


class Aws:
    """Clients for one environment, made on first use and safe to use from several threads.

    A gateway keeps the `Aws` and asks it for its client in each method:

        with translated("ecs:DescribeServices"):
            answer = self._aws.client("ecs").describe_services(...)

    `read_only` refuses, before anything is sent, every operation that is not a read.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        read_only: bool = False,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.environment = environment
        self.calls = CallCounter()
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._read_only = read_only
        self._environ = environ
        self._clock = clock
        self._under_way = local()
        # One lock for all services: building a client is pure computation under the
        # interpreter's lock, so two at once would only delay the one that is needed first.
        self._lock = Lock()
        self._session: Session | None = None
        self._credentials: Credentials | AwsError | None = None
        self._clients: dict[tuple[str, str | None, str | None, int, float | None], Any] = {}

    @property
    def endpoint_url(self) -> str | None:
        """What replaces AWS's endpoints, for messages; None is AWS itself."""
        return self.environment.endpoint_url or self._environ.get("AWS_ENDPOINT_URL")

    @property
    def region(self) -> str:
        """The environment's region, else AWS_REGION, AWS_DEFAULT_REGION or the profile's."""
        with self._lock:
            return self._region(self._opened())

    @property
    def region_from(self) -> RegionFrom:
        """Which of these named it; CONFIGURATION is the environment, whoever filled it in."""
        if self.environment.region:
            return RegionFrom.CONFIGURATION
        for place in (RegionFrom.VARIABLE, RegionFrom.DEFAULT_VARIABLE):
            if self._environ.get(place):
                return place
        with self._lock:
            named = self._opened().get_config_variable("region")
        return RegionFrom.PROFILE if named else RegionFrom.NOWHERE

    def client(
        self,
        service: str,
        *,
        region: str | None = None,
        endpoint_url: str | None = None,
        attempts: int = ATTEMPTS,
        read_timeout: float | None = None,
    ) -> Any:
        """The client of a service. Needs credentials; raises AwsCredentials without.

        `region` is for services at home in one region (Health: us-east-1). Calls that
        write are made with one attempt: after a lost answer the SDK would send them
        again, not knowing whether they landed. `read_timeout` is for services that think
        for longer than others (Bedrock Runtime).
        """
        key = (service, region, endpoint_url, attempts, read_timeout)
        if key in self._clients:  # no lock: it may be held for the building of another client
            return self._clients[key]
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._made(*key)
            return self._clients[key]

    def writer(self, service: str) -> Any:
        """The client of a service for calls that change something: each is sent once."""
        return self.client(service, attempts=1)

    def credentials(self) -> Credentials:
        """For gateways that sign requests of their own (the data plane of OpenSearch)."""
        with self._lock:
            return self._found_credentials(self._opened())

    def identity(self) -> Identity:
        """Account and ARN of the caller, by sts:GetCallerIdentity."""
        with translated("sts:GetCallerIdentity"):
            answer = self.client("sts").get_caller_identity()
        date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
        account, arn = answer.get("Account", ""), answer.get("Arn", "")
        return Identity(account=account, arn=arn, at=_instant(date))

    def close(self) -> None:
        """Closes all connections; the object is of no use afterwards."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _opened(self) -> Session:
        if self._session is None:
            with translated("the AWS configuration"):
                self._session = self._open()
        return self._session

    def _open(self) -> Session:
        from botocore.session import Session  # noqa: PLC0415 - 0.1 s

        from mangaops.aws.loader import quick_loader  # noqa: PLC0415 - imports botocore

        session = Session(profile=self.environment.profile)
        session.user_agent_extra = "mangaops"
        data_path = session.get_config_variable("data_path")
        session.register_component("data_loader", quick_loader(data_path))
        session.get_scoped_config()  # a profile that does not exist is told here
        session.register("before-send", self._sent)
        session.register("before-parse", _refuse_strangers)
        session.register("response-received", self._received)
        if self._read_only:
            session.register("before-call", _refuse_writes)
        return session

    def _region(self, session: Session) -> str:
        named = self.environment.region or self._environ.get("AWS_REGION")
        region = named or session.get_config_variable("region")
        if region:
            return str(region)
        if self.endpoint_url:
            return DEFAULT_REGION  # an endpoint that stands for all of AWS has no region
        raise InputError(
            "no AWS region is set",
            hint="pass --region, or set AWS_REGION or `region` in mangaops.yaml",
        )

    def _found_credentials(self, session: Session) -> Credentials:
        """Looked for once: asking for an instance's metadata in vain takes up to 2 s."""
        if self._credentials is None:
            try:
                with translated("the AWS credentials"):
                    self._credentials = session.get_credentials() or AwsCredentials(
                        "no AWS credentials were found", hint=NO_CREDENTIALS
                    )
            except AwsError as error:
                self._credentials = error
        if isinstance(self._credentials, AwsError):
            raise self._credentials
        return self._credentials

    def _made(
        self,
        service: str,
        region: str | None,
        endpoint_url: str | None,
        attempts: int,
        read_timeout: float | None,
    ) -> Any:
        from botocore.config import Config  # noqa: PLC0415 - 0.1 s

        session = self._opened()
        self._found_credentials(session)
        config = Config(
            connect_timeout=self._connect_timeout,
            read_timeout=read_timeout or self._read_timeout,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=POOL,
            tcp_keepalive=True,
        )
        try:
            with translated(f"{service}: client"):
                return session.create_client(
                    service,
                    region_name=region or self._region(session),
                    endpoint_url=endpoint_url or self.environment.endpoint_url,
                    config=config,
                )
        except ValueError as error:
            raise InputError(
                str(error), hint="correct endpoint_url (mangaops.yaml, AWS_ENDPOINT_URL)"
            ) from error

    def _sent(self, **event: Any) -> None:
        self.calls.count(_operation(event))
        self._under_way.since = self._clock()

    def _received(self, **event: Any) -> None:
        since = getattr(self._under_way, "since", self._clock())
        answer = event.get("response_dict")
        self.calls.answered(
            Call(
                operation=_operation(event),
                sent=since,
                seconds=self._clock() - since,
                status=int(answer["status_code"]) if answer else 0,
            )
        )


def _operation(event: Mapping[str, Any]) -> str:
    """`logs:StartQuery` from the event `before-send.cloudwatch-logs.StartQuery`."""
    _, service, operation = event["event_name"].split(".")
    return f"{_IAM.get(service, service)}:{operation}"


def _refuse_strangers(**event: Any) -> None:
    """Every answer of AWS has a request id; a proxy's or a web server's page has none.

    Botocore takes a page with status 200 for an answer without any fields, or breaks on
    it. Errors of a load balancer on the way (5xx) are left to its retries.
    """
    answer = event["response_dict"]
    headers, status = answer["headers"], int(answer["status_code"])
    if status < 500 and not any(name.lower().startswith("x-amz") for name in headers):
        kind = headers.get("content-type", "no content type")
        raise AwsUnreachable(
            f"what answers is not AWS: HTTP {status}, {kind}",
            operation=_operation(event),
            hint=WRONG_ENDPOINT,
        )


def _refuse_writes(**event: Any) -> None:
    operation = _operation(event)
    service, _, call = operation.partition(":")
    if service not in SIGNING_IN and not READING.match(call):
        raise Refused(
            f"{operation} would change something",
            hint="this run may only read; unset MANGAOPS_DRY_RUN to change things",
        )


def _instant(date: str) -> datetime | None:
    """Of a Date header."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - not for --help

    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        return None
