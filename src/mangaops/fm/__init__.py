"""The resilient client of the foundation models: an importable library, `from mangaops import fm`.

    client = fm.Client(config)
    answer = client.complete(fm.Request(intent="faq", messages=(fm.user("Hours?"),)))

Rule: the end user always gets an answer, never an exception, and what is said about a call
(who answered, after how many attempts, why it descended) is true. Each decision is a pure
function or a small machine with an injected clock; only `transport` speaks to AWS.
Reason: retries, breakers and fallbacks that do not know of each other multiply.
Known cost: a call in a thread cannot be stopped from outside; its socket timeouts are its bound.

As a call goes:

    client.py       where it begins and ends; config.py and defaults.py say how calls are made,
                    hooks.py what the application adds; streaming.py is a call piece by piece
    requests/       what is asked: the request, the registry of models, the validator, tokens
    ladder/         its steps: five modes, from the primary model down to an apology
    rate.py         whether a template answers, since too many calls fail; binomial.py, its bounds
    breaker/        whether a model is asked at all, by model and region, alone or with all tasks
    transport/      the request itself, by boto3 with its own retries off
    classifying.py  any exception, as one class of failure: by codes.py, families.py; advice.py
    failure.py      the classes of failure, and what each allows
    retry/          whether to send again, after which wait
    answers/        what came back: stop reasons, JSON repair, schema, product ids
    precomputed.py  a stored answer, checked against the stock
    answer.py       what a call gives: an answer, or the events of a streamed one
    records/        what the log is told, with the metrics embedded in it

Beside it:

    target.py       a model or profile in a region
    single.py       one timed request by the transport alone, for benchmarks
    parallel.py     what an answer needs from elsewhere, within budgets; slots.py, how many at once
    queue/          work that can wait, over SQS
    stores.py       Redis and DynamoDB, as breaker/ and queue/ use them

Importing this package loads neither boto3 nor anything else that is heavy: each name is
loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mangaops.fm.answer import Answer, Delta, Done, Interrupted, Mode, Usage
    from mangaops.fm.answers.analysis import Analysis, analyse
    from mangaops.fm.answers.mentions import ProductRules
    from mangaops.fm.answers.product_ids import is_product_id
    from mangaops.fm.answers.products import CheckedProducts, check_products
    from mangaops.fm.answers.repair.mend import repair_json
    from mangaops.fm.answers.repaired import Repaired, RepairState
    from mangaops.fm.answers.stop_reason import StopKind, kind_of
    from mangaops.fm.breaker.circuit import CircuitBreaker
    from mangaops.fm.breaker.config import BreakerConfig, BreakerMode
    from mangaops.fm.breaker.dynamodb_state import DynamoDbState
    from mangaops.fm.breaker.permit import Permit
    from mangaops.fm.breaker.redis_state import RedisState
    from mangaops.fm.breaker.registry import Breakers
    from mangaops.fm.breaker.shared import SharedState
    from mangaops.fm.breaker.sharing import Sharing
    from mangaops.fm.breaker.transitions import BreakerState, Transition
    from mangaops.fm.classifying import classify
    from mangaops.fm.client import Client
    from mangaops.fm.config import Config, IntentPolicy
    from mangaops.fm.defaults import manga_assist
    from mangaops.fm.failure import Failure, FailureClass
    from mangaops.fm.hooks import Hooks
    from mangaops.fm.parallel import Gathered, RequiredTaskFailed, Task, gather_budgeted
    from mangaops.fm.precomputed import NoInventory, Validated, validate_precomputed
    from mangaops.fm.queue.dynamodb_results import DynamoDbResults
    from mangaops.fm.queue.model_queue import ModelQueue
    from mangaops.fm.queue.redis_results import RedisResults
    from mangaops.fm.queue.results import MemoryResults, Results
    from mangaops.fm.queue.worker import Worker
    from mangaops.fm.queue.worker_config import WorkerConfig
    from mangaops.fm.rate import RateConfig, RateFallback, RateState, RateView
    from mangaops.fm.records.metrics import Metrics
    from mangaops.fm.records.sink import JsonLines
    from mangaops.fm.requests.issue import Issue, IssueCode, Severity
    from mangaops.fm.requests.parameters import Budget
    from mangaops.fm.requests.registry import Capability, ModelSpec, Registry
    from mangaops.fm.requests.request import Request, user
    from mangaops.fm.requests.tokens import TokenCounter, estimate_tokens
    from mangaops.fm.requests.validate import validate_request
    from mangaops.fm.retry.budget import RatioBudget, RetryBudget, TokenBucket
    from mangaops.fm.retry.deadline import Deadline
    from mangaops.fm.retry.policy import Descend, GiveUp, Retry, RetryConfig, RetryPolicy
    from mangaops.fm.slots import Slots
    from mangaops.fm.target import Target

__all__ = [
    "Analysis",
    "Answer",
    "BreakerConfig",
    "BreakerMode",
    "BreakerState",
    "Breakers",
    "Budget",
    "Capability",
    "CheckedProducts",
    "CircuitBreaker",
    "Client",
    "Config",
    "Deadline",
    "Delta",
    "Descend",
    "Done",
    "DynamoDbResults",
    "DynamoDbState",
    "Failure",
    "FailureClass",
    "Gathered",
    "GiveUp",
    "Hooks",
    "IntentPolicy",
    "Interrupted",
    "Issue",
    "IssueCode",
    "JsonLines",
    "MemoryResults",
    "Metrics",
    "Mode",
    "ModelQueue",
    "ModelSpec",
    "NoInventory",
    "Permit",
    "ProductRules",
    "RateConfig",
    "RateFallback",
    "RateState",
    "RateView",
    "RatioBudget",
    "RedisResults",
    "RedisState",
    "Registry",
    "RepairState",
    "Repaired",
    "Request",
    "RequiredTaskFailed",
    "Results",
    "Retry",
    "RetryBudget",
    "RetryConfig",
    "RetryPolicy",
    "Severity",
    "SharedState",
    "Sharing",
    "Slots",
    "StopKind",
    "Target",
    "Task",
    "TokenBucket",
    "TokenCounter",
    "Transition",
    "Usage",
    "Validated",
    "Worker",
    "WorkerConfig",
    "analyse",
    "check_products",
    "classify",
    "estimate_tokens",
    "gather_budgeted",
    "is_product_id",
    "kind_of",
    "manga_assist",
    "repair_json",
    "user",
    "validate_precomputed",
    "validate_request",
]

_PLACES = MappingProxyType(
    {
        "Analysis": "answers.analysis",
        "Answer": "answer",
        "BreakerConfig": "breaker.config",
        "BreakerMode": "breaker.config",
        "BreakerState": "breaker.transitions",
        "Breakers": "breaker.registry",
        "Budget": "requests.parameters",
        "Capability": "requests.registry",
        "CheckedProducts": "answers.products",
        "CircuitBreaker": "breaker.circuit",
        "Client": "client",
        "Config": "config",
        "Deadline": "retry.deadline",
        "Delta": "answer",
        "Descend": "retry.policy",
        "Done": "answer",
        "DynamoDbResults": "queue.dynamodb_results",
        "DynamoDbState": "breaker.dynamodb_state",
        "Failure": "failure",
        "FailureClass": "failure",
        "Gathered": "parallel",
        "GiveUp": "retry.policy",
        "Hooks": "hooks",
        "IntentPolicy": "config",
        "Interrupted": "answer",
        "Issue": "requests.issue",
        "IssueCode": "requests.issue",
        "JsonLines": "records.sink",
        "MemoryResults": "queue.results",
        "Metrics": "records.metrics",
        "Mode": "answer",
        "ModelQueue": "queue.model_queue",
        "ModelSpec": "requests.registry",
        "NoInventory": "precomputed",
        "Permit": "breaker.permit",
        "ProductRules": "answers.mentions",
        "RateConfig": "rate",
        "RateFallback": "rate",
        "RateState": "rate",
        "RateView": "rate",
        "RatioBudget": "retry.budget",
        "RedisResults": "queue.redis_results",
        "RedisState": "breaker.redis_state",
        "Registry": "requests.registry",
        "RepairState": "answers.repaired",
        "Repaired": "answers.repaired",
        "Request": "requests.request",
        "RequiredTaskFailed": "parallel",
        "Results": "queue.results",
        "Retry": "retry.policy",
        "RetryBudget": "retry.budget",
        "RetryConfig": "retry.policy",
        "RetryPolicy": "retry.policy",
        "Severity": "requests.issue",
        "SharedState": "breaker.shared",
        "Sharing": "breaker.sharing",
        "Slots": "slots",
        "StopKind": "answers.stop_reason",
        "Target": "target",
        "Task": "parallel",
        "TokenBucket": "retry.budget",
        "TokenCounter": "requests.tokens",
        "Transition": "breaker.transitions",
        "Usage": "answer",
        "Validated": "precomputed",
        "Worker": "queue.worker",
        "WorkerConfig": "queue.worker_config",
        "analyse": "answers.analysis",
        "check_products": "answers.products",
        "classify": "classifying",
        "estimate_tokens": "requests.tokens",
        "gather_budgeted": "parallel",
        "is_product_id": "answers.product_ids",
        "kind_of": "answers.stop_reason",
        "manga_assist": "defaults",
        "repair_json": "answers.repair.mend",
        "user": "requests.request",
        "validate_precomputed": "precomputed",
        "validate_request": "requests.validate",
    }
)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'mangaops.fm' has no attribute {name!r}")
    return getattr(import_module(f"mangaops.fm.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
