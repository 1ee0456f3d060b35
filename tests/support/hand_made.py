"""Plans as somebody may have written them by hand: a field is missing, or of another type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mangaops.model.evidence import JSON
from mangaops.model.plan import Plan, Step

OTHER_TYPES: tuple[JSON, ...] = (None, [], {"x": 1}, 1.5, "x", True)


def hand_made(plan: Plan) -> Iterator[Plan]:
    """The plan with one field of one step not as any action wrote it."""
    for index, step in enumerate(plan.steps):
        for altered in _altered(step):
            steps = (*plan.steps[:index], altered, *plan.steps[index + 1 :])
            yield replace(plan, draft=replace(plan.draft, steps=steps))


def _altered(step: Step) -> Iterator[Step]:
    for before in _fields(step.before):
        yield replace(step, before=before)
    for after in _fields(step.after):
        yield replace(step, after=after)
    for arguments in _fields(step.arguments):
        yield replace(step, arguments=arguments)
    yield replace(step, before={}, after={}, arguments={})


def _fields(fields: Mapping[str, JSON]) -> Iterator[dict[str, JSON]]:
    for name in fields:
        yield {key: value for key, value in fields.items() if key != name}
        for other in OTHER_TYPES:
            yield {**fields, name: other}
