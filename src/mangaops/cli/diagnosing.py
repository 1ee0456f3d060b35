"""One diagnosis from a bound runbook to a case: read, walk, ask, conclude.

Kept apart from the command so that it can be run on any collector, and without Typer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from mangaops.errors import InputError, nearest
from mangaops.evidence.collect import Collected, Collector
from mangaops.model.diagnosis import Answers, Diagnosis, Needs
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import Ask, Runbook
from mangaops.model.site import Site
from mangaops.model.time import Window
from mangaops.render.case import Case, seen_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """A finished walk with what was read for it. `seconds` leaves out a person's thinking.

    `answers` are those that were given beforehand and those of a person, empty where
    nobody answered.
    """

    diagnosis: Diagnosis
    collected: Collected[Diagnosis]
    seconds: float
    answers: Mapping[str, str] = field(default_factory=dict)


def diagnosed(
    collector: Collector,
    runbook: Runbook,
    window: Window,
    *,
    given: Mapping[str, str],
    force: bool,
    ask: Callable[[Ask], str],
    beside: Callable[[], object],
) -> Walked:
    """Reads and walks until there is a diagnosis; `ask` puts a question to a person.

    An empty answer means that nobody answered: the walk then follows `on_missing`.
    """
    answers = dict(given)
    known: EvidenceSet | None = None
    seconds = 0.0
    while True:
        said = Answers(given=dict(answers))
        decide = partial(_walk, runbook, window=window, answers=said, force=force)
        collected = collector.collect(runbook, window, decide, known=known, beside=beside)
        seconds += collected.seconds
        if isinstance(collected.result, Diagnosis):
            return Walked(
                diagnosis=collected.result, collected=collected, seconds=seconds, answers=answers
            )
        answers |= _answered(collected.result, runbook, ask)
        known = collected.evidence


def _walk(
    runbook: Runbook, evidence: EvidenceSet, *, window: Window, answers: Answers, force: bool
) -> Diagnosis | Needs:
    """`diagnose.walk`, loaded when the first metrics are on their way."""
    from mangaops.diagnose.walk import walk  # noqa: PLC0415 - as said

    return walk(runbook, evidence, window, answers=answers, force=force)


def _answered(needs: Needs, runbook: Runbook, ask: Callable[[Ask], str]) -> Mapping[str, str]:
    node = runbook.nodes.get(needs.question or "")
    if not isinstance(node, Ask):
        raise TypeError(f"the walk stopped at {needs.question}, which is no question")
    return {node.id: ask(node)}


def case_of(
    walked: Walked,
    runbook: Runbook,
    site: Site,
    window: Window,
    *,
    run: str,
    suffix: str,
    sets: Mapping[str, str],
) -> Case:
    """What is told and recorded about a finished walk."""
    return Case(
        run=run,
        diagnosis=walked.diagnosis,
        site=site,
        window=window,
        evidence=seen_of(runbook, walked.collected.evidence),
        cost=walked.collected.cost,
        seconds=walked.seconds,
        interrupted=walked.collected.interrupted,
        suffix=suffix,
        sets=sets,
    )


def answers_from(pairs: Sequence[str], runbook: Runbook) -> dict[str, str]:
    """--answer NODE=VALUE, checked against the runbook's questions and their options."""
    asks = {node.id: node for node in runbook.nodes.values() if isinstance(node, Ask)}
    answers = {}
    for pair in pairs:
        node_id, sign, value = pair.partition("=")
        if not sign:
            raise _wrong(f"`{pair}` is not NODE=VALUE", "for example --answer quality=yes")
        if node_id not in asks:
            known = nearest(node_id, asks) or _asks(asks)
            raise _wrong(f"{runbook.name} has no question `{node_id}`", known)
        options = {option.answer.lower(): option.answer for option in asks[node_id].options}
        if value.lower() not in options:
            choices = " or ".join(f"`{option}`" for option in options.values())
            raise _wrong(f"`{value}` is no answer to `{node_id}`", f"answer {choices}")
        answers[node_id] = options[value.lower()]
    return answers


def _asks(asks: Mapping[str, Ask]) -> str:
    return f"it has: {', '.join(asks)}" if asks else "it asks nothing"


def _wrong(what: str, hint: str) -> InputError:
    return InputError(what, where="--answer", hint=hint)


def sets_from(pairs: Sequence[str]) -> dict[str, str]:
    """--set NAME=VALUE; whether there is such a parameter is checked by `runbook.bind`."""
    sets = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            what = f"`{pair}` is not NAME=VALUE"
            raise InputError(what, where="--set", hint="for example --set sustained=5m")
        sets[name] = value
    return sets
