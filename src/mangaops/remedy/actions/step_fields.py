"""What actions read out of a step's fields, each of the type that the action wrote there.

A plan's file may have been made by hand, with a right digest and fields that no action
ever wrote. Each function raises InputError then, which names the step, and neither shows
nor guesses a value. `side` is where the field stands.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from mangaops.errors import InputError
from mangaops.model.evidence import JSON
from mangaops.model.plan import Step

Side: TypeAlias = Literal["before", "after", "arguments"]


def held(step: Step, side: Side, name: str) -> JSON:
    """The field, of whatever type."""
    fields = {"before": step.before, "after": step.after, "arguments": step.arguments}[side]
    if name not in fields:
        raise wrong(step, f"{side}: `{name}` is missing")
    return fields[name]


def text(step: Step, side: Side, name: str) -> str:
    value = held(step, side, name)
    if not isinstance(value, str):
        raise wrong(step, f"{side}: `{name}` must be a text")
    return value


def flag(step: Step, side: Side, name: str) -> bool:
    value = held(step, side, name)
    if not isinstance(value, bool):
        raise wrong(step, f"{side}: `{name}` must be true or false")
    return value


def whole(step: Step, side: Side, name: str) -> int:
    value = held(step, side, name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong(step, f"{side}: `{name}` must be a whole number")
    return value


def number(step: Step, side: Side, name: str) -> float:
    value = held(step, side, name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise wrong(step, f"{side}: `{name}` must be a number")
    return value


def two_names(step: Step) -> tuple[str, str]:
    """The two names of a target `A/B`. The first one holds no slash, the second may."""
    first, sign, second = step.target.partition("/")
    if not (first and sign and second):
        raise wrong(step, f"its target `{step.target[:200]}` is not two names")
    return first, second


def as_whole(value: float) -> int | float:
    """A whole number as one, so that a plan reads 8 and not 8.0."""
    return int(value) if float(value).is_integer() else value


def wrong(step: Step, what: str) -> InputError:
    """The error for a step that no version of its action wrote."""
    return InputError(
        f"{what}: `{step.action}` cannot carry this step out",
        where=f"step {step.number}",
        hint="make the plan again with mangaops plan",
    )
