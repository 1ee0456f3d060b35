"""The ways out of a runbook: all of them, for those who ask which a test has taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from mangaops.diagnose.trail import TRIGGER
from mangaops.model.edge import Edge, EdgeKind
from mangaops.model.runbook import Ask, Branch, Node, Runbook

HOLDS = Edge(node=TRIGGER, number=0, kind=EdgeKind.BRANCH, answer="yes")
HOLDS_NOT = Edge(node=TRIGGER, number=1, kind=EdgeKind.BRANCH, answer="no")
NOT_SEEN = Edge(node=TRIGGER, number=0, kind=EdgeKind.MISSING, answer="")


def edges(runbook: Runbook) -> tuple[Edge, ...]:
    """Every way out, in the order of the file. A branch without `on_missing` compares
    nothing that can be missing (lint M014), so it has no missing edge.
    """
    found = [HOLDS, HOLDS_NOT, NOT_SEEN]
    for node in runbook.nodes.values():
        found += _of_node(node)
    return tuple(found)


def of_trigger(truth: bool | None, *, force: bool) -> tuple[Edge, ...]:
    """What a trigger's answer takes; a forced walk leaves by no edge of the file."""
    if truth is True:
        return (HOLDS,)
    if force:
        return ()
    return (NOT_SEEN,) if truth is None else (HOLDS_NOT,)


def of_branch(node: Node, number: int) -> Edge:
    answer = node.branches[number].answer
    return Edge(node=node.id, number=number, kind=EdgeKind.BRANCH, answer=answer)


def of_undecided(node: Node, number: int) -> Edge:
    answer = node.branches[number].answer
    return Edge(node=node.id, number=number, kind=EdgeKind.MISSING, answer=answer)


def of_option(node: Ask, number: int) -> Edge:
    answer = node.options[number].answer
    return Edge(node=node.id, number=number, kind=EdgeKind.BRANCH, answer=answer)


def of_silence(node: Ask) -> Edge:
    return Edge(node=node.id, number=0, kind=EdgeKind.MISSING, answer="")


def _of_node(node: Node | Ask) -> Iterator[Edge]:
    match node:
        case Node():
            for number, branch in enumerate(node.branches):
                yield of_branch(node, number)
                if _can_be_missing(branch):
                    yield of_undecided(node, number)
        case Ask():
            yield from (of_option(node, number) for number in range(len(node.options)))
            yield of_silence(node)
        case _:
            assert_never(node)


def _can_be_missing(branch: Branch) -> bool:
    return branch.when is not None and branch.on_missing is not None
