"""What may be written into the parameters that are known, before the chatbot reads it.

SSM takes any text. The rules are by the resource's name in the environment, so that
they hold whatever the parameter's path is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mangaops.model.settings import Environment
from mangaops.remedy.actions.plain_text import is_plain

SUFFIX = "_parameter"
_DIGITS = re.compile(r"[0-9]{1,18}")
_DECIMAL = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
"""As every reader of a parameter takes it: no 1e-3, no 0_5, no blanks, ASCII digits only."""

_BLANK = re.compile(r"\s")
_NAME = re.compile(r"[A-Za-z0-9_./-]+")
"""SSM's rule; `name:3` would read an old version, and an ARN cannot be written to."""


def known_names(environment: Environment) -> tuple[str, ...]:
    """The paths of the environment's parameters."""
    resources = environment.resources
    return tuple(sorted(path for key, path in resources.items() if key.endswith(SUFFIX) and path))


def objection(environment: Environment, name: str, value: str) -> str:
    """Why this value cannot be meant for this parameter; empty when it can."""
    if not _NAME.fullmatch(name):
        return "a parameter's name has letters, digits and _ . / - only"
    if not is_plain(value, but="\n\r\t"):
        return "it has control characters, or bytes that are no UTF-8"
    if not value.strip():
        return "an empty value cannot be stored"
    for key, rule in _RULES.items():
        if environment.resources.get(key) == name:
            return rule(value)
    return ""


def same(environment: Environment, name: str, old: str, new: str) -> bool:
    """Equal; where a number is wanted also as numbers: `0.30` is `0.3`."""
    number = any(environment.resources.get(key) == name for key in _NUMBERS)
    return old == new or (number and _number(old) is not None and _number(old) == _number(new))


def _share(value: str) -> str:
    number = _number(value)
    return "" if number is not None and 0 <= number <= 1 else "a number from 0 to 1 is needed"


def _switch(value: str) -> str:
    return "" if value in {"on", "off"} else "it is either on or off"


def _positive(value: str) -> str:
    whole = _DIGITS.fullmatch(value) is not None and int(value) > 0
    return "" if whole else "a whole number above 0 is needed"


def _percent(value: str) -> str:
    whole = _DIGITS.fullmatch(value) is not None and int(value) <= 100
    return "" if whole else "a whole number from 0 to 100 is needed"


def _word(value: str) -> str:
    return "it may hold no blanks" if _BLANK.search(value) else ""


_RULES: Mapping[str, Callable[[str], str]] = {
    "router_threshold_parameter": _share,
    "adaptive_routing_parameter": _switch,
    "flash_sale_parameter": _switch,
    "recommendation_ttl_parameter": _positive,
    "ef_search_parameter": _positive,
    "candidate_share_parameter": _percent,
    "sonnet_parameter": _word,
    "haiku_parameter": _word,
    "classifier_parameter": _word,
}
_NUMBERS = tuple(key for key, rule in _RULES.items() if rule in {_share, _positive, _percent})


def _number(text: str) -> float | None:
    return float(text) if _DECIMAL.fullmatch(text) else None
