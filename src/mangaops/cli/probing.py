"""Carrying a probe out: the client is put together, asked, and heard out.

What the client logs is caught here; it goes nowhere else. The prompt is ours, short and
fixed, so that nothing of a customer is ever sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, assert_never

from mangaops.cli.model_client import OTHER, config_of, model_behind, odd_intents, routes_of
from mangaops.cli.options import Output
from mangaops.cli.overhearing import Overheard
from mangaops.cli.probe_cost import spending
from mangaops.cli.probe_outcome import outcome_of, worst
from mangaops.cli.progress import one_line
from mangaops.errors import InputError
from mangaops.fm.answer import Delta, Done, Interrupted
from mangaops.fm.client import Client
from mangaops.fm.requests.issue import errors_of
from mangaops.fm.requests.request import Request, user
from mangaops.fm.requests.validate import validate_request
from mangaops.fm.transport.bedrock import BedrockTransport
from mangaops.fm.transport.clients import READ_TIMEOUT_S
from mangaops.render.escaping import visible
from mangaops.render.probed import BreakerShown, Outcome, Probed, Spending

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.cli.context import AppContext
    from mangaops.cli.options import Show
    from mangaops.fm.answer import Answer
    from mangaops.fm.config import Config, IntentPolicy
    from mangaops.fm.requests.issue import Issue
    from mangaops.model.settings import Environment, Price

PING = "Reply with the word OK."
JSON_PING = 'Reply with the JSON object {"response_text": "OK"} and nothing else.'
"""For a fault of what the model says, which is seen in JSON only."""
MOST_TOKENS = 64
_SCHEMA = {"type": "object", "required": ["response_text"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What is sent. `endpoint_url` replaces the environment's for the models alone, `fault_on`
    is the pattern of the models that have a fault.
    """

    intent: str
    model: str | None = None
    streamed: bool = False
    repeat: int = 1
    wants_json: bool = False
    endpoint_url: str | None = None
    fault_on: str | None = None


@dataclass(slots=True, kw_only=True)
class Ran:
    """What came of it: as many calls as were made until the end, or until Ctrl-C.

    `written`: the first model's id was typed or configured; else a parameter says it.
    """

    policy: IntentPolicy
    issues: tuple[Issue, ...]
    calls: list[Probed] = field(default_factory=list)
    breakers: tuple[BreakerShown, ...] = ()
    written: bool = False
    notes: list[str] = field(default_factory=list)
    interrupted: bool = False

    @property
    def outcome(self) -> Outcome:
        return worst(one.outcome for one in self.calls)

    def spending(self, environment: Environment) -> Spending:
        attempts = (attempt for one in self.calls for attempt in one.attempts)
        return spending(attempts, environment.benchmarks.prices)


def carried_out(context: AppContext, show: Show, environment: Environment, probe: Probe) -> Ran:
    """Raises MangaopsError where the first model is not known, or AWS knows nobody."""
    notes = list(odd_intents(environment))
    with closing(context.aws(environment)) as aws:
        routes = routes_of(environment, aws, notes.append)
        policy = routes.policy(probe.intent, probe.model)
        refuse_unmet(probe, policy)
        config = config_of(environment, probe.intent, policy, model_behind(aws, notes.append))
        request = _request(environment, probe, policy)
        issues = _issues(request, policy, config)
        written = routes.is_written(probe.intent, probe.model)
        ran = Ran(policy=policy, issues=issues, notes=notes, written=written)
        if not errors_of(issues):
            with one_line(context, show) as tell:
                hear = _Heard(context, show, tell)
                prices = environment.benchmarks.prices
                _ask(_Asking(context, config, aws, probe, request, tell, hear, prices), ran)
                hear.end()
    return ran


def _issues(request: Request, policy: IntentPolicy, config: Config) -> tuple[Issue, ...]:
    """Of a request with the intent's own limit, which the probe's would hide; of a model that
    nobody described the limit is not known.
    """
    known = config.models.name_of(policy.route.model_id) != OTHER
    whole = replace(request, max_tokens=policy.max_tokens) if known else request
    return validate_request(whole, config.models, target=policy.route, budget=policy.budget)


def refuse_unmet(probe: Probe, policy: IntentPolicy) -> None:
    """Raises InputError where no model that may be asked has the fault."""
    pattern = probe.fault_on
    ways = dict.fromkeys((policy.route, *policy.alternates, *policy.backups))
    if pattern is None or any(fnmatchcase(one.model_id, pattern) for one in ways):
        return
    models = ", ".join(dict.fromkeys(one.model_id for one in ways))
    raise InputError(
        f"no model of {probe.intent} has `{pattern.strip('*')}` in its id",
        where="--chaos",
        hint=f"its models: {models}",
    )


