"""No secret gets into a capsule; the same secret is the same token everywhere.

Two passes over the capsule. The first looks at names: a variable, parameter or column
whose name is a secret's gives its value away. The second looks at every text of the
document: secrets that the first one found, wherever they are repeated, and what is a
secret by its form or by the name in front of it.

A secret becomes `[redacted-1]`, the next one `[redacted-2]`, in the order of the document,
so that what was equal is equal still to a reader; a walk takes the equality of a redacted
value for unknown (`diagnose.equality`). What a reader redacted already, `[redacted]`,
stays so; the secrets that it told (`Evidence.hidden`) are looked for in all that is no
evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.document import capsule_document, capsule_from
from mangaops.model.evidence import Evidence, EvidenceSet, Record, Row, Scalar, Table, Value
from mangaops.model.redaction import REDACTED, TOKEN, is_secret_name, redacted, redacted_forms
from mangaops.model.redaction.hidden import Hidden, is_worth_hiding
from mangaops.model.runbook import ParameterValue, Runbook

_LOGS = "logs"
"""The one kind whose columns were named by somebody else than mangaops."""

_COMMENT = re.compile(r"(?<=\s)#.*$|^#.*$", re.MULTILINE)
_ASSIGNED = re.compile(r"\b([A-Za-z][\w.-]*)=(?![=~])(\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&\"'}\]]+)")
_COUNT = re.compile(r"[\d.]{1,4}")
"""`first_token_ms=5` compares."""
_BARE = re.compile(r"((?:^|[:,-])[ \t]+)(\[redacted-\d+\])(?=[ \t]*(?:$|[,}#]))", re.MULTILINE)


def redacted_capsule(capsule: Capsule, runbook: Runbook) -> Capsule:
    """The same capsule without secrets; `runbook` is the one that its text is of.

    Equal to `capsule` when there was nothing to hide. Numbers and flags are kept: a
    parameter `max_key_age` is no secret.
    """
    tokens = _Tokens(told=Hidden(value for item in capsule.evidence for value in item.hidden))
    named = _by_name(capsule, runbook, tokens)
    document = capsule_document(named)
    text = document["runbook"].pop("text")
    queries = _popped_queries(document)
    evidence = document.pop("evidence")
    shown = _everywhere(document, tokens.hidden)
    shown["evidence"] = {name: _everywhere(item, tokens.hidden) for name, item in evidence.items()}
    shown["runbook"]["text"] = _of_program(text, tokens)
    for name, query in queries.items():
        shown["evidence"][name]["query"]["query"] = _of_program(query, tokens)
    return capsule_from(shown)


def _popped_queries(document: dict[str, Any]) -> dict[str, str]:
    """The texts of log queries, by evidence; they stay in their place, emptied."""
    found = {}
    for name, item in document["evidence"].items():
        if isinstance(item["query"].get("query"), str):
            found[name] = item["query"]["query"]
            item["query"]["query"] = ""
    return found


@dataclass(slots=True)
class _Tokens:
    """What each secret is called; grows as they are met."""

    told: Hidden
    known: dict[str, str] = field(default_factory=dict)

    def token(self, secret: str) -> str:
        if not secret or TOKEN.fullmatch(secret):
            return secret
        return self.known.setdefault(secret, f"{REDACTED[:-1]}-{len(self.known) + 1}]")

    def hidden(self, text: str) -> str:
        """A text of the document without secrets."""
        return redacted(self.without_known(text), self.token)

    def without_known(self, text: str) -> str:
        """The longest first: one secret may begin with another. A plain word is hidden in its
        place alone: `count` or `environment` is in every runbook.
        """
        text = self.told.without(text, self.token)
        for secret in sorted(self.known, key=len, reverse=True):
            if secret in text and is_worth_hiding(secret):
                text = text.replace(secret, self.known[secret])
        return text


def _everywhere(value: Any, hide: Callable[[str], str]) -> Any:
    """Every text within `value`, keys of objects included."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, list):
        return [_everywhere(item, hide) for item in value]
    if isinstance(value, dict):
        return {hide(key): _everywhere(item, hide) for key, item in value.items()}
    return value


