"""The least that changing a kind of thing takes, whatever a plan says of itself. Pure.

A remedy says the risk of its own draft. A plan that comes from a file, or from a journal,
is somebody's word for it, and may not say less than its steps do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mangaops.model.plan import Risk, Step

MANY_KEYS = 1000
"""More keys than this, removed or put back at once, are felt by everybody."""

LEAST: Mapping[str, Risk] = MappingProxyType(
    {
        "cache.keys": Risk.MODERATE,
        "ecs.desired_count": Risk.MODERATE,
        "ecs.environment": Risk.SEVERE,
        "ecs.restart": Risk.SEVERE,
        "mapping.enabled": Risk.MODERATE,
        "parameters.value": Risk.MODERATE,
        "prompts.active": Risk.MODERATE,
        "quotas.request": Risk.MODERATE,
        "scaling.minimum": Risk.MODERATE,
        "search.account_limits": Risk.SEVERE,
        "search.group_limits": Risk.MODERATE,
        "search.prewarm": Risk.MILD,
        "stream.enabled": Risk.MODERATE,
    }
)
"""By the `action` of a step, as their remedies say it. Any other is severe."""

_ORDER = tuple(Risk)


def least_risk(steps: Iterable[Step]) -> Risk:
    """The highest of its steps' least risks; mild for no steps."""
    return highest(_of(step) for step in steps)


def highest(risks: Iterable[Risk]) -> Risk:
    return max(risks, key=_ORDER.index, default=Risk.MILD)


def _of(step: Step) -> Risk:
    if step.action == "cache.keys" and len({*step.before, *step.after}) > MANY_KEYS:
        return Risk.SEVERE
    return LEAST.get(step.action, Risk.SEVERE)
