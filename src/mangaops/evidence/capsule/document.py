"""A capsule as plain data, and back: the body of the file, `mangaops.capsule/1`.

Keys are those of `capsule.Capsule`. Times are ISO 8601 with microseconds. Numbers without
end are written as Python's json does (`NaN`, `Infinity`), since evidence may hold them.
What this version does not know is left out when it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.fields import Fields, WrongDocument, is_finite, texts
from mangaops.evidence.capsule.values import value_document, value_from
from mangaops.model.diagnosis import Cost
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState
from mangaops.model.runbook import ParameterValue
from mangaops.model.site import Site
from mangaops.model.time import Window


def capsule_document(capsule: Capsule) -> dict[str, Any]:
    """The capsule as what JSON can say; `capsule_from` is the way back."""
    return {
        "run": capsule.run,
        "tool": capsule.tool,
        "at": capsule.at.isoformat(),
        "runbook": {
            "name": capsule.runbook,
            "file": capsule.file,
            "digest": capsule.digest,
            "text": capsule.text,
        },
        "site": asdict(capsule.site),
        "window": {
            "from": capsule.window.start.isoformat(),
            "to": capsule.window.end.isoformat(),
        },
        "resources": dict(capsule.resources),
        "parameters": {
            group: {name: _plain(value) for name, value in values.items()}
            for group, values in capsule.parameters.items()
        },
        "sets": dict(capsule.sets),
        "answers": dict(capsule.answers),
        "force": capsule.force,
        "interrupted": capsule.interrupted,
        "suffix": capsule.suffix,
        "seconds": capsule.seconds,
        "cost": asdict(capsule.cost),
        "evidence": {item.id: _evidence(item) for item in capsule.evidence},
    }


def capsule_from(data: object) -> Capsule:
    """Raises WrongDocument, which names the key, for what is no capsule."""
    body = Fields(data)
    runbook, window = body.fields("runbook"), body.fields("window")
    return Capsule(
        run=body.text("run"),
        tool=body.text("tool"),
        at=body.instant("at"),
        runbook=runbook.text("name"),
        file=runbook.text("file"),
        digest=runbook.text("digest"),
        text=runbook.text("text"),
        site=_site_from(body.fields("site")),
        window=_window(window.instant("from"), window.instant("to")),
        evidence=_evidence_from(body.object("evidence")),
        cost=_cost_from(body.fields("cost")),
        seconds=body.amount("seconds"),
        resources=body.named_texts("resources"),
        parameters=_parameters_from(body.object("parameters")),
        sets=body.named_texts("sets"),
        answers=body.named_texts("answers"),
        force=body.flag("force"),
        interrupted=body.flag("interrupted"),
        suffix=body.text("suffix"),
    )


def _plain(value: ParameterValue) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "state": item.state.value,
        "value": None if item.value is None else value_document(item.value),
        "summary": dict(item.summary),
        "query": dict(item.query),
        "newest": item.newest.isoformat() if item.newest else None,
        "seconds": item.seconds,
        "detail": item.detail,
        "partial": item.partial,
    }


def _evidence_from(items: Mapping[str, Any]) -> EvidenceSet:
    found = {}
    for name, data in items.items():
        try:
            found[name] = _item_from(name, Fields(data))
        except WrongDocument as error:
            raise error.within(name).within("evidence") from None
    return EvidenceSet(items=found)


def _item_from(name: str, fields: Fields) -> Evidence:
    state = fields.one_of("state", EvidenceState)
    value = fields.any("value")
    if (value is not None) != (state is EvidenceState.OK):
        raise WrongDocument("belongs to state ok, and to no other", "value")
    return Evidence(
        id=name,
        kind=fields.text("kind"),
        state=state,
        value=None if value is None else value_from(fields.fields("value")),
        summary=fields.json("summary"),
        query=fields.json("query"),
        newest=fields.maybe_instant("newest"),
        seconds=fields.amount("seconds"),
        detail=fields.text("detail"),
        partial=fields.flag("partial"),
    )


def _site_from(fields: Fields) -> Site:
    return Site(
        name=fields.text("name"),
        region=fields.text("region"),
        account=fields.text("account"),
        caller=fields.text("caller"),
        protected=fields.flag("protected"),
    )


def _cost_from(fields: Fields) -> Cost:
    return Cost(
        api_calls=fields.count("api_calls"),
        metrics_requested=fields.count("metrics_requested"),
        log_bytes_scanned=fields.count("log_bytes_scanned"),
        usd_estimate=fields.amount("usd_estimate"),
    )


def _window(start: datetime, end: datetime) -> Window:
    if start >= end:
        raise WrongDocument("does not end after its beginning", "window")
    return Window(start=start, end=end)


def _parameters_from(groups: Mapping[str, Any]) -> dict[str, dict[str, ParameterValue]]:
    found: dict[str, dict[str, ParameterValue]] = {}
    for group, values in groups.items():
        try:
            named = Fields(values)
            found[group] = {name: _value(named.any(name), name) for name in values}
        except WrongDocument as error:
            raise error.within(group).within("parameters") from None
    return found


def _value(value: object, name: str) -> ParameterValue:
    match value:
        case None | str():
            return value
        case int() | float() if is_finite(value):
            return value
        case list():
            return texts(value, name)
        case _:
            raise WrongDocument("is no value of a parameter", name)
