"""All that is wrong with a request, found before it is sent.

Rule: every issue at once, each with its path; what would only be left out for this model is
a warning. An estimate of tokens is an upper one, so a request is refused only when four
fifths of it are over the limit; between, it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from mangaops.fm.requests.blocks import is_tool_result, is_tool_use
from mangaops.fm.requests.body import body_issues
from mangaops.fm.requests.conversation import (
    ASSISTANT,
    blocks_of,
    conversation_issues,
    role_of,
)
from mangaops.fm.requests.form import form_issues
from mangaops.fm.requests.issue import Issue, IssueCode, Severity
from mangaops.fm.requests.parameters import Budget, is_whole, max_tokens_of, parameter_issues
from mangaops.fm.requests.registry import Capability, ModelSpec, Registry
from mangaops.fm.requests.request import Operation, Request
from mangaops.fm.requests.tokens import estimate_request
from mangaops.fm.target import Target
from mangaops.model.tokens import CERTAIN


def validate_request(
    request: Request,
    registry: Registry,
    *,
    target: Target | None = None,
    budget: Budget | None = None,
) -> tuple[Issue, ...]:
    """Without `target` the limits and parameters of a model are not looked at, without
    `budget` not those of the intent. Asks nobody, and raises nothing.
    """
    spec = None if target is None else registry.of(target.model_id)
    native = request.operation is Operation.INVOKE_MODEL
    return (
        *_model(target, spec, registry),
        *_intent(request),
        *conversation_issues(request.messages, native=native),
        *_system(request),
        *_last(request, spec),
        *parameter_issues(request, spec, budget),
        *_tools_declared(request),
        *form_issues(request),
        *body_issues(request),
        *_length(request, spec, budget),
    )


def _model(target: Target | None, spec: ModelSpec | None, registry: Registry) -> Iterator[Issue]:
    if target is not None and spec is None:
        known = ", ".join(sorted(each.base_id for each in registry))
        yield Issue(
            code=IssueCode.UNKNOWN_MODEL,
            path="model_id",
            message=f"{target.model_id} is not registered; known are {known}",
        )


def _intent(request: Request) -> Iterator[Issue]:
    if not isinstance(request.intent, str) or not request.intent.strip():
        yield Issue(code=IssueCode.INTENT_MISSING, path="intent", message="the intent has no name")


def _system(request: Request) -> Iterator[Issue]:
    if not isinstance(request.system, str):
        yield Issue(
            code=IssueCode.BLOCK_MALFORMED, path="system", message="the system prompt is a text"
        )
    elif request.system and not request.system.strip():
        yield Issue(code=IssueCode.CONTENT_EMPTY, path="system", message="nothing but spaces")


def _last(request: Request, spec: ModelSpec | None) -> Iterator[Issue]:
    """The assistant's last word is a beginning of its answer, for the models that go on."""
    said = isinstance(request.messages, list | tuple) and request.messages
    if not said or role_of(request.messages[-1]) != ASSISTANT:
        return
    path = f"messages[{len(request.messages) - 1}].role"
    if spec is None:
        yield Issue(
            code=IssueCode.LAST_NOT_USER, path=path, message="the last message is the user's"
        )
    elif not spec.takes(Capability.PREFILL):
        yield Issue(
            code=IssueCode.UNSUPPORTED_PARAMETER,
            path=path,
            message=f"{spec.name} does not go on from the assistant's words: the user asks it to",
            severity=Severity.WARNING,
        )


def _tools_declared(request: Request) -> Iterator[Issue]:
    """Tool blocks without the tools are refused."""
    if request.tools or not isinstance(request.messages, list | tuple):
        return
    for index, message in enumerate(request.messages):
        if any(is_tool_use(block) or is_tool_result(block) for block in blocks_of(message)):
            yield Issue(
                code=IssueCode.TOOLS_MISSING,
                path="tools",
                message=f"messages[{index}] speaks of tools, and none is declared",
            )
            return


def _length(request: Request, spec: ModelSpec | None, budget: Budget | None) -> Iterator[Issue]:
    limits: list[tuple[IssueCode, int, str]] = []
    if spec is not None:
        asked = max_tokens_of(request, budget)
        reserved = asked if is_whole(asked, least=1) else 0
        room = spec.context_tokens - reserved
        limits.append((IssueCode.INPUT_OVER_MODEL, room, f"{spec.name} has room for"))
    if budget is not None and is_whole(budget.input_tokens, least=0):
        limits.append((IssueCode.INPUT_OVER_BUDGET, budget.input_tokens, "the intent allows"))
    tokens = estimate_request(request) if limits else 0
    for code, limit, told in limits:
        if tokens > limit:
            yield _too_long(code, tokens, limit, told)


def _too_long(code: IssueCode, tokens: int, limit: int, told: str) -> Issue:
    return Issue(
        code=code,
        path="messages",
        message=f"about {tokens:,} tokens with system prompt and tools, {told} {limit:,}",
        severity=Severity.ERROR if tokens * CERTAIN > limit else Severity.WARNING,
    )
