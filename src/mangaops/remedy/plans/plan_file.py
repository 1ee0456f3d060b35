"""A plan as the text of its file, and back: schema `mangaops.plan/1`.

The digest is the SHA-256 of the document in one canonical spelling, without the digest
itself. It covers every value, so that a plan that was altered after it was made is not
the plan that was approved. It is no signature: whoever can write the file can also write
the digest, which is why apply shows the plan and asks again.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mangaops.errors import InputError, MangaopsError
from mangaops.model.evidence import JSON
from mangaops.model.plan import Plan, Reason, Step
from mangaops.model.time import iso
from mangaops.remedy.plans.plan_reading import Fields, plan_in

SCHEMA = "mangaops.plan/1"
_FAMILY = "mangaops.plan/"
AGAIN = "make a new one: mangaops plan REMEDY, or mangaops plan --run RUN"


def to_document(plan: Plan) -> dict[str, JSON]:
    """The document `mangaops.plan/1`, its digest included; keys in the order to be shown."""
    content = _content(plan)
    return {"schema": SCHEMA, "digest": _digest(content), **content}


def to_text(plan: Plan) -> str:
    """The text of a plan file."""
    return json.dumps(to_document(plan), indent=2) + "\n"


def digest(plan: Plan) -> str:
    """64 hexadecimal digits that stand for every value of the plan."""
    return _digest(_content(plan))


def from_text(text: str, where: str) -> Plan:
    """The plan in a file's text. `where` names the file in errors.

    Its age is not looked at: an old plan can still be read. Raises InputError for what
    is no plan of this version, and for one that is not as it was written.
    """
    try:
        document = json.loads(
            text,
            object_pairs_hook=_no_key_twice,
            parse_constant=_finite,
            parse_float=_finite,
            parse_int=_whole,
        )
    except (ValueError, RecursionError) as error:
        what = f"this is no plan file: {error}"
        raise InputError(what, where=where, hint=AGAIN) from error
    return from_document(document, where)


def from_document(document: object, where: str) -> Plan:
    """The plan in a document that `to_document` made. Raises InputError as `from_text`.

    The digest is that of what stands there: a plan of an earlier version, which lacks a
    field that is younger, is as it was written.
    """
    if not isinstance(document, Mapping):
        raise InputError("this is no plan file: not an object", where=where, hint=AGAIN)
    _refuse_other_schema(document.get("schema"), where)
    fields = Fields({k: v for k, v in document.items() if k != "schema"}, where=where, hint=AGAIN)
    written = fields.text("digest")
    plan = plan_in(fields)
    if _digest({name: value for name, value in document.items() if name != "digest"}) != written:
        raise InputError(
            "this plan was altered after it was made: its digest is of another one",
            where=where,
            hint=AGAIN,
        )
    return plan


def _refuse_other_schema(schema: object, where: str) -> None:
    if schema == SCHEMA:
        return
    if isinstance(schema, str) and schema.startswith(_FAMILY):
        what = f"this plan is of another version of mangaops: {schema}, not {SCHEMA}"
        raise InputError(what, where=where, hint=f"install that version, or {AGAIN}")
    raise InputError(f"this is no plan file: its schema is not {SCHEMA}", where=where, hint=AGAIN)


def _content(plan: Plan) -> dict[str, JSON]:
    draft = plan.draft
    return {
        "expires": iso(plan.expires),
        "reason": _reason(plan.reason),
        "risk": draft.risk.value,
        "steps": [_step(step) for step in draft.steps],
        "conflicts": list(draft.conflicts),
        "permissions": list(draft.permissions),
        "aws_cli": list(draft.aws_cli),
        "id": plan.id,
        "remedy": plan.remedy,
        "arguments": plan.arguments,
        "undoes": plan.undoes,
        "environment": asdict(plan.site),
        "made": iso(plan.made),
        "title": draft.title,
        "confirm": draft.confirm,
        "reach": list(draft.reach),
        "notes": list(draft.notes),
        "cost_per_hour": draft.cost_per_hour,
        "settle_seconds": draft.settle.total_seconds(),
        "watched": draft.watched,
    }


def _step(step: Step) -> dict[str, JSON]:
    return {
        "number": step.number,
        "action": step.action,
        "target": step.target,
        "before": dict(step.before),
        "after": dict(step.after),
        "undo": step.undo.value,
        "summary": step.summary,
        "arguments": dict(step.arguments),
        "not_previewed": step.not_previewed,
    }


def _reason(reason: Reason) -> dict[str, JSON]:
    return {
        "text": reason.text,
        "run": reason.run,
        "runbook": reason.runbook,
        "diagnosis": reason.diagnosis,
        "verdict": reason.verdict,
        "evidence": reason.evidence,
    }


def _digest(content: Mapping[str, JSON]) -> str:
    return hashlib.sha256(canonical({"schema": SCHEMA, **content})).hexdigest()


def canonical(document: Mapping[str, JSON]) -> bytes:
    """The one spelling of a document that digests are of: sorted keys, no spaces, ASCII."""
    try:
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise MangaopsError(f"a number cannot be written: {error}") from error
    return text.encode("ascii")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _whole(digits: str) -> int:
    """Python's whole numbers have no end, and what reckons with them here has one."""
    if not math.isfinite(float(digits)):
        raise ValueError(f"{digits[:20]}... is too large a number")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is no number of JSON")
    return number
