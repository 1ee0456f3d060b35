"""Asking AWS for everything that the configuration names, and choosing.

What does not depend on a choice is asked at once, in parallel. A cluster leads to its
services, a service to its containers, a container to its log group, a function to its
log group, a collection to its group, and an API to its stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from mangaops.errors import AwsDenied, MangaopsError
from mangaops.evidence.parallel import run_all
from mangaops.model.listed import Listed
from mangaops.readiness.discovery.matching import Match, is_clear, ranked
from mangaops.readiness.discovery.wanted import WANTED, Wanted

Answer: TypeAlias = tuple[Listed, ...] | MangaopsError

AT_ONCE = (
    "clusters",
    "log_groups",
    "tables",
    "functions",
    "collections",
    "collection_groups",
    "replication_groups",
    "serverless_caches",
    "lone_caches",
    "websocket_apis",
    "parameters",
    "nat_gateways",
    "namespaces",
    "profiles",
)
ORDER = (
    *("cluster", "service", "container", "orchestrator_log", "inventory_table", "invalidator"),
    *("invalidator_log", "collection", "collection_group", "websocket_api", "websocket_stage"),
)
"""What leads to something else comes first; the others follow as they are in the file."""
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "services": ("cluster",),
    "containers": ("cluster", "service"),
    "stages": ("websocket_api",),
}
"""The choices that a list depends on, in the order in which it is asked with them."""


class Asked(Protocol):
    """The lists of `AT_ONCE`, each a method of its name, and those that need a choice."""

    def services(self, cluster: str) -> tuple[Listed, ...]: ...

    def containers(self, cluster: str, service: str) -> tuple[Listed, ...]: ...

    def stages(self, api: str) -> tuple[Listed, ...]: ...


class State(StrEnum):
    """How a name was come by."""

    FOUND = "found"
    CHOSEN = "chosen"
    GIVEN = "given"
    NOT_FOUND = "not_found"
    DENIED = "denied"
    FAILED = "failed"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One name. `value` is empty where none was found; `others` are further candidates."""

    name: str
    state: State
    value: str = ""
    reason: str = ""
    others: tuple[str, ...] = ()
    clear: bool = True


Choose: TypeAlias = Callable[[Wanted, Sequence[Match]], str]
"""Asks a person which one; gives its name, or nothing for the first."""


