"""set-parameter (also `route` and `flash-sale-mode`): a new version of an SSM parameter.

PutParameter has no condition, so the parameter is read immediately before each send, and
a version that is not the one read before ends it. It is never made by this: a mistyped
path is refused. No type is sent, which keeps type, tier and data type as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Protocol

from mangaops.errors import (
    AwsCredentials,
    AwsError,
    AwsNotFound,
    Drifted,
    InputError,
    Refused,
    nearest,
)
from mangaops.model.evidence import JSON
from mangaops.model.plan import Draft, NothingToDo, Risk, State, Step, UndoKind
from mangaops.model.redaction import is_secret_name, redacted
from mangaops.model.request import SetParameter
from mangaops.model.resources import StoredParameter
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action, Pen, Progress, Settled, Touches
from mangaops.remedy.actions.aws_line import aws_line, json_word
from mangaops.remedy.actions.owners import owned_by
from mangaops.remedy.actions.parameters.rules import known_names, objection, same
from mangaops.remedy.actions.plain_text import is_plain
from mangaops.remedy.actions.step_fields import text

VALUE = "parameters.value"
PUT = "ssm:PutParameter"
_NOT_LITERAL = ("-", "file://", "fileb://", "http://", "https://")


class Parameters(Protocol):
    def parameter(self, name: str) -> StoredParameter: ...
    def put(self, name: str, value: str) -> int: ...
    def tags(self, name: str) -> Mapping[str, str]: ...


class SetParameterRemedy:
    reads: ClassVar[tuple[str, ...]] = ("ssm:GetParameter", "ssm:ListTagsForResource")
    writes: ClassVar[tuple[str, ...]] = (PUT,)

    def __init__(self, *, parameters: Parameters, environment: Environment) -> None:
        self._parameters = parameters
        self._environment = environment

    @property
    def actions(self) -> Mapping[str, Action]:
        return {VALUE: ParameterValue(self._parameters)}

    def draft(self, request: SetParameter) -> Draft | NothingToDo:
        """Raises InputError for an unknown parameter or an impossible value, Refused for
        secrets: only references to them may be written down, and SSM has none.
        """
        name, value = request.name, request.value
        self._check_words(name, value)
        stored = self._stored(name)
        old = _readable(stored)
        if same(self._environment, name, old, value):
            return NothingToDo(reason=f"{name} is {old} already (version {stored.version})")
        return self._draft(stored, old, value)

    def _check_words(self, name: str, value: str) -> None:
        if not name:
            raise InputError(
                "no parameter is named",
                hint=f"there are {', '.join(known_names(self._environment))}",
            )
        if is_secret_name(name) or redacted(value) != value:
            raise _secret(name, "the name or the value looks like a secret")
        if why := objection(self._environment, name, value):
            told = _printed(name)
            what = f'"{_printed(value)}" cannot be the value of {told}: {why}'
            raise InputError(what, where=told)

    def _stored(self, name: str) -> StoredParameter:
        try:
            return self._parameters.parameter(name)
        except AwsNotFound as error:
            raise InputError(
                f'there is no parameter "{name}", and none is made',
                where=name,
                hint=_other_names(self._environment, name),
            ) from error

    def _draft(self, stored: StoredParameter, old: str, value: str) -> Draft:
        name = stored.name
        words = ("ssm", "put-parameter", *_words(name, value))
        return Draft(
            title=f"set {name} from {old} to {value}",
            confirm=name,
            risk=Risk.MODERATE,
            steps=(_step(stored, old, value),),
            reach=("everything that reads it at run time: no deployment is needed",),
            conflicts=self._owners(name),
            permissions=self.writes,
            aws_cli=(aws_line(self._environment, *words),),
            notes=(
                f"now at version {stored.version}; readers may keep it until they read again",
                "undo writes the old value as a new version: SSM cannot bring a version back",
            ),
            settle=timedelta(minutes=1),
        )

    def _owners(self, name: str) -> tuple[str, ...]:
        try:
            return owned_by(self._parameters.tags(name))
        except AwsCredentials:
            raise
        except AwsError as error:
            return (f"its tags could not be read ({error.what}): who owns it is not known",)


class ParameterValue:
    """`parameters.value` on the parameter's path.

    Only the `value` is compared: a version never comes back, not even by undo. The one
    that was seen stands in the step's arguments.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def read(self, step: Step) -> State:
        return {"value": self._stored(step.target).value}

    def write(self, step: Step, pen: Pen) -> None:
        name, value = step.target, text(step, "after", "value")
        seen = self._stored(name)
        _expect(name, seen.value == text(step, "before", "value"), seen)

        def send() -> int:
            now = self._stored(name)
            _expect(name, now.version == seen.version, now)
            return self._parameters.put(name, value)

        def landed() -> int | None:
            now = self._stored(name)
            if now.version == seen.version:
                return None
            _expect(name, (now.version, now.value) == (seen.version + 1, value), now)
            return now.version

        pen.call(
            PUT,
            send,
            about={"name": name, "value": value, "after_version": seen.version},
            landed=landed,
            told=lambda version: {"version": version},
        )

    def settled(self, step: Step) -> Settled:
        """SSM may show the old value for a moment after a write."""
        stored = self._stored(step.target)
        detail = _shown(stored)
        if stored.value == text(step, "after", "value"):
            return Settled(progress=Progress.REACHED, detail=detail)
        old = stored.value == text(step, "before", "value")
        return Settled(progress=Progress.WAITING if old else Progress.FAILED, detail=detail)

    def touches(self, step: Step) -> Touches:
        return Touches(parameters=(step.target,))

    def _stored(self, name: str) -> StoredParameter:
        return self._parameters.parameter(name)


