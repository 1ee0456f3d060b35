"""A draft becomes a plan: it gets an id, a reason, a place and an end of its life.

Pure. A plan that is made here and one that is read from its file are equal: instants are
whole seconds, and states are as JSON holds them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from mangaops.errors import InputError, Refused
from mangaops.model.evidence import JSON
from mangaops.model.plan import LIFETIME, Draft, Plan, Reason, State, Step
from mangaops.model.redaction import is_secret_name, redacted
from mangaops.model.site import Site

_DIGEST = re.compile(r"sha256:[0-9a-f]+")


def plan_of(
    draft: Draft,
    *,
    plan_id: str,
    remedy: str,
    arguments: str,
    site: Site,
    reason: Reason,
    now: datetime,
) -> Plan:
    """The plan of this draft, which may be applied until LIFETIME after `now`.

    `arguments` is what was typed after `mangaops` (`set-env CHUNK_BATCH_SIZE=1`). Raises
    Refused where the account is not known, InputError where a step holds a secret. One that
    stands in running text, as in a reason that somebody typed, is taken out.
    """
    if not site.account:
        raise Refused(
            "nothing is planned for an account that is not known",
            where=f"environment {site.name}",
            hint="`mangaops doctor` shows who the credentials belong to",
        )
    refuse_secrets(draft.steps)
    made = now.astimezone(UTC).replace(microsecond=0)
    return Plan(
        id=plan_id,
        remedy=remedy,
        arguments=redacted(arguments),
        site=site,
        reason=replace(reason, text=redacted(reason.text)),
        made=made,
        expires=made + LIFETIME,
        draft=_told(draft),
    )


def plain(state: State) -> dict[str, JSON]:
    """The state as it comes back from JSON: lists for tuples. Raises TypeError for what is none."""
    held: dict[str, JSON] = json.loads(json.dumps(dict(state), allow_nan=False))
    return held


def refuse_secrets(steps: tuple[Step, ...]) -> None:
    """Raises InputError when a step holds a secret: undo needs values as they are, so that
    none may be one. A reference (the name of a parameter, an ARN) may be.
    """
    for step in steps:
        for state in (step.before, step.after, step.arguments):
            for name, value in state.items():
                if _is_secret(name, value):
                    raise InputError(
                        f"`{redacted(name)}` looks like a secret, and a plan holds no secrets",
                        where=step.target,
                        hint="keep it in Secrets Manager or a SecureString and set a reference",
                    )


def _is_secret(name: str, value: JSON) -> bool:
    if redacted(name) != name:
        return True  # as the name of a session's cache key may be
    if isinstance(value, str):
        if _DIGEST.fullmatch(value):
            return False  # it stands for a value without telling it
        return is_secret_name(name) or redacted(value) != value
    if isinstance(value, Mapping):
        return any(_is_secret(inner, held) for inner, held in value.items())
    return isinstance(value, list | tuple) and any(_is_secret(name, held) for held in value)


def _told(draft: Draft) -> Draft:
    """The draft without secrets in its running text. Shell lines are values and names only,
    which `refuse_secrets` has looked at.
    """
    return replace(
        draft,
        title=redacted(draft.title),
        steps=tuple(map(_as_json_holds_it, draft.steps)),
        reach=tuple(map(redacted, draft.reach)),
        conflicts=tuple(map(redacted, draft.conflicts)),
        notes=tuple(map(redacted, draft.notes)),
    )


def _as_json_holds_it(step: Step) -> Step:
    return replace(
        step,
        before=plain(step.before),
        after=plain(step.after),
        arguments=plain(step.arguments),
        summary=redacted(step.summary),
        not_previewed=redacted(step.not_previewed),
    )