def _by_name(capsule: Capsule, runbook: Runbook, tokens: _Tokens) -> Capsule:
    """Values that stand beside a secret's name, replaced in their place."""
    for parameter in runbook.parameters.values():
        _hidden_value(parameter.name, parameter.value, tokens)
    return replace(
        capsule,
        resources={name: _hidden(name, text, tokens) for name, text in capsule.resources.items()},
        parameters={
            group: {name: _hidden_value(name, value, tokens) for name, value in values.items()}
            for group, values in capsule.parameters.items()
        },
        sets={name: _set(name, text, runbook, tokens) for name, text in capsule.sets.items()},
        evidence=EvidenceSet(
            items={item.id: _item(item, tokens) for item in capsule.evidence},
        ),
    )


def _hidden(name: str, text: str, tokens: _Tokens) -> str:
    return tokens.token(text) if is_secret_name(name) else text


def _hidden_value(name: str, value: ParameterValue, tokens: _Tokens) -> ParameterValue:
    match value:
        case str():
            return _hidden(name, value, tokens)
        case tuple():
            return tuple(_hidden(name, one, tokens) for one in value)
        case _:
            return value


def _set(name: str, text: str, runbook: Runbook, tokens: _Tokens) -> str:
    parameter = runbook.parameters.get(name)
    is_text = parameter is None or (
        isinstance(parameter.value, str) or parameter.value is None or parameter.value == ()
    )
    if parameter is not None and isinstance(parameter.value, tuple):
        return ",".join(_hidden(name, part.strip(), tokens) for part in text.split(","))
    return _hidden(name, text, tokens) if is_text else text


def _item(item: Evidence, tokens: _Tokens) -> Evidence:
    return replace(item, value=_value(item.value, item.kind, tokens))


def _value(value: Value | None, kind: str, tokens: _Tokens) -> Value | None:
    match value:
        case Table():
            return replace(value, rows=tuple(_row(row, kind, tokens) for row in value.rows))
        case Record():
            fields: dict[str, Scalar | Table] = {}
            for name, one in value.fields.items():
                hidden = _value(one, kind, tokens) if isinstance(one, Table) else one
                fields[name] = hidden if isinstance(hidden, Table) else one
            return replace(value, fields=fields)
        case _:
            return value


def _row(row: Row, kind: str, tokens: _Tokens) -> Row:
    """`{name: DB_PASSWORD, value: ...}`, and a log's own columns."""
    name, value = row.get("name"), row.get("value")
    if isinstance(name, str) and isinstance(value, str) and is_secret_name(name):
        return {**row, "value": tokens.token(value)}
    if kind != _LOGS or not any(is_secret_name(column) for column in row):
        return row
    return {
        column: _hidden(column, one, tokens) if isinstance(one, str) else one
        for column, one in row.items()
    }


def _of_program(text: str, tokens: _Tokens) -> str:
    """A runbook's text or a log query: `first_token: number` declares a column there, so a
    name before a colon counts in comments alone. A token that is a YAML value is quoted.
    """
    text = _COMMENT.sub(lambda match: tokens.hidden(match[0]), text)
    text = redacted_forms(tokens.without_known(text), tokens.token)
    text = _ASSIGNED.sub(lambda match: _assigned(match, tokens), text)
    return _BARE.sub(r'\1"\2"', text)


def _assigned(match: re.Match[str], tokens: _Tokens) -> str:
    name, value = match.groups()
    bare = value[1:-1] if value[0] in "\"'" else value
    if not is_secret_name(name) or _COUNT.fullmatch(bare):
        return match[0]
    return f"{name}={tokens.token(bare)}"


def secrets_hidden(before: Capsule, after: Capsule) -> bool:
    """Whether redaction changed anything that a walk can see."""
    return _seen(before) != _seen(after)


def _seen(capsule: Capsule) -> tuple[object, ...]:
    return (
        capsule.text,
        capsule.resources,
        capsule.parameters,
        capsule.sets,
        capsule.answers,
        capsule.evidence,
    )