def _request(environment: Environment, probe: Probe, policy: IntentPolicy) -> Request:
    calls = environment.model_client.intents.get(probe.intent)
    ping = JSON_PING if probe.wants_json else (calls.ping if calls else None) or PING
    return Request(
        intent=probe.intent,
        messages=(user(ping),),
        max_tokens=min(MOST_TOKENS, policy.max_tokens),
        schema=_SCHEMA if probe.wants_json else None,
    )


@dataclass(frozen=True, slots=True)
class _Asking:
    context: AppContext
    config: Config
    aws: Aws
    probe: Probe
    request: Request
    tell: Callable[[str], None]
    hear: _Heard
    prices: Mapping[str, Price]


def _ask(asking: _Asking, ran: Ran) -> None:
    """Until all calls are made, or Ctrl-C: the call under way is not among them then."""
    records: list[Mapping[str, Any]] = []
    client, heard = _client(asking, records.append)
    try:
        for number in range(asking.probe.repeat):
            asking.tell(_progress(ran, number, asking.probe))
            records.clear()
            heard.said = None
            ran.calls.append(_one(asking, client, records, heard, written=ran.written))
    except KeyboardInterrupt:
        ran.interrupted = True
    ran.breakers = _breakers(client)


def _progress(ran: Ran, number: int, probe: Probe) -> str:
    if probe.repeat == 1:
        return f"asking {ran.policy.route}"
    bad = sum(one.outcome not in {Outcome.HEALTHY, Outcome.RETRIED} for one in ran.calls)
    return f"{number} of {probe.repeat} calls" + (f", {bad} degraded" if bad else "")


def _one(
    asking: _Asking,
    client: Client,
    records: list[Mapping[str, Any]],
    heard: Overheard,
    *,
    written: bool,
) -> Probed:
    answer, broken = _answer(asking, client)
    attempts = [one for one in records if one.get("log_type") == "bedrock_attempt"]
    return Probed(
        answer=answer,
        outcome=outcome_of(answer, attempts, broken, written=written),
        records=tuple(records),
        broken=broken,
        said=heard.said,
        spending=spending(attempts, asking.prices),
    )


def _answer(asking: _Asking, client: Client) -> tuple[Answer, str | None]:
    if not asking.probe.streamed:
        return client.complete(asking.request), None
    for event in client.stream(asking.request):
        match event:
            case Delta(seq=seq, text=text):
                asking.hear(text, first=seq == 0)
            case Done(answer=answer):
                return answer, None
            case Interrupted(reason=reason, answer=answer):
                return answer, reason
            case _:
                assert_never(event)
    raise AssertionError("a stream ends with an event")


class _Heard:
    """Pieces of text as they come: on a terminal, and nowhere else. Each call on its own line."""

    def __init__(self, context: AppContext, show: Show, tell: Callable[[str], None]) -> None:
        terminal = context.terminal
        self._tell = tell
        wanted = show.output is Output.TEXT and not show.quiet
        self._write = terminal.say_raw if wanted and terminal.shows_progress else None
        self._open = False

    def __call__(self, text: str, *, first: bool) -> None:
        if self._write is None:
            return
        if first:
            self.end()
            self._tell("")  # the progress line makes room
        self._open = True
        self._write(visible(text))

    def end(self) -> None:
        if self._open and self._write is not None:
            self._write("\n")
        self._open = False


def _client(asking: _Asking, sink: Callable[[Mapping[str, Any]], None]) -> tuple[Client, Overheard]:
    """With the environment's own credentials; raises AwsCredentials where there are none."""
    context, probe = asking.context, asking.probe

    def client_of(region: str) -> Any:
        return asking.aws.client(
            "bedrock-runtime",
            region=region,
            endpoint_url=probe.endpoint_url,
            attempts=1,
            read_timeout=READ_TIMEOUT_S,
        )

    transport = BedrockTransport(client_of, clock=context.monotonic)
    transport.prepare(asking.config.intents[probe.intent].route.region)
    heard = Overheard(transport)
    client = Client(
        asking.config,
        transport=heard,
        clock=context.monotonic,
        wall=context.clock,
        sleep=context.sleep,
        rng=context.rng,
        log_sink=sink,
    )
    return client, heard


def _breakers(client: Client) -> tuple[BreakerShown, ...]:
    return tuple(
        BreakerShown(
            model_id=target.model_id,
            region=target.region,
            operation=operation,
            state=breaker.state.value,
        )
        for target, operation, breaker in client.breakers.each()
    )
