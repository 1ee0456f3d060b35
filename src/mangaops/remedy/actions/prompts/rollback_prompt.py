"""rollback-prompt: an intent's earlier prompt version is the active one again.

One transaction with conditions on both versions: two separate updates
would leave no version active after a crash between them, and a mistyped version would
make an item that never existed. Only `active` is written, so that going back restores
every byte.

Known limit: a table with one pointer item per intent (`#active` -> version) would need no
transaction at all; where the table is built so, this remedy finds no `active` flags and
refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from mangaops.errors import Drifted
from mangaops.model.evidence import JSON
from mangaops.model.plan import Draft, NothingToDo, Risk, State, Step, UndoKind
from mangaops.model.request import RollbackPrompt
from mangaops.model.resources import PromptVersion, PromptVersions
from mangaops.model.settings import Environment
from mangaops.model.time import iso
from mangaops.remedy.action import Action, Pen, Progress, Settled, Touches
from mangaops.remedy.actions.aws_line import aws_line, json_word
from mangaops.remedy.actions.prompts.choice import Choice, Clock, chosen
from mangaops.remedy.actions.step_fields import text, two_names

ACTIVE = "prompts.active"
TRANSACT = "dynamodb:TransactWriteItems"


class Prompts(Protocol):
    """The table of prompt templates; both reads are strongly consistent."""

    def prompt_versions(self, table: str) -> PromptVersions: ...
    def versions_of(self, table: str, intent: str) -> PromptVersions: ...
    def swap_active(self, table: str, intent: str, *, off: str, on: str, token: str) -> None: ...


class RollbackPromptRemedy:
    reads: ClassVar[tuple[str, ...]] = ("dynamodb:Query", "dynamodb:Scan")
    writes: ClassVar[tuple[str, ...]] = ("dynamodb:UpdateItem",)

    def __init__(self, *, prompts: Prompts, environment: Environment, clock: Clock) -> None:
        self._prompts = prompts
        self._environment = environment
        self._clock = clock

    @property
    def actions(self) -> Mapping[str, Action]:
        return {ACTIVE: ActivePrompt(self._prompts)}

    def draft(self, request: RollbackPrompt) -> Draft | NothingToDo:
        """Raises InputError for an unknown intent or version, Refused when not exactly one
        version is active or none was active before.
        """
        table = self._environment.resources["prompt_table"]
        choice = chosen(request, self._prompts, table, self._clock())
        if choice.now.version == choice.then.version:
            return NothingToDo(
                reason=f"{choice.now.version} is the active version of {choice.intent} already",
                hint=f"other versions: {', '.join(choice.others) or 'none'}",
            )
        return self._draft(table, choice)

    def _draft(self, table: str, choice: Choice) -> Draft:
        now, then = choice.now, choice.then
        return Draft(
            title=f"roll the prompt of {choice.intent} back from {now.version} to {then.version}",
            confirm=choice.intent,
            risk=Risk.MODERATE,
            steps=(_step(table, choice),),
            reach=(
                f"every new answer to {choice.intent}",
                f"readers that cache templates use {now.version} until their cache expires",
                *_differing(now, then),
            ),
            permissions=self.writes,
            aws_cli=(_aws_cli(self._environment, table, choice),),
            notes=_notes(choice),
            settle=timedelta(minutes=1),
        )


class ActivePrompt:
    """`prompts.active` on TABLE/INTENT.

    `active` is the version that is, `inactive` the one of the step's two versions that is
    not: None when it is gone, a list when there are several.
    """

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    def read(self, step: Step) -> State:
        ours = _way(step)
        found = self._versions(step)
        return {
            "active": _names(one.version for one in found if one.active),
            "inactive": _names(
                one.version for one in found if not one.active and one.version in ours
            ),
        }

    def write(self, step: Step, pen: Pen) -> None:
        table, intent = two_names(step)
        off, on = _way(step)

        def send() -> bool:
            self._prompts.swap_active(table, intent, off=off, on=on, token=pen.token(TRANSACT))
            return True

        def landed() -> bool | None:
            active = [one.version for one in self._versions(step) if one.active]
            if active == [on]:
                return True
            if active == [off]:
                return None
            raise Drifted(_told(active), where=step.target, hint="plan again")

        about: dict[str, JSON] = {"table": table, "intent": intent, "off": off, "on": on}
        pen.call(TRANSACT, send, about=about, landed=landed)

    def settled(self, step: Step) -> Settled:
        active = [one.version for one in self._versions(step) if one.active]
        reached = active == [text(step, "after", "active")]
        progress = Progress.REACHED if reached else Progress.FAILED
        return Settled(progress=progress, detail=_told(active))

    def touches(self, step: Step) -> Touches:
        del step
        return Touches()

    def _versions(self, step: Step) -> tuple[PromptVersion, ...]:
        return self._prompts.versions_of(*two_names(step)).versions


def _way(step: Step) -> tuple[str, str]:
    """The version that is active before, and the one that is to be."""
    return text(step, "before", "active"), text(step, "after", "active")


def _names(versions: Iterable[str]) -> JSON:
    names = sorted(versions)
    return names if len(names) > 1 else next(iter(names), None)


def _told(active: list[str]) -> str:
    match active:
        case []:
            return "no version is active"
        case [one]:
            return f"{one} is the only active version"
        case _:
            return f"{len(active)} versions are active: {', '.join(active)}"


def _step(table: str, choice: Choice) -> Step:
    now, then = choice.now.version, choice.then.version
    return Step(
        number=1,
        action=ACTIVE,
        target=f"{table}/{choice.intent}",
        before={"active": now, "inactive": then},
        after={"active": then, "inactive": now},
        undo=UndoKind.EXACT,
        summary=f"{then} becomes the active prompt of {choice.intent} instead of {now}",
    )


def _differing(now: PromptVersion, then: PromptVersion) -> tuple[str, ...]:
    """What is known to differ between the two, one line each."""
    pairs = (
        ("prompt_tokens", now.prompt_tokens, then.prompt_tokens),
        ("max_output_tokens", now.max_output_tokens, then.max_output_tokens),
    )
    return tuple(
        f"{name}: {_known(old)} in {now.version}, {_known(new)} in {then.version}"
        for name, old, new in pairs
        if old != new
    )


def _known(value: float | None) -> str:
    return "not known" if value is None else f"{value:,}"


def _notes(choice: Choice) -> tuple[str, ...]:
    notes = [f"chosen: {choice.why}"] if choice.why else []
    if choice.malformed:
        notes.append(f"{choice.malformed} items of {choice.intent} could not be read in full")
    first = _day(choice.then.activated_at)
    return (
        *notes,
        f"activated_at of {choice.then.version} still tells its first activation ({first})",
        "only `active` is written; whether it helped shows in the metric, not in the table",
    )


def _day(at: datetime | None) -> str:
    return "not known" if at is None else iso(at)


def _aws_cli(environment: Environment, table: str, choice: Choice) -> str:
    changes = (
        _update(table, choice, choice.now.version, active=False),
        _update(table, choice, choice.then.version, active=True),
    )
    items = json_word([{"Update": change} for change in changes])
    return aws_line(environment, "dynamodb", "transact-write-items", "--transact-items", items)


def _update(table: str, choice: Choice, version: str, *, active: bool) -> dict[str, JSON]:
    return {
        "TableName": table,
        "Key": {"intent": {"S": choice.intent}, "version": {"S": version}},
        "UpdateExpression": "SET active = :new",
        "ConditionExpression": "attribute_exists(#i) AND active = :old",
        "ExpressionAttributeNames": {"#i": "intent"},
        "ExpressionAttributeValues": {":new": {"BOOL": active}, ":old": {"BOOL": not active}},
    }
