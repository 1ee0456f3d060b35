"""`mangaops probe`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, environment_of, of, place_of
from mangaops.cli.options import Output, Show, Where
from mangaops.errors import ExitCode, InputError, Interrupted, nearest
from mangaops.model.model_ids import SHORT_NAMES, could_name_a_model

if TYPE_CHECKING:
    from mangaops.cli.chaos import Ordered
    from mangaops.cli.probing import Probe, Ran
    from mangaops.model.evidence import JSON
    from mangaops.model.settings import Environment
    from mangaops.render.probed import ProbeAnswer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

LIST = "list"
MOST_CALLS = 1000
_OFTEN = 6
"""Calls after which a breaker has had enough of its model."""
_SURE = "sonnet"
"""What to call in place of an id that is none."""
_WHAT = "What"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What is called, how, and against which fault."""

    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            rich_help_panel=_WHAT,
            autocompletion=completion.models,
            help="sonnet, haiku, an id, a profile or an ARN, instead of the intent's own.",
        ),
    ] = None
    intent: Annotated[
        str | None,
        typer.Option(
            "--intent",
            metavar="INTENT",
            rich_help_panel=_WHAT,
            autocompletion=completion.called_intents,
            help="Call as for this intent: its route, limits and template.",
        ),
    ] = None
    stream: Annotated[
        bool, typer.Option("--stream", rich_help_panel=_WHAT, help="Streamed, as for a user.")
    ] = False
    repeat: Annotated[
        int, typer.Option("--repeat", metavar="N", rich_help_panel=_WHAT, help="So many calls.")
    ] = 1
    chaos: Annotated[
        str | None,
        typer.Option(
            "--chaos",
            metavar="FAULT",
            rich_help_panel=_WHAT,
            autocompletion=completion.chaos,
            help="Against an embedded Bedrock with this fault; `list` has them. "
            "throttled:sonnet is of one model.",
        ),
    ] = None


@command(
    app,
    examples=(
        "mangaops probe",
        "mangaops probe --model haiku --stream --repeat 20",
        "mangaops probe --chaos throttled:sonnet --intent recommendation",
    ),
)
def probe(ctx: typer.Context, calls: Calls, where: Where, show: Show) -> None:
    """Call a model through the client, and show what happened.

    The prompt is short and fixed; a call costs less than a cent. Nothing is logged: the record
    is shown. Breakers are those of this process. Exit codes: 0 healthy, or only after a retry;
    3 degraded; 1 AWS was not asked (no credentials, no access, nobody there); 2 wrong input,
    also the written id of a model that AWS refuses.
    """
    context = of(ctx)
    if calls.chaos == LIST:
        _list_chaos(context, show)
        return
    _refuse_wrong(calls, where)
    ordered = _ordered(calls.chaos)
    with _place(context, where, ordered) as (environment, endpoint_url):
        what = _probe(environment, ordered, calls, endpoint_url)
        answer, code = _answer(context, show, environment, what, ordered, where)
    _emit(context, show, answer)
    raise typer.Exit(code)


def _refuse_wrong(calls: Calls, where: Where) -> None:
    if not 1 <= calls.repeat <= MOST_CALLS:
        hint = f"a number from 1 to {MOST_CALLS:,}"
        raise InputError(f"{calls.repeat} calls cannot be made", where="--repeat", hint=hint)
    if calls.chaos is not None and where.sandbox is not None:
        hint = "--chaos starts an endpoint of its own: leave --sandbox out"
        raise InputError("--chaos conflicts with --sandbox", where="--chaos", hint=hint)
    model = calls.model
    if model is not None and not could_name_a_model(model):
        hint = nearest(model, SHORT_NAMES) or "sonnet, haiku, an id, a profile or an ARN"
        raise InputError(f"`{model}` is no model", where="--model", hint=hint)


def _ordered(chaos: str | None) -> Ordered | None:
    if chaos is None:
        return None
    from mangaops.cli.chaos import ordered, refuse_without_the_extra  # noqa: PLC0415 - only for it

    found = ordered(chaos)
    refuse_without_the_extra()
    return found


