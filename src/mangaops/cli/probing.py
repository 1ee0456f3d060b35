"""Carrying a probe out: the client is put together, asked, and heard out.

What the client logs is caught here; it goes nowhere else. The prompt is ours, short and
fixed, so that nothing of a customer is ever sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

from mangaops.bench.measuring.cost import cost, price_of
from mangaops.cli.model_client import config_of, routes_of
from mangaops.cli.options import Output
from mangaops.cli.progress import one_line
from mangaops.fm.answer import Delta, Done, Interrupted
from mangaops.fm.client import Client
from mangaops.fm.requests.issue import errors_of
from mangaops.fm.requests.request import Request, user
from mangaops.fm.requests.validate import validate_request
from mangaops.fm.transport.bedrock import BedrockTransport
from mangaops.fm.transport.clients import READ_TIMEOUT_S
from mangaops.render.escaping import visible
from mangaops.render.probed import BreakerShown, Outcome, Probed

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.cli.context import AppContext
    from mangaops.cli.options import Show
    from mangaops.fm.answer import Answer
    from mangaops.fm.config import Config, IntentPolicy
    from mangaops.fm.requests.issue import Issue
    from mangaops.model.settings import Environment

PING = "Reply with the word OK."
JSON_PING = 'Reply with the JSON object {"response_text": "OK"} and nothing else.'
"""For a fault of what the model says, which is seen in JSON only."""
MOST_TOKENS = 64
_SCHEMA = {"type": "object", "required": ["response_text"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What is sent. `endpoint_url` replaces the environment's for the models alone."""

    intent: str
    model: str | None = None
    streamed: bool = False
    repeat: int = 1
    wants_json: bool = False
    endpoint_url: str | None = None


@dataclass(slots=True, kw_only=True)
class Ran:
    """What came of it: as many calls as were made until the end, or until Ctrl-C."""

    policy: IntentPolicy
    issues: tuple[Issue, ...]
    calls: list[Probed] = field(default_factory=list)
    breakers: tuple[BreakerShown, ...] = ()
    notes: list[str] = field(default_factory=list)
    interrupted: bool = False

    def usd(self, environment: Environment) -> float | None:
        """Each attempt at the price of the model that it asked; None where one is not known."""
        total = 0.0
        for told in (attempt for one in self.calls for attempt in one.attempts):
            if "output_tokens" not in told:
                continue
            price = price_of(told["model_id"], environment.benchmarks.prices)
            if price is None:
                return None
            read, cached = told["input_tokens"], told.get("cache_read_tokens", 0)
            total += cost(price, read, told["output_tokens"], cached)
        return total


def carried_out(context: AppContext, show: Show, environment: Environment, probe: Probe) -> Ran:
    """Raises MangaopsError where the first model is not known, or AWS knows nobody."""
    notes: list[str] = []
    with closing(context.aws(environment)) as aws:
        policy = routes_of(environment, aws, notes.append).policy(probe.intent, probe.model)
        config = config_of(environment, probe.intent, policy)
        request = _request(environment, probe, policy)
        issues = validate_request(request, config.models, target=policy.route, budget=policy.budget)
        ran = Ran(policy=policy, issues=issues, notes=notes)
        if not errors_of(issues):
            with one_line(context, show) as tell:
                hear = _Heard(context, show, tell)
                _ask(_Asking(context, config, aws, probe, request, tell, hear), ran)
                hear.end()
    return ran


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


def _ask(asking: _Asking, ran: Ran) -> None:
    """Until all calls are made, or Ctrl-C: the call under way is not among them then."""
    records: list[Mapping[str, Any]] = []
    client = _client(asking, records.append)
    try:
        for number in range(asking.probe.repeat):
            asking.tell(_progress(ran, number, asking.probe))
            records.clear()
            ran.calls.append(_one(asking, client, records))
    except KeyboardInterrupt:
        ran.interrupted = True
    ran.breakers = _breakers(client)


def _progress(ran: Ran, number: int, probe: Probe) -> str:
    if probe.repeat == 1:
        return f"asking {ran.policy.route}"
    bad = sum(one.outcome not in {Outcome.HEALTHY, Outcome.RETRIED} for one in ran.calls)
    return f"{number} of {probe.repeat} calls" + (f", {bad} degraded" if bad else "")


def _one(asking: _Asking, client: Client, records: list[Mapping[str, Any]]) -> Probed:
    answer, broken = _answer(asking, client)
    return Probed(answer=answer, records=tuple(records), broken=broken)


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


def _client(asking: _Asking, sink: Callable[[Mapping[str, Any]], None]) -> Client:
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
    return Client(
        asking.config,
        transport=transport,
        clock=context.monotonic,
        wall=context.clock,
        sleep=context.sleep,
        rng=context.rng,
        log_sink=sink,
    )


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
