"""A stranger's way to try a diagnosis: seed an empty sandbox with ordinary AWS calls, then ask.

    with Sandbox.started(home) as sandbox:
        end = sandbox.slot()                    # a free stretch of the last days
        sandbox.put(end, [Metric("Shop", "latency_ms", 900), Metric("Shop", "errors", 3, last=5)],
                    [Log("/shop/web", {"status": "ok"}, ago_s=90)])
        answer = sandbox.diagnose("first-token", end, "--set", "cpu_limit=80")
        assert answer.verdict == ("diagnosed", "confirmed", "bedrock-throttling", 3)

Metrics and log events cannot be deleted. Cases of one sandbox therefore each take a slot of
their own, five hours apart, and ask with `--from`/`--to`. What can be put back is put back
when the block of `parameter()`, `items()` or `faults()` ends.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import boto3

from support import warm

Sample: TypeAlias = float | Sequence[float] | None
Minutes: TypeAlias = Sample | Callable[[int], Sample]
"""What was measured in each minute: always the same, or by how many minutes before the end
the minute ended (0 is the newest). None: nothing was published."""

SLOT = timedelta(hours=5)
LENGTHS = {"websocket-drops": timedelta(minutes=60), "latency-regression": timedelta(hours=2)}
"""Windows that differ from the usual half hour."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric over the last minutes before a slot's end, one datum a minute."""

    namespace: str
    name: str
    minutes: Minutes
    dimensions: Mapping[str, str] = field(default_factory=dict)
    last: int = 30
    unit: str = "None"

    def data(self, end: datetime) -> Iterator[dict[str, Any]]:
        named = [{"Name": key, "Value": value} for key, value in self.dimensions.items()]
        for age in range(self.last):
            sample = self.minutes(age) if callable(self.minutes) else self.minutes
            if sample is None:
                continue
            values = [sample] if isinstance(sample, int | float) else list(sample)
            yield {
                "MetricName": self.name,
                "Dimensions": named,
                "Timestamp": end - timedelta(minutes=age + 1),
                "Values": values,
                "Counts": [1.0] * len(values),
                "Unit": self.unit,
            }