class Search:
    """One search. `given` are names that the operator knows; `tell` says what is asked."""

    def __init__(
        self,
        asked: Asked,
        *,
        given: Mapping[str, str],
        choose: Choose,
        tell: Callable[[str], None],
    ) -> None:
        self._asked = asked
        self._given = given
        self._choose = choose
        self._tell = tell
        self._answers: dict[str, Answer] = {}
        self._choices: dict[str, Choice] = {}

    def run(self) -> Mapping[str, Choice]:
        """A choice for every wanted name, in the order of the configuration."""
        jobs = {name: getattr(self._asked, name) for name in AT_ONCE}
        for name, answer in run_all(jobs):
            self._answers[name] = answer
            self._tell(f"asked for {len(self._answers)} of {len(jobs)} kinds of things")
        for name in (*ORDER, *(name for name in WANTED if name not in ORDER)):
            self._choices[name] = self._chosen(WANTED[name])
        return {name: self._choices[name] for name in WANTED}

    @property
    def heard(self) -> bool:
        """Whether AWS gave any list at all."""
        return any(isinstance(answer, tuple) for answer in self._answers.values())

    def profiles(self) -> tuple[str, ...]:
        """The inference profiles of Anthropic's models."""
        answer = self._answers["profiles"]
        found = () if isinstance(answer, MangaopsError) else answer
        return tuple(one.name for one in found if "anthropic" in one.name)

    def _chosen(self, wanted: Wanted) -> Choice:
        if wanted.name in self._given:
            value = self._given[wanted.name]
            return Choice(name=wanted.name, state=State.GIVEN, value=value, reason="given by --use")
        if not wanted.sources:
            return Choice(
                name=wanted.name, state=State.NOT_ASKED, reason="AWS has no list of these"
            )
        if unknown := self._unknown(wanted.sources):
            return Choice(
                name=wanted.name,
                state=State.NOT_ASKED,
                reason=f"not asked: no {unknown.replace('_', ' ')} is known",
            )
        answers = [self._answer(source) for source in wanted.sources]
        listed = [one for answer in answers if isinstance(answer, tuple) for one in answer]
        failures = [answer for answer in answers if isinstance(answer, MangaopsError)]
        if failures and not listed:
            return _failed(wanted, failures[0])
        fit = [one for one in listed if wanted.needs <= one.marks]
        looks = next((one for one in ranked(wanted, listed) if one.score), None)
        if looks is not None and not fit:
            return _unfit(wanted, looks)
        return self._best(wanted, ranked(wanted, fit, dict(self._facts(wanted.name))))

    def _best(self, wanted: Wanted, matches: Sequence[Match]) -> Choice:
        if not matches:
            return Choice(name=wanted.name, state=State.NOT_FOUND, reason="there is none at all")
        usual = matches[0].name == wanted.usual
        others = tuple(one.name for one in matches if one.score and not usual)
        clear = is_clear(matches)
        if clear:
            return _found(wanted, matches[0], State.FOUND, others, clear=True)
        picked = self._choose(wanted, matches)
        by_name = {one.name: one for one in matches}
        if picked in by_name:
            return _found(wanted, by_name[picked], State.CHOSEN, others, clear=True)
        if matches[0].score:
            return _found(wanted, matches[0], State.FOUND, others, clear=False)
        reason = f"none of the {len(matches)} there are looks like it"
        names = tuple(one.name for one in matches)
        return Choice(name=wanted.name, state=State.NOT_FOUND, reason=reason, others=names)

    def _answer(self, source: str) -> Answer:
        if source not in self._answers:
            self._tell(f"asking for {source}")
            try:
                self._answers[source] = self._asked_for(source)
            except MangaopsError as error:
                self._answers[source] = error
        return self._answers[source]

    def _unknown(self, sources: Sequence[str]) -> str:
        """The choice without which there is nothing to ask for; empty: all is known."""
        needed = (name for source in sources for name in _NEEDED.get(source, ()))
        return next((name for name in needed if not self._value(name)), "")

    def _asked_for(self, source: str) -> tuple[Listed, ...]:
        """A list that depends on what was chosen."""
        ask: Callable[..., tuple[Listed, ...]] = getattr(self._asked, source)
        return ask(*(self._value(name) for name in _NEEDED[source]))

    def _value(self, name: str) -> str:
        choice = self._choices.get(name)
        return choice.value if choice else ""

    def _facts(self, name: str) -> Iterator[tuple[str, str]]:
        """What earlier choices say about this one."""
        match name:
            case "orchestrator_log":
                for group in self._marks("containers", self._value("container"), "log:"):
                    yield group, "where the container logs to"
            case "invalidator" if table := self._value("inventory_table"):
                yield f"stream:{table}", f"reads the stream of {table}"
            case "invalidator_log" if function := self._value("invalidator"):
                yield f"/aws/lambda/{function}", f"where {function} logs to"
            case "collection_group":
                for group in self._marks("collections", self._value("collection"), "group:"):
                    yield group, "the collection's group"
            case _:
                return

    def _marks(self, source: str, name: str, start: str) -> Iterator[str]:
        answer = self._answers.get(source, ())
        for one in () if isinstance(answer, MangaopsError) else answer:
            if one.name == name:
                yield from (m.removeprefix(start) for m in one.marks if m.startswith(start))


def _found(
    wanted: Wanted, match: Match, state: State, others: Sequence[str], *, clear: bool
) -> Choice:
    about = f"{match.about}; " if match.about else ""
    reason = match.reason if state is State.FOUND else "chosen"
    rest = tuple(name for name in others if name != match.name)
    return Choice(
        name=wanted.name,
        state=state,
        value=match.name,
        reason=about + reason,
        others=rest,
        clear=clear,
    )


def _unfit(wanted: Wanted, match: Match) -> Choice:
    """What looks like it cannot be it: it is not proposed in force."""
    has = f"has the {match.about}" if match.about else "may not be described"
    reason = f"{match.name} {has}, and {wanted.needed}"
    return Choice(name=wanted.name, state=State.NOT_FOUND, reason=reason)


def _failed(wanted: Wanted, error: MangaopsError) -> Choice:
    state = State.DENIED if isinstance(error, AwsDenied) else State.FAILED
    return Choice(name=wanted.name, state=state, reason=f"{error.where}: {error.what}")
