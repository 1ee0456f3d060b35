"""What a step of the action `cache.keys` must be: of the cache that is reached, and whole.

A step names its cache by address, and in `servers` by the replication ids of the servers
that were met when it was planned. The ids decide where both sides tell them, since a
forwarded port is `localhost:PORT` whatever is behind it. Known cost: a server that was
started again, or a replica that took over, has another id and is refused too.
"""

from __future__ import annotations

from collections.abc import Mapping

from mangaops.errors import Refused
from mangaops.model.evidence import JSON
from mangaops.model.plan import Step
from mangaops.model.resources import CachePlace
from mangaops.remedy.actions.step_fields import wrong

SERVERS = "servers"


def refuse_other_cache(step: Step, reached: CachePlace) -> None:
    """Raises Refused when `reached` is not the cache that the step is about."""
    planned = _servers(step)
    if planned and reached.servers:
        same = bool(planned & {*reached.servers})
        if same and _database(reached.name) == _database(step.target):
            return
    elif reached.name == step.target:
        return
    if reached.name == step.target:
        what = f"another server answers at {step.target} than the one of this step"
        hint = (
            "look where the forwarded port leads; a server that was started again or replaced "
            "needs a new plan, and makes its answers again by itself"
        )
    else:
        what = f"this step is about the cache {step.target}, and {reached.name} is reached"
        hint = "set MANGAOPS_CACHE_URL, or cache_url of the environment, to the cache of the step"
    raise Refused(what, where=f"step {step.number}", hint=hint)


def refuse_incomplete(step: Step) -> None:
    """Raises InputError unless each key has a digest on one side and None on the other.

    What is counted, removed and restored would otherwise not be the same keys.
    """
    if step.before.keys() != step.after.keys():
        raise wrong(step, "`before` and `after` do not name the same keys")
    there, gone = (step.before, step.after) if _digests(step.before) else (step.after, step.before)
    if not _digests(there) or any(value is not None for value in gone.values()):
        raise wrong(step, "a key must have a digest on one side and be absent on the other")
    try:
        "".join(there).encode()
    except UnicodeEncodeError:
        raise wrong(step, "the name of a key is no text") from None


def _digests(side: Mapping[str, JSON]) -> bool:
    return bool(side) and all(isinstance(value, str) for value in side.values())


def _servers(step: Step) -> set[str]:
    """Empty for a step of a version that did not keep them, or of a server that told none."""
    told = step.arguments.get(SERVERS, [])
    if not isinstance(told, list | tuple) or not all(isinstance(one, str) for one in told):
        raise wrong(step, f"arguments: `{SERVERS}` must be a list of texts")
    return {one for one in told if isinstance(one, str)}


def _database(name: str) -> str:
    return name.rpartition("/")[2]
