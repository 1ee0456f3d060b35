"""A runbook as a Mermaid flow chart, for a pull request or a wiki page."""

from __future__ import annotations

from collections.abc import Iterator

from mangaops.model.runbook import (
    INCONCLUSIVE,
    NEXT,
    Ask,
    Branch,
    Node,
    Option,
    Outcome,
    Runbook,
    Status,
)

_TRIGGER = "trigger"
_HEALTHY = "healthy"


def mermaid(runbook: Runbook) -> str:
    """The trigger, nodes as diamonds, questions to a person as hexagons, outcomes as boxes.

    Dotted edges are those taken when evidence is missing.
    """
    return "\n".join(["flowchart TD", *_lines(runbook)]) + "\n"


def _lines(runbook: Runbook) -> Iterator[str]:
    ids = _Ids(runbook)
    yield f"    {_TRIGGER}([{_label(runbook.trigger.question)}])"
    for node in runbook.nodes.values():
        yield f"    {ids.of(node.id)}{_shape(node)}"
    for outcome in runbook.outcomes.values():
        yield f"    {ids.of(outcome.id)}{_box(outcome)}"
    yield f"    {_TRIGGER}_{_HEALTHY}([{_label('healthy')}])"
    yield f"    {ids.of(INCONCLUSIVE)}([{_label(INCONCLUSIVE)}])"
    yield f"    {_TRIGGER} -->|{_label('yes')}| {ids.of(runbook.start)}"
    yield f"    {_TRIGGER} -->|{_label('no')}| {_TRIGGER}_{_HEALTHY}"
    yield _missing(_TRIGGER, ids.of(runbook.trigger.on_missing))
    for node in runbook.nodes.values():
        yield from _edges(node, ids)


class _Ids:
    """Mermaid ids: `n0`, `n1`, … since words such as `end` would break the chart."""

    def __init__(self, runbook: Runbook) -> None:
        names = [*runbook.nodes, *runbook.outcomes, INCONCLUSIVE]
        self._ids = {name: f"n{number}" for number, name in enumerate(names)}

    def of(self, name: str) -> str:
        return self._ids[name]


def _edges(node: Node | Ask, ids: _Ids) -> Iterator[str]:
    ways: tuple[Branch | Option, ...] = node.branches if isinstance(node, Node) else node.options
    for way in ways:
        yield f"    {ids.of(node.id)} -->|{_label(way.answer)}| {ids.of(way.goto)}"
    targets = (
        [branch.on_missing for branch in node.branches]
        if isinstance(node, Node)
        else [node.on_missing]
    )
    for target in dict.fromkeys(targets):
        if target is not None and target != NEXT:
            yield _missing(ids.of(node.id), ids.of(target))


def _missing(source: str, target: str) -> str:
    return f"    {source} -.->|{_label('missing')}| {target}"


def _shape(node: Node | Ask) -> str:
    label = _label(node.question)
    return f"{{{label}}}" if isinstance(node, Node) else f"{{{{{label}}}}}"


def _box(outcome: Outcome) -> str:
    label = _label(outcome.title)
    return f"[{label}]" if outcome.status is Status.DIAGNOSED else f"([{label}])"


def _label(text: str) -> str:
    """Quoted, with every character that Mermaid or HTML could read as its own encoded."""
    words = " ".join(text.split())
    return (
        '"' + "".join(c if c.isalnum() or c in " ,.?!-_/%" else f"#{ord(c)};" for c in words) + '"'
    )
