"""The choices -> a commented mangaops.yaml, which `config.load` takes as it is."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mangaops.model.settings import DEFAULT_RESOURCES, RegionFrom
from mangaops.readiness.discovery.search import Choice, State
from mangaops.readiness.discovery.wanted import CACHE, LOCK

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*(:[A-Za-z0-9_./-]+)*")
_WORDS = {"true", "false", "null"}
_WIDE = 96
_MOST_OTHERS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is known about one environment of an installation.

    `region_from` says who named the region. `account` is empty where nobody told it, which
    `stranger` explains.
    """

    environment: str
    region: str
    account: str
    caller: str
    region_from: RegionFrom
    choices: Mapping[str, Choice]
    profiles: tuple[str, ...] = ()
    profile: str | None = None
    endpoint_url: str | None = None
    stranger: str = ""


def to_yaml(proposal: Proposal) -> str:
    """The whole file."""
    return "".join(f"{line}\n" for line in _lines(proposal))


def scalar(value: str) -> str:
    """A text as the strict YAML of the configuration reads it back."""
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)


def _lines(proposal: Proposal) -> Iterator[str]:
    name = scalar(proposal.environment)
    yield "# Proposed by `mangaops init` from what AWS lists. Read it once: a name that is wrong"
    yield "# here is missing evidence in an incident. What stands behind # is not in force."
    yield "schema: mangaops.config/1"
    yield f"default: {name}"
    yield "environments:"
    yield f"  {name}:"
    for line in _environment(proposal):
        yield f"    {line}" if line else ""
    any_found = any(proposal.choices[resource].value for resource in DEFAULT_RESOURCES)
    yield "    resources:" if any_found else "    # resources:"
    for resource in DEFAULT_RESOURCES:
        for line in _resource(proposal.choices[resource]):
            yield f"      {line}"


def _environment(proposal: Proposal) -> Iterator[str]:
    check = "; CHECK" if proposal.region_from is RegionFrom.NOWHERE else ""
    yield f"region: {scalar(proposal.region)}    # {proposal.region_from}{check}"
    if proposal.account:
        yield f'account: "{proposal.account}"    # seen as {proposal.caller}; others are refused'
    else:
        yield from _comment(f"the account is not known: {proposal.stranger}")
        yield '# account: "123456789012"    # others would be refused'
    if proposal.profile:
        yield f"profile: {scalar(proposal.profile)}"
    if proposal.endpoint_url:
        yield f"endpoint_url: {scalar(proposal.endpoint_url)}"
    yield "# protected: true    # every change asks for a name to be typed"
    yield from _of_the_environment(proposal.choices[CACHE], "redis://HOST:6379")
    yield from _of_the_environment(proposal.choices[LOCK], "mangaops-locks")
    if proposal.profiles:
        seen = ", ".join(proposal.profiles)
        yield from _comment(f"inference profiles here, which the parameters may name: {seen}")


def _of_the_environment(choice: Choice, example: str) -> Iterator[str]:
    if choice.value:
        yield f"{choice.name}: {scalar(choice.value)}    # {_printable(choice.reason)}"
        yield from _others(choice.others)
        return
    yield from _comment(f"{_why_not(choice)}; {choice.name} is not set")
    yield f"# {choice.name}: {example}"


def _resource(choice: Choice) -> Iterator[str]:
    usual = DEFAULT_RESOURCES[choice.name]
    if choice.value:
        doubt = "" if choice.clear else "; CHECK: others fit as well"
        yield f"{choice.name}: {scalar(choice.value)}    # {_printable(choice.reason)}{doubt}"
        yield from _others(choice.others)
        return
    yield f"# {choice.name}: {scalar(usual)}"
    yield from _comment(f"{_why_not(choice)}; the default holds", deeper=True)
    yield from _others(choice.others)


def _why_not(choice: Choice) -> str:
    match choice.state:
        case State.DENIED:
            return f"not allowed to ask: {choice.reason}"
        case State.FAILED:
            return f"could not be asked: {choice.reason}"
        case State.NOT_ASKED:
            return choice.reason
        case State.NOT_FOUND | State.FOUND | State.CHOSEN | State.GIVEN:
            return f"not found: {choice.reason}"


def _others(names: Sequence[str]) -> Iterator[str]:
    if names:
        more = len(names) - _MOST_OTHERS
        told = ", ".join(names[:_MOST_OTHERS]) + (f" and {more} more" if more > 0 else "")
        yield from _comment(f"also there: {told}", deeper=True)


def _comment(text: str, *, deeper: bool = False) -> Iterator[str]:
    """A name or an error of AWS on lines of its own."""
    start = "#   " if deeper else "# "
    whole = _printable(text)
    for line in textwrap.wrap(whole, _WIDE, break_long_words=False, break_on_hyphens=False):
        yield start + line


def _printable(text: str) -> str:
    """Without what would end a comment: a tag of AWS may hold a line break."""
    return "".join(each if each.isprintable() else " " for each in text)
