"""Functions of times, numbers and texts."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from functools import partial

from mangaops.diagnose.env import Env, Evaluates
from mangaops.diagnose.formats import formatted
from mangaops.diagnose.operators import guarded, is_number
from mangaops.diagnose.plain import plain_text
from mangaops.diagnose.values import (
    PENDING,
    UNKNOWN,
    Result,
    Value,
    bare,
    blocked,
    derived,
    lift,
    merged,
)

_LONGEST_NUMBER = 40
_DIGITS = 12


def _of_numbers(
    function: Callable[..., float], evaluator: Evaluates, node: ast.Call, env: Env
) -> Value:
    def compute(*numbers: object) -> object:
        if not all(is_number(number) for number in numbers):
            return UNKNOWN
        try:
            return guarded(function(*numbers))
        except (ArithmeticError, ValueError):
            return UNKNOWN

    return derived(compute, *(evaluator.value(argument, env) for argument in node.args))


def _age(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    """Seconds before the window's end; negative for what is after it."""
    end = evaluator.facts.window.end.timestamp()
    return _of_numbers(lambda at: end - at, evaluator, node, env)


def _rounded(number: float, digits: float = 0) -> float:
    places = int(max(-_DIGITS, min(_DIGITS, digits)))
    return round(number, places) if places else round(number)


def _within(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    """abs(x - target) <= fraction * |target|."""
    parts = [evaluator.value(argument, env) for argument in node.args]
    outcome = derived(_near, *parts)
    evaluator.keep(env, evaluator.text(node), outcome, parts[:2], node.args[:2])
    return outcome


def _near(x: object, target: object, fraction: object) -> object:
    if not (is_number(x) and is_number(target) and is_number(fraction)):
        return UNKNOWN
    try:
        # a boundary such as 5 % of 600 must not be lost to the last bit
        allowed = fraction * abs(target)
        return abs(x - target) <= allowed or math.isclose(abs(x - target), allowed, rel_tol=1e-12)
    except OverflowError:
        return UNKNOWN


def _texts(
    function: Callable[[str, str], bool], evaluator: Evaluates, node: ast.Call, env: Env
) -> Value:
    def compare(text: object, part: object) -> object:
        if isinstance(text, str) and isinstance(part, str):
            return function(text, part)
        return UNKNOWN

    parts = [evaluator.value(argument, env) for argument in node.args]
    outcome = derived(compare, *parts)
    evaluator.keep(env, evaluator.text(node), outcome, parts, node.args)
    return outcome


def _number(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    """The number that a text spells; unknown for any other text."""
    return derived(_spelled, evaluator.value(node.args[0], env))


def _spelled(value: object) -> object:
    if is_number(value):
        return value
    if not isinstance(value, str) or len(value) > _LONGEST_NUMBER or "_" in value:
        return UNKNOWN
    try:
        return guarded(float(value))
    except ValueError:
        return UNKNOWN


def _text(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    return derived(plain_text, evaluator.value(node.args[0], env))


def _label(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    """`name (figure)`. A figure that is not there is told as unknown, so that one gap
    does not silence a whole list; whoever decides on such a text has not seen it all.
    """
    name, figure = (evaluator.value(argument, env) for argument in node.args[:2])
    state = blocked((name,)) or (PENDING if bare(figure) is PENDING else None)
    if state is not None:
        return merged(state, (name, figure))
    told = formatted(bare(figure), _format(node))
    unseen = lift(figure).missing if bare(figure) is UNKNOWN else frozenset()
    label = merged(f"{plain_text(bare(name))} ({told})", (name, figure))
    return merged(label.value, (label, Result(value=None, unseen=unseen)))


def _format(node: ast.Call) -> str:
    last = node.args[-1]
    return str(last.value) if len(node.args) > 2 and isinstance(last, ast.Constant) else ""


FUNCTIONS: Mapping[str, Callable[[Evaluates, ast.Call, Env], Value]] = {
    "age": _age,
    "seconds": partial(_of_numbers, lambda n: n),
    "minutes": partial(_of_numbers, lambda n: n * 60),
    "hours": partial(_of_numbers, lambda n: n * 3600),
    "days": partial(_of_numbers, lambda n: n * 86400),
    "abs": partial(_of_numbers, abs),
    "round": partial(_of_numbers, _rounded),
    "within": _within,
    "number": _number,
    "text": _text,
    "label": _label,
    "contains": partial(_texts, lambda text, part: part in text),
    "starts_with": partial(_texts, str.startswith),
}