@dataclass(frozen=True, slots=True)
class Log:
    """`times` equal events of one log group, `ago_s` seconds before a slot's end."""

    group: str
    fields: Mapping[str, Any] | str
    ago_s: float = 60.0
    times: int = 1

    def event(self, end: datetime) -> dict[str, Any]:
        text = self.fields if isinstance(self.fields, str) else json.dumps(dict(self.fields))
        return {
            "timestamp": int((end - timedelta(seconds=self.ago_s)).timestamp() * 1000),
            "message": text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the command said: its exit code, the JSON on stdout, and stderr."""

    code: int
    document: Mapping[str, Any]
    err: str

    @property
    def id(self) -> str | None:
        found: str | None = (self.document.get("diagnosis") or {}).get("id")
        return found

    @property
    def verdict(self) -> tuple[str, str, str | None, int]:
        """Status, verdict, diagnosis id and exit code: what scripts rely on."""
        return self.document["status"], self.document["verdict"], self.id, self.code

    @property
    def nodes(self) -> list[str]:
        return [step["node"] for step in self.document["path"]]

    @property
    def missing(self) -> list[str]:
        found: list[str] = self.document["coverage"]["missing"]
        return found

    @property
    def cause(self) -> str:
        found: str = self.document["diagnosis"]["cause"]
        return found

    def state(self, evidence: str) -> str:
        found: str = self.document["evidence"][evidence]["state"]
        return found


class Sandbox:
    """`mangaops sandbox start --empty --detach`, and commands that are led to it."""

    def __init__(self, home: Path, exports: Mapping[str, str]) -> None:
        self.exports = exports
        self._home = home
        self._clients: dict[str, Any] = {}
        self._streams: set[str] = set()
        self._next = datetime.now(UTC).replace(second=0, microsecond=0)

    @classmethod
    @contextmanager
    def started(cls, home: Path, *words: str) -> Iterator[Sandbox]:
        options = ("--empty", "--port", "0", "--detach", *words)
        environ = _environment(home, {})
        done = warm.run(["sandbox", "start", *options], environ=environ, home=home)
        assert done.code == 0, done.err
        try:
            pairs = (line.removeprefix("export ").partition("=") for line in done.out.splitlines())
            yield cls(home, {name: value for name, _, value in pairs})
        finally:
            warm.run(["sandbox", "stop"], environ=environ, home=home)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            make: Callable[..., Any] = boto3.client
            self._clients[service] = make(
                service,
                endpoint_url=self.exports["AWS_ENDPOINT_URL"],
                aws_access_key_id=self.exports["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=self.exports["AWS_SECRET_ACCESS_KEY"],
                region_name=self.exports["AWS_REGION"],
            )
        return self._clients[service]

    def slot(self) -> datetime:
        """The end of a stretch of five hours that no other case has used."""
        end = self._next
        self._next -= SLOT
        return end

    def put(self, end: datetime, metrics: Iterable[Metric] = (), logs: Iterable[Log] = ()) -> None:
        """PutMetricData and PutLogEvents of all of it, relative to `end`."""
        by_namespace: dict[str, list[dict[str, Any]]] = {}
        for metric in metrics:
            by_namespace.setdefault(metric.namespace, []).extend(metric.data(end))
        for namespace, data in by_namespace.items():
            for start in range(0, len(data), 1000):
                self.client("cloudwatch").put_metric_data(
                    Namespace=namespace, MetricData=data[start : start + 1000]
                )
        by_group: dict[str, list[dict[str, Any]]] = {}
        for log in logs:
            by_group.setdefault(log.group, []).extend([log.event(end)] * log.times)
        for group, events in by_group.items():
            self._put_events(group, sorted(events, key=lambda event: int(event["timestamp"])))

    def _put_events(self, group: str, events: Sequence[Mapping[str, Any]]) -> None:
        logs = self.client("logs")
        if group not in self._streams:
            logs.create_log_stream(logGroupName=group, logStreamName="seeded")
            self._streams.add(group)
        for start in range(0, len(events), 5000):
            logs.put_log_events(
                logGroupName=group, logStreamName="seeded", logEvents=events[start : start + 5000]
            )

    @contextmanager
    def faults(self, *rules: str) -> Iterator[None]:
        """`logs:StartQuery=denied`, `cloudwatch:*=throttle`, ... as long as the block lasts."""
        self._administer("PUT", {"rules": rules})
        try:
            yield
        finally:
            self._administer("DELETE", {})

    def _administer(self, method: str, body: Mapping[str, Any]) -> None:
        url = f"{self.exports['AWS_ENDPOINT_URL']}/_sandbox/faults"
        request = urllib.request.Request(url, json.dumps(body).encode(), method=method)  # noqa: S310 - our own sandbox
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - likewise
            assert response.status == 200

    @contextmanager
    def parameter(self, name: str, value: str) -> Iterator[None]:
        """An SSM parameter has this value as long as the block lasts."""
        ssm = self.client("ssm")
        before = ssm.get_parameter(Name=name)["Parameter"]["Value"]
        ssm.put_parameter(Name=name, Value=value, Overwrite=True)
        try:
            yield
        finally:
            ssm.put_parameter(Name=name, Value=before, Overwrite=True)

    @contextmanager
    def items(self, table: str, items: Sequence[Mapping[str, Any]]) -> Iterator[None]:
        """A DynamoDB table holds exactly these items as long as the block lasts."""
        before = self.client("dynamodb").scan(TableName=table)["Items"]
        self._replace(table, items)
        try:
            yield
        finally:
            self._replace(table, before)

    def _replace(self, table: str, items: Sequence[Mapping[str, Any]]) -> None:
        dynamodb = self.client("dynamodb")
        described = dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
        keys = [key["AttributeName"] for key in described]
        for item in dynamodb.scan(TableName=table)["Items"]:
            dynamodb.delete_item(TableName=table, Key={key: item[key] for key in keys})
        for item in items:
            dynamodb.put_item(TableName=table, Item=dict(item))

    def diagnose(self, runbook: str, end: datetime | None, *words: str, **more: str) -> Answer:
        """`mangaops diagnose RUNBOOK --output json`; without `end` it asks for now."""
        when: tuple[str, ...] = ()
        if end is not None:
            start = end - LENGTHS.get(runbook, timedelta(minutes=30))
            when = ("--from", start.isoformat(), "--to", end.isoformat())
        return self.ask("diagnose", runbook, *when, *words, **more)

    def ask(self, *words: str, **more: str) -> Answer:
        """`mangaops WORDS --output json`; `more` are variables in place of the sandbox's own."""
        done = warm.run(
            [*words, "--output", "json"],
            environ=_environment(self._home, {**self.exports, **more}),
            home=self._home,
            stdin="",
            timeout=120,
        )
        assert "Traceback" not in done.err, done.err
        return Answer(code=done.code, document=json.loads(done.out), err=done.err)


def _environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """A process that knows no credentials and no configuration but ours."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    ours = {"HOME": str(home), "MANGAOPS_STATE_DIR": str(home / "state"), "CI": "1"}
    return {**kept, **ours, "PYTHONWARNINGS": "error", **more}
