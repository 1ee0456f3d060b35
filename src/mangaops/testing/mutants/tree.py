"""Mutants of a tree: the order of branches, and where missing data leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mangaops.diagnose.trail import TRIGGER
from mangaops.model.condition import Place
from mangaops.model.runbook import INCONCLUSIVE, NEXT, Ask, Branch, Node, Runbook
from mangaops.testing.mutants.mutant import Mutant, MutantKind

_UNKNOWN = "add a test in which it is not known, with the path that is then taken"


def tree_mutants(runbook: Runbook) -> Iterator[Mutant]:
    yield _of_trigger(runbook)
    for node in runbook.nodes.values():
        match node:
            case Node():
                yield from _orders(node)
                yield from _missing(node)
            case Ask():
                yield _unanswered(node)


def _of_trigger(runbook: Runbook) -> Mutant:
    was = runbook.trigger.on_missing
    become = NEXT if was == INCONCLUSIVE else INCONCLUSIVE
    return _on_missing(
        name=TRIGGER,
        was=was,
        become=become,
        place=runbook.trigger.when.place,
        part=TRIGGER,
        change=lambda book: replace(book, trigger=replace(book.trigger, on_missing=become)),
    )


def _orders(node: Node) -> Iterator[Mutant]:
    """Neighbours that both have a condition change places."""
    for number, (first, second) in enumerate(zip(node.branches, node.branches[1:], strict=False)):
        if first.when is None or second.when is None:
            continue
        branches = list(node.branches)
        branches[number : number + 2] = [second, first]
        yield Mutant(
            id=f"nodes/{node.id}/{number}: asked after {number + 1}",
            kind=MutantKind.ORDER,
            place=first.place,
            seen_at=frozenset({node.id}),
            hint="add a test in which both hold",
            change=_with_branches(node.id, tuple(branches)),
        )


def _missing(node: Node) -> Iterator[Mutant]:
    """`next` is no change behind the last condition: nothing is left to be tried."""
    for number, branch in enumerate(node.branches):
        was = branch.on_missing
        if branch.when is None or was is None:
            continue
        last = number == len(node.branches) - 1
        become = INCONCLUSIVE if was != INCONCLUSIVE else NEXT
        if become == NEXT and last:
            continue
        branches = list(node.branches)
        branches[number] = replace(branch, on_missing=become)
        yield _on_missing(
            name=f"nodes/{node.id}/{number}",
            was=was,
            become=become,
            place=branch.place,
            part=node.id,
            change=_with_branches(node.id, tuple(branches)),
        )


def _unanswered(node: Ask) -> Mutant:
    was = node.on_missing
    become = INCONCLUSIVE if was != INCONCLUSIVE else node.options[0].goto
    return _on_missing(
        name=f"nodes/{node.id}",
        was=was,
        become=become,
        place=node.place,
        part=node.id,
        change=lambda book: replace(
            book, nodes={**book.nodes, node.id: replace(node, on_missing=become)}
        ),
    )


def _on_missing(
    *,
    name: str,
    was: str,
    become: str,
    place: Place,
    part: str,
    change: Callable[[Runbook], Runbook],
) -> Mutant:
    return Mutant(
        id=f"{name}: on_missing {was} becomes {become}",
        kind=MutantKind.ON_MISSING,
        place=place,
        seen_at=frozenset({part}),
        hint=_UNKNOWN,
        change=change,
    )


def _with_branches(node_id: str, branches: tuple[Branch, ...]) -> Callable[[Runbook], Runbook]:
    def change(runbook: Runbook) -> Runbook:
        node = runbook.nodes[node_id]
        if not isinstance(node, Node):
            return runbook
        changed = replace(node, branches=branches)
        return replace(runbook, nodes={**runbook.nodes, node_id: changed})

    return change
