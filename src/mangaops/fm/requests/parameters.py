"""Whether the parameters of a request are in their ranges and within what is allowed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from mangaops.fm.requests.issue import Issue, IssueCode, Severity
from mangaops.fm.requests.registry import Capability, ModelSpec
from mangaops.fm.requests.request import Request

_LARGEST_SHOWN = 10**18
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MOST_TOP_K = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What an intent allows, in tokens: `max_tokens` is also what it sends when asked for
    nothing. None is no limit.
    """

    max_tokens: int | None = None
    input_tokens: int | None = None


def parameter_issues(
    request: Request, spec: ModelSpec | None, budget: Budget | None
) -> Iterator[Issue]:
    yield from _max_tokens(request, spec, budget)
    yield from _budget(budget)
    yield from _ranges(request)
    yield from _stop_sequences(request.stop_sequences)
    yield from _tools(request.tools)
    if spec is not None:
        yield from _unsupported(request, spec)


def max_tokens_of(request: Request, budget: Budget | None) -> int | None:
    """The request's own, else the intent's."""
    if request.max_tokens is not None:
        return request.max_tokens
    return None if budget is None else budget.max_tokens


def is_whole(value: object, *, least: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _budget(budget: Budget | None) -> Iterator[Issue]:
    if budget is None:
        return
    for name, value in (("max_tokens", budget.max_tokens), ("input_tokens", budget.input_tokens)):
        if value is not None and not is_whole(value, least=1):
            message = f"a whole number of 1 or more, not {_shown(value)}"
            yield Issue(code=IssueCode.FIELD_MALFORMED, path=f"budget.{name}", message=message)


def _stop_sequences(sequences: object) -> Iterator[Issue]:
    if not isinstance(sequences, list | tuple):
        message = f"a tuple of texts, not {type(sequences).__name__}"
        yield Issue(code=IssueCode.FIELD_MALFORMED, path="stop_sequences", message=message)
        return
    for index, text in enumerate(sequences):
        if not isinstance(text, str) or not text.strip():
            yield Issue(
                code=IssueCode.STOP_SEQUENCE_EMPTY,
                path=f"stop_sequences[{index}]",
                message="a stop sequence has at least one character that is no space",
            )


def _max_tokens(request: Request, spec: ModelSpec | None, budget: Budget | None) -> Iterator[Issue]:
    path, asked = "max_tokens", max_tokens_of(request, budget)
    if asked is None:
        yield Issue(
            code=IssueCode.MAX_TOKENS_MISSING,
            path=path,
            message="unset, it reserves the model's maximum of the quota: set it for the intent",
            severity=Severity.WARNING if budget is None else Severity.ERROR,
        )
        return
    if not is_whole(asked, least=1):
        yield Issue(
            code=IssueCode.MAX_TOKENS_INVALID,
            path=path,
            message=f"a whole number of 1 or more, not {_shown(asked)}",
        )
        return
    if spec is not None and asked > spec.max_output_tokens:
        yield Issue(
            code=IssueCode.MAX_TOKENS_OVER_MODEL,
            path=path,
            message=f"{_shown(asked)}, but {spec.name} writes at most {spec.max_output_tokens}",
        )
    allowed = None if budget is None else budget.max_tokens
    if is_whole(allowed, least=1) and asked > allowed:
        yield Issue(
            code=IssueCode.MAX_TOKENS_OVER_BUDGET,
            path=path,
            message=f"{_shown(asked)}, but the intent allows {_shown(allowed)}",
        )


def _ranges(request: Request) -> Iterator[Issue]:
    for path, value in (("temperature", request.temperature), ("top_p", request.top_p)):
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield _outside(path, "a number from 0 to 1", value)
        elif isinstance(value, float) and not math.isfinite(value):
            yield Issue(code=IssueCode.NOT_A_NUMBER, path=path, message="it is not a finite number")
        elif not 0 <= value <= 1:
            yield _outside(path, "from 0 to 1", value)
    top_k = request.top_k
    if top_k is not None and not (is_whole(top_k, least=0) and top_k <= MOST_TOP_K):
        yield _outside("top_k", f"a whole number from 0 to {MOST_TOP_K}", top_k)


def _outside(path: str, wanted: str, value: object) -> Issue:
    message = f"{wanted}, not {_shown(value)}"
    return Issue(code=IssueCode.OUT_OF_RANGE, path=path, message=message)


def _shown(value: object) -> str:
    """A number, else only its type: a text may be a prompt's."""
    if isinstance(value, int) and abs(value) > _LARGEST_SHOWN:
        return "a number far too large" if value > 0 else "a number far too small"
    return repr(value) if isinstance(value, int | float) else type(value).__name__


def _tools(tools: object) -> Iterator[Issue]:
    if not isinstance(tools, list | tuple):
        yield _bad_tool("tools", f"a tuple of tools, not {type(tools).__name__}")
        return
    seen: set[str] = set()
    for index, tool in enumerate(tools):
        path = f"tools[{index}]"
        if isinstance(tool, Mapping) and tool.keys() == {"cachePoint"}:
            continue
        spec = tool.get("toolSpec") if isinstance(tool, Mapping) else None
        if not isinstance(spec, Mapping):
            yield _bad_tool(path, "needs a toolSpec")
            continue
        name = spec.get("name")
        if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
            yield _bad_tool(f"{path}.toolSpec.name", "1 to 64 of letters, digits, _ and -")
        elif name in seen:
            yield Issue(
                code=IssueCode.TOOL_DUPLICATE,
                path=f"{path}.toolSpec.name",
                message=f"a second tool {name}",
            )
        else:
            seen.add(name)
        yield from _tool_schema(spec, path)


def _tool_schema(spec: Mapping[str, object], path: str) -> Iterator[Issue]:
    schema = spec.get("inputSchema")
    shape = schema.get("json") if isinstance(schema, Mapping) else None
    if not isinstance(shape, Mapping) or shape.get("type") != "object":
        yield _bad_tool(f"{path}.toolSpec.inputSchema", "needs json with type: object")
    told = spec.get("description")
    if told is not None and (not isinstance(told, str) or not told.strip()):
        yield _bad_tool(f"{path}.toolSpec.description", "an empty description is left out")


def _bad_tool(path: str, message: str) -> Issue:
    return Issue(code=IssueCode.TOOL_MALFORMED, path=path, message=message)


def _unsupported(request: Request, spec: ModelSpec) -> Iterator[Issue]:
    """What `adapt` will leave out or say otherwise."""
    for path, value, capability in (
        ("temperature", request.temperature, Capability.TEMPERATURE),
        ("top_p", request.top_p, Capability.TOP_P),
        ("top_k", request.top_k, Capability.TOP_K),
        ("stop_sequences", request.stop_sequences or None, Capability.STOP_SEQUENCES),
        ("tools", request.tools or None, Capability.TOOLS),
        ("cached", request.cached or None, Capability.PROMPT_CACHE),
    ):
        if value is not None and not spec.takes(capability):
            yield _omitted(path, f"{spec.name} does not take it, so it is not sent")
    together = request.temperature is not None and request.top_p is not None
    alone = (Capability.TEMPERATURE, Capability.TOP_P)
    if together and all(map(spec.takes, alone)) and not spec.takes(TOGETHER):
        yield _omitted("top_p", f"{spec.name} takes it or a temperature: the temperature is sent")


TOGETHER = Capability.TEMPERATURE_WITH_TOP_P


def _omitted(path: str, message: str) -> Issue:
    return Issue(
        code=IssueCode.UNSUPPORTED_PARAMETER, path=path, message=message, severity=Severity.WARNING
    )
