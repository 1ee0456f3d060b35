"""One node: which branch is taken, or what must be read before that can be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mangaops.diagnose import edges
from mangaops.diagnose.evaluate import Evaluation, evaluate
from mangaops.diagnose.facts import Facts
from mangaops.diagnose.trail import Stage
from mangaops.diagnose.values import Missing
from mangaops.errors import InputError
from mangaops.model.diagnosis import PathStep
from mangaops.model.edge import Edge, EdgeKind
from mangaops.model.runbook import INCONCLUSIVE, NEXT, Ask, Branch, Node

NOT_KNOWN = "not known"
NOT_ANSWERED = "not answered"
NONE_HOLDS = "none of these"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The node cannot be decided before this evidence is read."""

    evidence: frozenset[str]


def decide(node: Node, facts: Facts) -> Stage | Waiting:
    """First true branch wins; unknown follows `on_missing`, `next` being the next branch."""
    evaluations: list[Evaluation] = []
    lost: frozenset[Missing] = frozenset()
    left: tuple[Edge, ...] = ()
    for position, branch in enumerate(node.branches):
        if branch.when is None:
            return _taken(node, position, evaluations, lost, left)
        found = evaluate(branch.when, facts)
        if found.pending:
            return Waiting(evidence=found.pending | _later(node.branches[position + 1 :], facts))
        evaluations.append(found)
        if found.truth is True:
            return _taken(node, position, evaluations, lost, left)
        if found.truth is None:
            lost |= found.lost
            left = (*left, edges.of_undecided(node, position))
            if branch.on_missing != NEXT:
                target = branch.on_missing or INCONCLUSIVE
                return _stage(node, NOT_KNOWN, target, evaluations, lost, left=left)
    return _stage(node, NONE_HOLDS, INCONCLUSIVE, evaluations, lost, left=left)


def _later(branches: Sequence[Branch], facts: Facts) -> frozenset[str]:
    """What the branches behind a pending one wait for, as far as they can still be asked:
    reading it at once costs no more time than reading the first alone.
    """
    pending: frozenset[str] = frozenset()
    for branch in branches:
        found = evaluate(branch.when, facts) if branch.when is not None else None
        if found is None or found.truth is True:
            break
        pending |= found.pending
    return pending


def _taken(
    node: Node,
    position: int,
    evaluations: Sequence[Evaluation],
    lost: frozenset[Missing],
    left: tuple[Edge, ...],
) -> Stage:
    branch, edge = node.branches[position], edges.of_branch(node, position)
    return _stage(node, branch.answer, branch.goto, evaluations, lost, left=left, way=(edge,))


def _stage(
    node: Node,
    answer: str,
    goto: str,
    evaluations: Sequence[Evaluation],
    lost: frozenset[Missing],
    *,
    left: tuple[Edge, ...],
    way: tuple[Edge, ...] = (),
) -> Stage:
    """`left` are branches that were passed or left because evidence was missing."""
    step = PathStep(
        node=node.id,
        question=node.question,
        answer=answer,
        goto=goto,
        checks=tuple(check for evaluation in evaluations for check in evaluation.checks),
        missing=bool(left),
    )
    return Stage(step=step, evaluations=tuple(evaluations), lost=lost, edges=(*left, *way))


def answer(node: Ask, given: str) -> Stage:
    """The stage of a question to a person; an empty answer follows `on_missing`.

    Raises InputError for an answer that is none of the options, nor the beginning of
    exactly one.
    """
    said = given.strip().casefold()
    if not said:
        return _answered(node, NOT_ANSWERED, node.on_missing, edges.of_silence(node))
    exact = [option for option in node.options if option.answer.casefold() == said]
    near = exact or [o for o in node.options if o.answer.casefold().startswith(said)]
    if len(near) == 1:
        edge = edges.of_option(node, node.options.index(near[0]))
        return _answered(node, near[0].answer, near[0].goto, edge)
    choices = " or ".join(f"`{option.answer}`" for option in node.options)
    what = f"`{given.strip()[:80]}` is no answer to `{node.id}`: {node.question}"
    raise InputError(what, where=f"--answer {node.id}", hint=f"answer {choices}")


def _answered(node: Ask, said: str, goto: str, edge: Edge) -> Stage:
    missing = edge.kind is EdgeKind.MISSING
    step = PathStep(node=node.id, question=node.question, answer=said, goto=goto, missing=missing)
    return Stage(step=step, edges=(edge,))