def _other_names(environment: Environment, name: str) -> str:
    """What to do about a name that SSM does not have: itself is no suggestion."""
    own = [key for key, value in environment.resources.items() if value == name]
    if own:
        return f"correct resources.{own[0]} in mangaops.yaml"
    known = known_names(environment)
    there = f"the environment's parameters are {', '.join(known)}"
    return " ".join(filter(None, (nearest(name, known), there)))


def _words(name: str, value: str) -> tuple[str, ...]:
    """The AWS CLI reads a file or an address for some values, and takes others for options;
    within JSON every value is literal.
    """
    if not name.startswith("-") and not value.startswith(_NOT_LITERAL):
        return ("--name", name, "--value", value, "--overwrite")
    put: dict[str, JSON] = {"Name": name, "Value": value, "Overwrite": True}
    return ("--cli-input-json", json_word(put))


def _readable(stored: StoredParameter) -> str:
    if stored.value is None:
        raise _secret(stored.name, "it is a SecureString")
    if redacted(stored.value) != stored.value:
        raise _secret(stored.name, "its present value looks like a secret")
    return stored.value


def _printed(value: str) -> str:
    """What was typed, so that a terminal can show it."""
    return value if is_plain(value) else ascii(value)[1:-1]


def _shown(stored: StoredParameter) -> str:
    value = "of a type that is not shown" if stored.value is None else redacted(stored.value)
    return f"{value} (version {stored.version})"


def _secret(name: str, why: str) -> Refused:
    return Refused(
        f"{name} is not written into a plan: {why}",
        where=name,
        hint="set it with `aws ssm put-parameter` yourself: a journal must hold no secret",
    )


def _expect(name: str, holds: object, found: StoredParameter) -> None:
    if not holds:
        raise Drifted(
            f"{name} was changed by someone else: it is {_shown(found)}",
            where=name,
            hint="plan again, to see what it is now",
        )


def _step(stored: StoredParameter, old: str, value: str) -> Step:
    return Step(
        number=1,
        action=VALUE,
        target=stored.name,
        before={"value": old},
        after={"value": value},
        undo=UndoKind.EXACT,
        summary="a new version of the parameter",
        arguments={"version": stored.version},
    )
