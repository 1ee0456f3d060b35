"""`--chaos NAME[:MODEL]`: an embedded Bedrock Runtime with one fault, for one command alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from mangaops.cli import embedded
from mangaops.errors import InputError, SandboxError, nearest

if TYPE_CHECKING:
    from mangaops.model.evidence import Row
    from mangaops.model.settings import Environment
    from mangaops.sandbox.model_chaos import Chaos

_ANSWERS_IN = 5.0
"""Seconds for the sandbox's own paths."""


def chaos_rows() -> list[Row]:
    """The catalogue, in its order."""
    from mangaops.sandbox.model_chaos import CHAOS  # noqa: PLC0415 - only for --chaos

    return [
        {
            "fault": one.name,
            "what happens": one.summary,
            "streams only": one.streams,
        }
        for one in CHAOS.values()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """A fault of the catalogue, for the models whose id matches a pattern."""

    chaos: Chaos
    model: str = "*"

    @property
    def typed(self) -> str:
        return self.chaos.name + ("" if self.model == "*" else f":{self.model.strip('*')}")

    @property
    def summary(self) -> str:
        told = "" if self.model == "*" else f" (models with `{self.model.strip('*')}` in their id)"
        return f"{self.chaos.summary}{told}"

    def met_by_none(self, endpoint: str | None) -> bool:
        """Whether its models were asked, and no call met the fault."""
        return endpoint is not None and bool(self.chaos.faults) and not calls_met(endpoint)

    @property
    def spoils_what_is_said(self) -> bool:
        """The model answers, and is wrong: that is seen where JSON is asked for."""
        return any(fault.where.value == "output" for fault in self.chaos.faults)


def ordered(typed: str) -> Ordered:
    """The fault of `NAME`, or of `NAME:MODEL` for the models with MODEL in their id.

    Raises InputError with the nearest name.
    """
    from mangaops.sandbox.model_chaos import CHAOS, Reach  # noqa: PLC0415 - only for --chaos

    name, colon, model = typed.partition(":")
    if name not in CHAOS:
        hint = nearest(name, CHAOS) or "`mangaops probe --chaos list` has them"
        raise InputError(f"no fault is named `{name}`", where="--chaos", hint=hint)
    if not colon:
        return Ordered(chaos=CHAOS[name])
    hint = f"--chaos {name}, or --chaos throttled:sonnet"
    if not model:
        raise InputError(f"`{typed}` names no model", where="--chaos", hint=hint)
    if CHAOS[name].reach is not Reach.SERVED:
        raise InputError(f"`{name}` is not of one model", where="--chaos", hint=hint)
    return Ordered(chaos=CHAOS[name], model=f"*{model}*")


def refuse_without_the_extra() -> None:
    """Raises InputError where the packages of the sandbox are not installed."""
    try:
        embedded.need_the_extra()
    except SandboxError as error:
        raise InputError(error.what, where="--chaos", hint=error.hint) from error


@contextmanager
def chaotic(found: Ordered) -> Iterator[Environment]:
    """An environment whose models have this fault, until the end of the block."""
    refuse_without_the_extra()
    with embedded.without_scenario() as running:
        if found.chaos.faults:
            fault = {"chaos": found.chaos.name, "model": found.model}
            _put(running.endpoint_url, {"faults": [fault]})
        yield embedded.environment(running, embedded.base_of(None))


@contextmanager
def endpoint_of(chaos: Chaos) -> Iterator[str | None]:
    """Where its models are said to be, if that is another place than the sandbox."""
    from mangaops.sandbox.model_chaos import Reach  # noqa: PLC0415 - only for --chaos
    from mangaops.sandbox.ports import refusing, unanswering  # noqa: PLC0415 - as above

    match chaos.reach:
        case Reach.SERVED:
            yield None
        case Reach.REFUSED:
            with refusing() as url:
                yield url
        case Reach.UNANSWERED:
            with unanswering() as url:
                yield url


def calls_met(endpoint: str) -> int:
    """How many calls of this embedded Bedrock Runtime met a fault."""
    told = _asked(Request(f"{endpoint}/_sandbox/models/calls"))  # noqa: S310 - our own endpoint
    return sum(one["fault"] is not None for one in json.loads(told)["calls"])


def _put(endpoint: str, body: dict[str, Any]) -> None:
    _asked(
        Request(  # noqa: S310 - an endpoint of our own
            f"{endpoint}/_sandbox/models",
            data=json.dumps(body).encode(),
            method="PUT",
            headers={"Content-Type": "application/json"},
        )
    )


def _asked(request: Request) -> bytes:
    try:
        with urlopen(request, timeout=_ANSWERS_IN) as answer:  # noqa: S310 - as above
            told: bytes = answer.read()
            return told
    except (OSError, HTTPException) as error:
        what = f"the sandbox does not serve --chaos: {error}"
        raise SandboxError(what, where="--chaos", hint="mangaops probe --chaos list") from error