@contextmanager
def _place(
    context: AppContext, where: Where, ordered: Ordered | None
) -> Iterator[tuple[Environment, str | None]]:
    """Where to call, and where the models are, if that is another endpoint."""
    if ordered is None:
        from mangaops.cli.bench.agreeing import refuse_read_only  # noqa: PLC0415 - not for --help

        refuse_read_only(context, "mangaops probe")
        with environment_of(where, context) as environment:
            yield environment, None
        return
    from mangaops.cli.chaos import chaotic, endpoint_of  # noqa: PLC0415 - as above

    settings = place_of(where, context)
    with chaotic(ordered) as embedded, endpoint_of(ordered.chaos) as endpoint_url:
        here = replace(embedded, model_client=settings.model_client, benchmarks=settings.benchmarks)
        yield here, endpoint_url


def _probe(
    environment: Environment, ordered: Ordered | None, calls: Calls, endpoint_url: str | None
) -> Probe:
    from mangaops.cli.model_client import PROBE, refuse_unknown_intent  # noqa: PLC0415 - lazy
    from mangaops.cli.probing import Probe  # noqa: PLC0415 - not for --help

    if calls.intent is not None:
        refuse_unknown_intent(environment, calls.intent)
    return Probe(
        intent=calls.intent or PROBE,
        model=calls.model,
        streamed=calls.stream or (ordered is not None and ordered.chaos.streams),
        repeat=calls.repeat,
        wants_json=ordered is not None and ordered.spoils_what_is_said,
        endpoint_url=endpoint_url,
        fault_on=None if ordered is None else ordered.model,
    )


def _answer(
    context: AppContext,
    show: Show,
    environment: Environment,
    what: Probe,
    ordered: Ordered | None,
    where: Where,
) -> tuple[ProbeAnswer, ExitCode]:
    from mangaops.cli.bench.measuring import SANDBOX  # noqa: PLC0415 - not for --help
    from mangaops.cli.probe_outcome import exit_code  # noqa: PLC0415 - as above
    from mangaops.cli.probing import carried_out  # noqa: PLC0415 - as above
    from mangaops.render.probed import ProbeAnswer  # noqa: PLC0415 - as above

    ran = carried_out(context, show, environment, what)
    _refuse_unsound(environment, ran, what)
    if ran.interrupted and not ran.calls:
        raise Interrupted("interrupted before an answer came", hint="run it again")
    answer = ProbeAnswer(
        environment=environment.name,
        region=ran.policy.route.region,
        intent=what.intent,
        model_id=ran.policy.route.model_id,
        streamed=what.streamed,
        wanted=what.repeat,
        calls=tuple(ran.calls),
        breakers=ran.breakers,
        issues=ran.issues,
        chaos=None if ordered is None else ordered.chaos.name,
        fault=None if ordered is None else ordered.summary,
        outcome=ran.outcome,
        spending=ran.spending(environment),
        free=environment.name == SANDBOX,
        interrupted=ran.interrupted,
    )
    notes = [*ran.notes, *_notes(answer, what, ordered), *_unknown(answer, what, ran, environment)]
    if ordered is not None and ordered.met_by_none(environment.endpoint_url):
        notes.append("no call met this fault")
    answer = replace(answer, notes=tuple(notes), next=_next(answer, what, ordered, where, ran))
    code = exit_code(ran.outcome, written=ran.written)
    return answer, ExitCode.INTERRUPTED if ran.interrupted else code


def _refuse_unsound(environment: Environment, ran: Ran, what: Probe) -> None:
    """All issues at once; the prompt is ours, so it is the configuration that is wrong."""
    from mangaops.fm.requests.issue import errors_of  # noqa: PLC0415 - not for --help

    if wrong := errors_of(ran.issues):
        written = environment.model_client.written.get(what.intent)
        raise InputError(
            "; ".join(map(str, wrong)),
            where=str(written.place) if written else f"the request of intent {what.intent}",
            hint=f"correct fm.intents.{what.intent} in mangaops.yaml",
        )


def _notes(answer: ProbeAnswer, what: Probe, ordered: Ordered | None) -> Iterator[str]:
    from mangaops.render.probed import Outcome  # noqa: PLC0415 - not for --help

    if answer.interrupted:
        yield f"interrupted: {len(answer.calls)} of {answer.wanted} calls are shown"
    if answer.count(Outcome.RETRIED):
        yield "the first choice answered only at a later attempt"
    if ordered is not None and ordered.chaos.streams:
        yield "only streamed calls meet this fault, so it was streamed"
    if what.model is not None and answer.calls[0].record.get("model") == "other":
        yield f"{what.model} is not registered: only what every model takes was sent"


