"""All that is wrong with a request, found before it is sent.

Rule: every issue at once, each with its path; what would only be left out for this model is
a warning. An estimate of tokens is an upper one, so a request is refused only when four
fifths of it are over the limit; between, it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mangaops.fm.requests.body import body_issues
from mangaops.fm.requests.conversation import ASSISTANT, conversation_issues, role_of
from mangaops.fm.requests.issue import Issue, IssueCode, Severity
from mangaops.fm.requests.parameters import Budget, max_tokens_of, parameter_issues
from mangaops.fm.requests.registry import Capability, ModelSpec, Registry
from mangaops.fm.requests.request import Operation, Request
from mangaops.fm.requests.tokens import Counted, TokenCounter, estimate_request
from mangaops.fm.target import Target

CERTAIN = 0.8
"""This share of an estimate is taken for sure."""


def validate_request(
    request: Request,
    registry: Registry,
    *,
    target: Target | None = None,
    budget: Budget | None = None,
    counter: TokenCounter | None = None,
) -> tuple[Issue, ...]:
    """Without `target` the limits and parameters of a model are not looked at, without
    `budget` not those of the intent.

    With `counter` the estimate is that model's own, and an estimate over a limit is counted
    by the model before it is judged: a call, made only then. Raises nothing.
    """
    spec = None if target is None else registry.of(target.model_id)
    native = request.operation is Operation.INVOKE_MODEL
    issues = [
        *_model(target, spec, registry),
        *_intent(request),
        *conversation_issues(request.messages, native=native),
        *_system(request),
        *_last(request, spec),
        *parameter_issues(request, spec, budget),
        *_tools_declared(request),
        *body_issues(request),
    ]
    if not any(issue.severity is Severity.ERROR for issue in issues):
        issues += _length(request, spec, target, budget, counter)
    return tuple(issues)


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
    """Converse refuses tool blocks without the tools."""
    if request.tools or not isinstance(request.messages, list | tuple):
        return
    for index, message in enumerate(request.messages):
        content = message.get("content") if isinstance(message, Mapping) else None
        for block in content if isinstance(content, list | tuple) else ():
            if isinstance(block, Mapping) and block.keys() & {"toolUse", "toolResult"}:
                yield Issue(
                    code=IssueCode.TOOLS_MISSING,
                    path="tools",
                    message=f"messages[{index}] speaks of tools, and none is declared",
                )
                return


def _length(
    request: Request,
    spec: ModelSpec | None,
    target: Target | None,
    budget: Budget | None,
    counter: TokenCounter | None,
) -> Iterator[Issue]:
    limits: list[tuple[IssueCode, int, str]] = []
    if spec is not None:
        reserved = max_tokens_of(request, budget) or 0
        room = spec.context_tokens - reserved
        limits.append((IssueCode.INPUT_OVER_MODEL, room, f"{spec.name} has room for"))
    if budget is not None and budget.input_tokens is not None:
        limits.append((IssueCode.INPUT_OVER_BUDGET, budget.input_tokens, "the intent allows"))
    if not limits:
        return
    counted = _count(request, target, counter, min(limit for _, limit, _ in limits))
    for code, limit, told in limits:
        if counted.tokens > limit:
            yield _too_long(code, counted, limit, told)


def _count(
    request: Request, target: Target | None, counter: TokenCounter | None, limit: int
) -> Counted:
    if counter is None or target is None:
        return Counted(tokens=estimate_request(request), exact=False)
    tokens = counter.estimated(target.model_id, request)
    if tokens <= limit:
        return Counted(tokens=tokens, exact=False)
    return counter.counted(target, request)


def _too_long(code: IssueCode, counted: Counted, limit: int, told: str) -> Issue:
    certain = counted.exact or counted.tokens * CERTAIN > limit
    about = "" if counted.exact else "about "
    return Issue(
        code=code,
        path="messages",
        message=f"{about}{counted.tokens:,} tokens with system prompt and tools, {told} {limit:,}",
        severity=Severity.ERROR if certain else Severity.WARNING,
    )
