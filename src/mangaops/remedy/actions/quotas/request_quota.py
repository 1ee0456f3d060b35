"""request-quota: asks AWS for more tokens per minute of a model. An answer takes days.

AWS takes one open request of a row at a time, so a second one is never sent: an open
request is an answer. Nothing can be undone; AWS Support can withdraw a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Protocol

from mangaops.errors import AwsNotFound, AwsRejected, Drifted, InputError, Refused
from mangaops.model.plan import Draft, NothingToDo, Risk, State, Step, UndoKind
from mangaops.model.request import RequestQuota
from mangaops.model.resources import Quota, QuotaRequest, StoredParameter
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action, Pen, Progress, Settled, Touches
from mangaops.remedy.actions.aws_line import aws_line
from mangaops.remedy.actions.quotas.rows import row_of
from mangaops.remedy.actions.step_fields import as_whole, number

REQUEST = "quotas.request"
INCREASE = "servicequotas:RequestServiceQuotaIncrease"
LARGEST_FACTOR = 10
_IS_OPEN = "ResourceAlreadyExistsException"
_REFUSED = frozenset({"DENIED", "NOT_APPROVED", "INVALID_REQUEST", "CASE_CLOSED"})


class Quotas(Protocol):
    """Service Quotas of Bedrock; `requests` are newest first."""

    def quotas(self) -> tuple[Quota, ...]: ...
    def quota(self, code: str) -> Quota: ...
    def requests(self, code: str) -> tuple[QuotaRequest, ...]: ...
    def request(self, code: str, desired: float) -> QuotaRequest: ...


class Parameters(Protocol):
    def parameter(self, name: str) -> StoredParameter: ...


class RequestQuotaRemedy:
    reads: ClassVar[tuple[str, ...]] = (
        "ssm:GetParameter",
        "servicequotas:ListServiceQuotas",
        "servicequotas:GetServiceQuota",
        "servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota",
    )
    writes: ClassVar[tuple[str, ...]] = (INCREASE,)

    def __init__(self, *, quotas: Quotas, parameters: Parameters, environment: Environment) -> None:
        self._quotas = quotas
        self._parameters = parameters
        self._environment = environment

    @property
    def actions(self) -> Mapping[str, Action]:
        return {REQUEST: QuotaIncrease(self._quotas)}

    def draft(self, request: RequestQuota) -> Draft | NothingToDo:
        """Raises InputError for a factor that raises nothing or too much, Refused when the
        row is not found by its name or cannot be raised.
        """
        _check(request.factor)
        model = self._model_id(request.model)
        row = row_of(model, self._quotas.quotas())
        desired = round(row.value * request.factor)
        if desired <= row.value:
            raise InputError(
                f"{request.factor:g} times {row.value:,.10g} is not more than the present value",
                where=row.name,
                hint="give a larger --factor, or request a value with aws service-quotas",
            )
        if not row.adjustable:
            raise Refused(
                f'"{row.name}" ({row.code}) cannot be raised: AWS does not adjust it',
                where=model,
                hint="lower max_tokens, or call the model through a cross-region profile",
            )
        if waiting := _open(self._quotas.requests(row.code)):
            return _already(row, waiting)
        return self._draft(request.model, model, row, desired)

    def _model_id(self, model: str) -> str:
        """The id that the chatbot calls, for `sonnet` and `haiku`."""
        if not model:
            raise InputError(
                "no model is named", hint="sonnet, haiku, or the id of a model or profile"
            )
        name = self._environment.resources.get(f"{model.lower()}_parameter", "")
        if model.lower() not in {"sonnet", "haiku"} or not name:
            return model
        try:
            stored = self._parameters.parameter(name)
        except AwsNotFound as error:
            raise InputError(
                f'which model "{model}" is, is not known: there is no parameter {name}',
                where=name,
                hint=f"name the id of the model or profile, or set {model.lower()}_parameter",
            ) from error
        if not stored.value:
            raise Refused(f"{name} is a SecureString", where=name, hint="name the model's id")
        return stored.value

    def _draft(self, confirm: str, model: str, row: Quota, desired: int) -> Draft:
        words = ("--service-code", "bedrock", "--quota-code", row.code)
        return Draft(
            title=f"request {desired:,} tokens per minute for {model}",
            confirm=confirm,
            risk=Risk.MODERATE,
            steps=(_step(row, desired),),
            reach=(f'"{row.name}": every caller of it in this account and region',),
            permissions=self.writes,
            aws_cli=(
                aws_line(
                    self._environment,
                    *("service-quotas", "request-service-quota-increase", *words),
                    *("--desired-value", str(desired)),
                ),
            ),
            notes=(
                "AWS answers in days (1 to 3 business days): the alarm is not watched for it",
                "on 429s at modest traffic lower max_tokens first: each call reserves all of it",
                "it cannot be undone; AWS Support can withdraw an open request",
                "an account's first request also needs iam:CreateServiceLinkedRole",
            ),
            settle=timedelta(minutes=1),
            watched=False,
        )


def _check(factor: float) -> None:
    if not 1 < factor <= LARGEST_FACTOR:  # neither is NaN
        nothing = "raises nothing" if factor <= 1 else "is no factor that AWS would grant"
        raise InputError(
            f"--factor {factor:g} {nothing}",
            where="--factor",
            hint=f"give a number above 1 and at most {LARGEST_FACTOR}, such as 2",
        )


class QuotaIncrease:
    """`quotas.request` on a quota's code: `applied`, and the value `requested` and open.

    Remembers the request that it made, to tell it from earlier ones of the same value.
    """

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas
        self._made: dict[str, str] = {}

    def read(self, step: Step) -> State:
        waiting = _open(self._quotas.requests(step.target))
        applied = self._quotas.quota(step.target).value
        return {
            "applied": as_whole(applied),
            "requested": None if waiting is None else as_whole(waiting.desired),
        }

    def write(self, step: Step, pen: Pen) -> None:
        code, desired = step.target, _desired(step)
        earlier = {one.id for one in self._quotas.requests(code)}

        def send() -> QuotaRequest:
            try:
                return self._quotas.request(code, desired)
            except AwsRejected as error:
                if error.code != _IS_OPEN:
                    raise
                return self._ours(code, desired, error)

        def landed() -> QuotaRequest | None:
            """Also one that AWS has answered by now: a second one would ask again."""
            found = (one for one in self._quotas.requests(code) if one.desired == desired)
            return next((one for one in found if one.open or one.id not in earlier), None)

        request = pen.call(
            INCREASE,
            send,
            about={"quota": code, "desired": desired},
            landed=landed,
            told=lambda made: {"request": made.id, "status": made.status},
        )
        self._made[code] = request.id

    def _ours(self, code: str, desired: float, refusal: AwsRejected) -> QuotaRequest:
        """An open request of the same value does as well as a new one."""
        found = _open(self._quotas.requests(code))
        if found is None:
            raise refusal
        if found.desired == desired:
            return found
        raise Drifted(
            f"request {found.id} for {found.desired:,.10g} is open ({found.status})",
            where=code,
            hint="AWS takes one open request of a quota: wait for its end",
        )

    def settled(self, step: Step) -> Settled:
        made, requests = self._made.get(step.target), self._quotas.requests(step.target)
        ours = next((one for one in requests if one.id == made), None)
        if made is None:  # an earlier run made it
            waiting = _open(requests)
            ours = waiting if waiting and waiting.desired == _desired(step) else None
        if ours is None:
            return Settled(progress=Progress.WAITING, detail="AWS does not list the request yet")
        detail = f"request {ours.id} is {ours.status}"
        refused = ours.status in _REFUSED
        return Settled(progress=Progress.FAILED if refused else Progress.REACHED, detail=detail)

    def touches(self, step: Step) -> Touches:
        del step
        return Touches()


def _open(requests: tuple[QuotaRequest, ...]) -> QuotaRequest | None:
    return next((one for one in requests if one.open), None)


def _already(row: Quota, waiting: QuotaRequest) -> NothingToDo:
    return NothingToDo(
        reason=f'request {waiting.id} for {waiting.desired:,.10g} of "{row.name}" is open '
        f"({waiting.status}); AWS takes one at a time",
        hint="`aws service-quotas get-requested-service-quota-change --request-id "
        f"{waiting.id}` tells its state",
    )


def _desired(step: Step) -> float:
    return number(step, "after", "requested")


def _step(row: Quota, desired: int) -> Step:
    return Step(
        number=1,
        action=REQUEST,
        target=row.code,
        before={"applied": as_whole(row.value), "requested": None},
        after={"requested": desired},
        undo=UndoKind.NONE,
        summary=f'AWS is asked to raise "{row.name}" from {row.value:,.10g} to {desired:,}',
    )