def _unknown(answer: ProbeAnswer, what: Probe, ran: Ran, environment: Environment) -> Iterator[str]:
    """What to correct, where AWS knows no model of an id that somebody wrote."""
    from mangaops.cli.probe_outcome import is_unknown  # noqa: PLC0415 - not for --help
    from mangaops.render.probed import Outcome  # noqa: PLC0415 - as above

    if answer.chaos is not None or not ran.written or answer.outcome is not Outcome.REFUSED:
        return
    if any(is_unknown(one.attempts) for one in answer.calls):
        entry = what.intent if what.intent in environment.model_client.intents else "*"
        below = f"fm.intents.{entry}.model in mangaops.yaml"
        place = below if what.model is None else "--model"
        yield f"AWS does not know {answer.model_id}: correct {place}"


def _next(answer: ProbeAnswer, what: Probe, ordered: Ordered | None, where: Where, ran: Ran) -> str:
    from mangaops.cli.model_client import profile_of  # noqa: PLC0415 - not for --help
    from mangaops.render.probed import Outcome  # noqa: PLC0415 - as above

    if ordered is not None:
        return _next_fault(answer, what, ordered, where)
    if answer.free and answer.outcome not in {Outcome.REFUSED, Outcome.FAILED}:
        return "mangaops probe --chaos list"  # a probe logs nothing: there is nothing to look up
    profile = profile_of(answer.model_id)
    match answer.outcome:
        case Outcome.HEALTHY:
            words = "logs latency"
        case Outcome.RETRIED:
            words = "logs retries"
        case Outcome.DEGRADED:
            words = "logs errors"
        case Outcome.REFUSED | Outcome.FAILED:
            refused = answer.outcome is Outcome.REFUSED and (ran.written or profile is not None)
            words = f"probe --model {profile or _SURE}" if refused else "doctor"
    return f"mangaops {words}{where.suffix}"


def _next_fault(answer: ProbeAnswer, what: Probe, ordered: Ordered, where: Where) -> str:
    """Once more, often enough for the breakers, where the models did not get over the fault."""
    from mangaops.cli.model_client import PROBE  # noqa: PLC0415 - not for --help
    from mangaops.render.probed import Outcome  # noqa: PLC0415 - as above

    if answer.outcome is not Outcome.DEGRADED or answer.wanted > 1:
        return "mangaops probe --chaos list"
    model = "" if what.model is None else f" --model {quote(what.model)}"
    intent = "" if what.intent == PROBE else f" --intent {quote(what.intent)}"
    stream = " --stream" if what.streamed and not ordered.chaos.streams else ""
    same = f"--chaos {quote(ordered.typed)}{model}{intent}{stream}"
    return f"mangaops probe {same} --repeat {_OFTEN}{where.suffix}"


def _list_chaos(context: AppContext, show: Show) -> None:
    from mangaops.cli.answer import emit_rows  # noqa: PLC0415 - not for --help
    from mangaops.cli.chaos import chaos_rows  # noqa: PLC0415 - as above

    rows = chaos_rows()
    document: dict[str, JSON] = {
        "schema": "mangaops.chaos/1",
        "faults": [dict(row) for row in rows],
    }
    emit_rows(context, show, document, ("fault", "streams only", "what happens"), rows)
    if show.output is Output.TEXT:
        context.note(show, "next: mangaops probe --chaos throttled")


def _emit(context: AppContext, show: Show, answer: ProbeAnswer) -> None:
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - not for --help
    from mangaops.render.probe import probe_markdown, probe_text  # noqa: PLC0415 - as above
    from mangaops.render.probe_document import probe_document  # noqa: PLC0415 - as above

    terminal = context.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(probe_document(answer)))
        case Output.MARKDOWN:
            terminal.emit(probe_markdown(answer))
        case Output.TEXT:
            width, colour = terminal.width, terminal.colour
            terminal.emit(probe_text(answer, width=width, colour=colour, whole=show.verbose))
