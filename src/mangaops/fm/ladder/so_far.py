"""What one call has done until now, and how it ended: what the log is written from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from mangaops.fm.answer import Answer, Mode, Usage
from mangaops.fm.config import OTHERS, IntentPolicy
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.requests.request import Request
from mangaops.fm.requests.tokens import estimate_request
from mangaops.fm.retry.deadline import Deadline
from mangaops.fm.target import Target
from mangaops.fm.transport.hanging_up import HangUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """`interrupted` says why the answer is not whole, in one sentence; None when it is."""

    answer: Answer
    interrupted: str | None = None


@dataclass(slots=True, kw_only=True)
class SoFar:
    """Belongs to the one thread that makes the call.

    `began` and `first_text_at` are of the monotonic clock. `because` has one sentence for
    each step down. `failure` is the last one, of an attempt or of what came before any;
    `spoilt` says that an answer came which could not be used, `kept_back` that a breaker or
    the rate fallback let a request not through. `sent`, `sent_to` are of the last attempt.
    `dropped` counts the messages that were left out because there were too many. `kind` is the
    intent's entry of the configuration: what is learnt of calls is kept by it, since intents
    may be any text.
    """

    request: Request
    policy: IntentPolicy
    correlation_id: str
    began: float
    deadline: Deadline
    streaming: bool
    kind: str = OTHERS
    hang_up: HangUp = field(default_factory=HangUp)
    held: float = 0.0
    """Seconds in which the caller kept a piece before asking for the next: nobody's slowness."""
    attempts: int = 0
    retries: int = 0
    retried: Counter[Target] = field(default_factory=Counter)
    """The retries of each route."""
    spent: Usage = field(default_factory=Usage)
    read: int | None = None
    """Tokens that the last attempt's model read, where it told them."""
    because: list[str] = field(default_factory=list)
    failure: Failure | None = None
    spoilt: bool = False
    kept_back: bool = False
    re_asked: bool = False
    shortened: bool = False
    dropped: int = 0
    said: list[str] = field(default_factory=list)
    first_text_at: float | None = None
    sent: Request | None = None
    sent_to: Target | None = None
    mode: Mode = Mode.PRIMARY
    """Of the step that is being taken."""
    p50: float = 0.0
    """Seconds that it takes at the median."""
    reserve: float = 0.0
    """Seconds that the quickest of the steps below it takes: no wait spends them."""
    kept: float = 0.0
    """Seconds for the quickest of the other models below it: no attempt spends them."""
    breaker: str | None = None
    """The state of that step's breaker, when it was last asked."""
    issues: tuple[str, ...] = ()
    """Codes of what the validator found."""
    waited: float = 0.0
    """Seconds before the attempt that comes next."""
    waited_in_all: float = 0.0
    longest_gap: float | None = None
    """Seconds between two pieces of text."""
    last_text_at: float | None = None
    heard: dict[str, list[FailureClass | None]] = field(default_factory=dict)
    """What became of each attempt, by the model's name; None: it answered."""

    _estimated: tuple[Request, int] | None = None

    def estimate_of(self, request: Request) -> int:
        """`estimate_request`, which walks through all of it: once for all who ask in turn."""
        if self._estimated is None or self._estimated[0] is not request:
            self._estimated = request, estimate_request(request)
        return self._estimated[1]

    def hear(self, model: str, failure_class: FailureClass | None) -> None:
        self.heard.setdefault(model, []).append(failure_class)

    def spend(self, usage: Usage | None) -> None:
        """`usage` is an attempt's; None where it told none."""
        self.read = None if usage is None else usage.whole_input or None
        if usage is not None:
            self.spent = Usage(
                input=self.spent.input + usage.input,
                output=self.spent.output + usage.output,
                cache_read=self.spent.cache_read + usage.cache_read,
                cache_write=self.spent.cache_write + usage.cache_write,
            )

    def say(self, text: str, now: float) -> None:
        """A piece of text is on its way to the caller: from now on no other model answers."""
        if self.last_text_at is None:
            self.first_text_at = now
        else:
            self.longest_gap = max(self.longest_gap or 0.0, now - self.last_text_at)
        self.last_text_at = now
        self.said.append(text)

    def give(self, text: str, clock: Callable[[], float]) -> Generator[str, None, None]:
        """Hands a piece of a stream over, and waits until the next is asked for."""
        before = clock()
        try:
            yield text
        finally:
            now = clock()
            self.held += now - before
            if self.last_text_at is not None:
                self.last_text_at = now

    def give_own(self, text: str, clock: Callable[[], float]) -> Generator[str, None, None]:
        """As `give`, of a text that no model said: it is no first token."""
        self.said.append(text)
        return self.give(text, clock)

    def descend(self, reason: str) -> None:
        self.because.append(reason)
