"""One thing that is wrong with a request, and where in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    """It is not sent: the model would refuse it, or it breaks a budget."""
    WARNING = "warning"
    """It is sent, without what the issue names or although it may fail."""


class IssueCode(StrEnum):
    UNKNOWN_MODEL = "unknown_model"
    INTENT_MISSING = "intent_missing"
    FIELD_MALFORMED = "field_malformed"
    SCHEMA_UNUSABLE = "schema_unusable"
    MESSAGES_MISSING = "messages_missing"
    MESSAGE_MALFORMED = "message_malformed"
    ROLE_UNKNOWN = "role_unknown"
    FIRST_NOT_USER = "first_not_user"
    ROLES_NOT_ALTERNATING = "roles_not_alternating"
    LAST_NOT_USER = "last_not_user"
    CONTENT_EMPTY = "content_empty"
    BLOCK_MALFORMED = "block_malformed"
    MAX_TOKENS_MISSING = "max_tokens_missing"
    MAX_TOKENS_INVALID = "max_tokens_invalid"
    MAX_TOKENS_OVER_MODEL = "max_tokens_over_model"
    MAX_TOKENS_OVER_BUDGET = "max_tokens_over_budget"
    OUT_OF_RANGE = "out_of_range"
    STOP_SEQUENCE_EMPTY = "stop_sequence_empty"
    UNSUPPORTED_PARAMETER = "unsupported_parameter"
    TOOL_MALFORMED = "tool_malformed"
    TOOL_DUPLICATE = "tool_duplicate"
    TOOL_RESULT_MISSING = "tool_result_missing"
    TOOL_RESULT_UNASKED = "tool_result_unasked"
    TOOLS_MISSING = "tools_missing"
    NOT_A_NUMBER = "not_a_number"
    LONE_SURROGATE = "lone_surrogate"
    NOT_JSON = "not_json"
    BODY_TOO_LARGE = "body_too_large"
    INPUT_OVER_MODEL = "input_over_model"
    INPUT_OVER_BUDGET = "input_over_budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """`path` is as in Python, from the request on: `messages[2].content[0].text`.

    `message` never holds the text of a prompt.
    """

    code: IssueCode
    path: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def errors_of(issues: tuple[Issue, ...]) -> tuple[Issue, ...]:
    """Those that forbid sending."""
    return tuple(issue for issue in issues if issue.severity is Severity.ERROR)
