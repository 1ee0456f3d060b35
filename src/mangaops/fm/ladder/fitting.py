"""The request as one model can take it, or why it cannot.

Rule: what a model does not take is left out, and a conversation that is too long loses its
oldest turns (or is summarised). What then is still too long goes to a model with more room.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mangaops.fm.config import IntentPolicy
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.ladder.asking_hooks import summarise
from mangaops.fm.ladder.descent import Onward
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import SoFar
from mangaops.fm.ladder.steps import Step
from mangaops.fm.requests import overflow
from mangaops.fm.requests.adapt import adapt
from mangaops.fm.requests.issue import IssueCode, errors_of
from mangaops.fm.requests.registry import ModelSpec
from mangaops.fm.requests.request import Request
from mangaops.fm.requests.validate import validate_request
from mangaops.fm.transport.raw import COUNT_S
from mangaops.model.tokens import CERTAIN

_OF_A_STEP = {IssueCode.UNKNOWN_MODEL, IssueCode.INPUT_OVER_MODEL, IssueCode.INPUT_OVER_BUDGET}
"""These are looked at model by model: another one, or fewer turns, may do."""
_LESS = 0.7
"""So much is left of a request that a model itself called too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """`issues` are the codes of all that the validator found. `failure` is None where there is
    nothing wrong with it but the time.
    """

    failure: Failure | None
    go: Onward
    reason: str
    issues: tuple[str, ...] = ()


def completed(request: Request, policy: IntentPolicy, **names: Any) -> Request:
    """With what the intent says where the request says nothing: max_tokens is always sent.
    `names` are fields that are set as well.
    """
    tokens = policy.max_tokens if request.max_tokens is None else request.max_tokens
    return replace(request, max_tokens=tokens, cached=request.cached or policy.cached, **names)


def refused(parts: Parts, request: Request, policy: IntentPolicy) -> Unfit | None:
    """What is wrong with the request for every model, all of it at once."""
    issues = validate_request(
        request, parts.config.models, target=policy.route, budget=policy.budget
    )
    wrong = [one for one in errors_of(issues) if one.code not in _OF_A_STEP]
    if not wrong:
        return None
    told = "; ".join(map(str, wrong))
    failure = Failure.of(FailureClass.REQUEST_BAD, wrong[0].code.value, detail=told)
    return Unfit(
        failure=failure,
        go=Onward.APOLOGY,
        reason=f"the request is not valid: {told}",
        issues=_each_once(one.code.value for one in issues),
    )


def fit(parts: Parts, call: SoFar, step: Step) -> Request | Unfit:
    spec = parts.config.models.of(step.target.model_id)
    if spec is None:
        failure = Failure.of(FailureClass.CONFIG, IssueCode.UNKNOWN_MODEL.value)
        reason = "it is not in the registry of models"
        return Unfit(failure=failure, go=Onward.OTHER_MODEL, reason=reason)
    adapted = adapt(call.request, spec)
    request, limit = adapted.request, _room(adapted.request, spec, call.policy)
    _tell(call, (f"omitted_{name}" for name in adapted.omitted))
    if _goes_in(parts, call, step, request, limit):
        return request
    return _shortened(parts, call, step, request, limit)


def shorter(parts: Parts, call: SoFar, step: Step, request: Request) -> Request | Unfit:
    """After a model found the request too long, although it was estimated to fit."""
    if call.shortened:
        return _too_long()
    estimate = parts.counter.corrected(step.target.model_id, call.estimate_of(request))
    return _shortened(parts, call, step, request, math.floor(estimate * _LESS))


def _tell(call: SoFar, codes: Iterable[str]) -> None:
    """In the record of the call: what was not sent as it was asked for, and what is doubtful."""
    call.issues = _each_once([*call.issues, *codes])


def _each_once(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, codes)))


def _room(request: Request, spec: ModelSpec, policy: IntentPolicy) -> int:
    return min(spec.context_tokens - (request.max_tokens or 0), policy.input_tokens)


def _goes_in(parts: Parts, call: SoFar, step: Step, request: Request, limit: int) -> bool:
    """An estimate is an upper one; what is over the limit is counted, where that can be done
    and the model then still has its time.
    """
    estimate = parts.counter.corrected(step.target.model_id, call.estimate_of(request))
    if estimate > limit:
        budget = limit == call.policy.input_tokens
        _tell(call, [IssueCode.INPUT_OVER_BUDGET if budget else IssueCode.INPUT_OVER_MODEL])
    if estimate * CERTAIN <= limit:
        return True
    in_time = call.deadline.left() - COUNT_S >= step.p50
    counted = parts.counter.counted(step.target, request, may_ask=in_time)
    return counted.exact and counted.tokens <= limit


def _shortened(
    parts: Parts, call: SoFar, step: Step, request: Request, limit: int
) -> Request | Unfit:
    call.shortened = True
    fitted = overflow.fit(
        request,
        limit,
        factor=parts.counter.factor(step.target.model_id),
        summarise=summarise(parts, call),
    )
    if not fitted.fits:
        return _too_long()
    call.dropped = max(call.dropped, fitted.dropped)
    return fitted.request


def _too_long() -> Unfit:
    failure = Failure.of(FailureClass.REQUEST_BAD, "input_too_long", context_overflow=True)
    return Unfit(failure=failure, go=Onward.LARGER_MODEL, reason="the question is too long for it")
