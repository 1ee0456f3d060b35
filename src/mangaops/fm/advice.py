"""What an operator can do about an error, told by words that AWS uses in its messages.

Only our own sentences come out: a message of AWS may quote the request.
"""

from __future__ import annotations

_ADVICE = (
    (
        "mpagreementbeingcreated",
        (
            "MPAgreementBeingCreated: the account's agreement for this model is being made; "
            "ask again in about 15 minutes"
        ),
    ),
    (
        "ftuformnotfilled",
        (
            "FTUFormNotFilled: Anthropic's use-case form is missing; fill it in once in the "
            "console of Bedrock, under model access"
        ),
    ),
    (
        "on-demand throughput",
        (
            "this model is not called by its own id: configure its inference profile "
            "(jp., apac. or global.)"
        ),
    ),
    ("end of its life", "the model has reached its end of life: configure its successor"),
    ("legacy", "the model is a legacy one that this account no longer uses: configure another"),
    ("service control policy", "a service control policy denies it: also in a profile's regions"),
    ("explicit deny", "a policy denies it explicitly"),
    ("too many tokens per day", "the quota of tokens a day is used up"),
    (
        "too many tokens",
        "the quota of tokens a minute: max_tokens is reserved when a request starts",
    ),
    ("too many requests", "the quota of requests a minute"),
)

_TOO_LONG = (
    "input is too long",
    "prompt is too long",
    "too many input tokens",
    "exceed context limit",
    "exceeds the context",
    "maximum context length",
    "context window",
)


def advice(message: str) -> str:
    """A sentence, or nothing."""
    folded = message.casefold()
    return next((told for words, told in _ADVICE if words in folded), "")


def tells_of_overflow(message: str) -> bool:
    """Whether a refusal is for the length of the question."""
    folded = message.casefold()
    return any(words in folded for words in _TOO_LONG)
