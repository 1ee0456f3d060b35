"""Why the candidate is slower: the change of the mean, taken apart.

A call is the time to its first token, and one step for each further token. So the mean of
the calls changes by

    first token         the change of the mean time to the first token
    output length       more tokens, each as fast as the baseline's
    generation speed    each token slower, for as many as the candidate has
    remainder           what calls add that report no first token or no tokens

and these add up to the change of the mean of all successful calls.
"""

from __future__ import annotations

from dataclasses import dataclass

from mangaops.bench.comparing.comparison import Cause, Parts

GREW = 1.10
"""Tokens that grew by more than 10 % are a longer prompt or a longer answer."""
SEEN = 0.10
"""The share of a slow-down from which on a part of it is named."""
MOST = 0.50


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """One side, a call. `total_ms` is of all successful calls; the others, with `whole_ms`
    (total again), of those that report their first token and their output tokens.
    """

    total_ms: float
    whole_ms: float
    first_token_ms: float
    output_tokens: float

    @property
    def ms_per_token(self) -> float:
        """Of the tokens after the first. 0 when there are none."""
        return self._generation_ms / self.steps if self.steps else 0.0

    @property
    def beside_ms(self) -> float:
        """What is in the mean and neither first token nor a further one."""
        return self.total_ms - self.whole_ms + (0.0 if self.steps else self._generation_ms)

    @property
    def steps(self) -> float:
        """Tokens after the first."""
        return max(0.0, self.output_tokens - 1)

    @property
    def _generation_ms(self) -> float:
        return self.whole_ms - self.first_token_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Candidate over baseline. None where it is not known."""

    p95: float | None
    answered_p95: float | None
    """Of the successful calls alone."""
    input_tokens: float | None = None
    output_tokens: float | None = None
    more_failures: bool = False


def parts(baseline: Means, candidate: Means) -> Parts:
    longer = candidate.steps - baseline.steps
    slower = candidate.ms_per_token - baseline.ms_per_token
    return Parts(
        first_token_ms=candidate.first_token_ms - baseline.first_token_ms,
        output_length_ms=longer * baseline.ms_per_token,
        generation_speed_ms=slower * candidate.steps,
        remainder_ms=candidate.beside_ms - baseline.beside_ms,
    )


def cause(found: Parts | None, growth: Growth) -> Cause:
    """What explains most of a slow-down, which the caller has seen to be one."""
    if _by_failures(growth):
        return Cause.MORE_FAILURES
    if found is None or found.total_ms <= 0:
        return Cause.UNEXPLAINED
    slower = (found.first_token_ms, found.output_length_ms, found.generation_speed_ms)
    whole = sum(max(0.0, part) for part in (*slower, found.remainder_ms))
    first, length, speed = (max(0.0, part) / whole for part in slower)
    longer_prompt = _grew(growth.input_tokens) and first >= SEEN
    longer_output = _grew(growth.output_tokens) and length >= SEEN
    if longer_prompt * first + longer_output * length >= MOST:
        return _longer(prompt=longer_prompt, output=longer_output)
    for share, named in (
        (length, Cause.LONGER_OUTPUT),
        (speed, Cause.SLOWER_GENERATION),
        (first, Cause.SLOWER_FIRST_TOKEN),
    ):
        if share >= MOST:
            return named
    return Cause.UNEXPLAINED


def _longer(*, prompt: bool, output: bool) -> Cause:
    if prompt and output:
        return Cause.LONGER_PROMPT_AND_OUTPUT
    return Cause.LONGER_PROMPT if prompt else Cause.LONGER_OUTPUT


def _grew(ratio: float | None) -> bool:
    return ratio is not None and ratio > GREW


def _by_failures(growth: Growth) -> bool:
    """More calls failed, and without the failed ones most of the slow-down is gone.

    Or nothing is left: no call was answered.
    """
    if not growth.more_failures or growth.p95 is None:
        return False
    if growth.answered_p95 is None:
        return growth.p95 > 1
    return growth.answered_p95 - 1 < (growth.p95 - 1) / 2
