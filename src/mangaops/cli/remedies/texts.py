"""What the help of each remedy says, and three examples of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """`examples` are without what stands before the remedy's name."""

    summary: str
    details: str
    examples: tuple[str, str, str]

    @property
    def plan_examples(self) -> tuple[str, str, str]:
        """The same for `mangaops plan`, which takes no answers."""
        plain = [_ANSWERS.sub("", example) for example in self.examples]
        name = plain[0].split()[0]
        return f"{plain[0]}", f"{plain[1]} -o fix.plan", f"{name} --run last"


CODES = (
    "Shows the plan, asks, applies, verifies, and journals. Exit codes: 0 applied and verified, "
    "or nothing to do; 5 refused; 6 applied but not verified, or in part."
)
_ANSWERS = re.compile(r" --(?:dry-run|yes|confirm \S+)")

TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "rollback-prompt": Text(
            summary="Make an earlier version of a prompt the active one.",
            details="One transaction over both versions. Undo is exact.",
            examples=(
                "rollback-prompt",
                "rollback-prompt recommendation --to v1.9",
                "rollback-prompt faq --env prod --dry-run",
            ),
        ),
        "invalidate-cache": Text(
            summary="Remove pre-computed answers from the cache.",
            details="Finds keys by the reverse index, else by SCAN, and removes them slowly enough "
            "that making them anew overloads nothing. They are saved first: undo is exact.",
            examples=(
                "invalidate-cache --stale",
                "invalidate-cache --product manga-0101 --product manga-0102",
                "invalidate-cache --genre mystery --dry-run",
            ),
        ),
        "raise-ocu": Text(
            summary="Raise the minimum capacity of the search collection.",
            details="Of its collection group, or of the account. Undo is exact.",
            examples=("raise-ocu", "raise-ocu --min 8", "raise-ocu --env prod --dry-run"),
        ),
        "scale-out": Text(
            summary="Run more tasks of the service.",
            details="Raises the autoscaler's minimum where there is one. Undo is exact.",
            examples=("scale-out", "scale-out --to 8", "scale-out --to 8 --env prod --dry-run"),
        ),
        "set-env": Text(
            summary="Set environment variables of the service's container.",
            details="A new task definition revision, then a rolling deployment that is watched. "
            "Undo goes back to the old revision.",
            examples=(
                "set-env CHUNK_BATCH_SIZE=1",
                "set-env BEDROCK_POOL_SIZE=10 BEDROCK_KEEPALIVE_INTERVAL=15",
                "set-env CHUNK_BATCH_SIZE=1 --env prod --dry-run",
            ),
        ),
        "restart-service": Text(
            summary="Replace every task of the service, one after another.",
            details="A rolling restart cannot be undone.",
            examples=(
                "restart-service",
                "restart-service --confirm orchestrator",
                "restart-service --env prod --dry-run",
            ),
        ),
        "set-parameter": Text(
            summary="Set an SSM parameter that exists.",
            details="Never a SecureString: a secret has no place in a plan. Undo is exact.",
            examples=(
                "set-parameter /mangaassist/cache/recommendation_ttl_s 3600",
                "set-parameter /mangaassist/router/adaptive_routing on --yes",
                "set-parameter /mangaassist/search/ef_search 256 --dry-run",
            ),
        ),
        "route": Text(
            summary="Set from which complexity on sonnet answers.",
            details="A higher threshold sends more messages to haiku. Undo is exact.",
            examples=(
                "route --sonnet-threshold 0.6",
                "route --sonnet-threshold 0.3 --yes",
                "route --sonnet-threshold 0.6 --env prod --dry-run",
            ),
        ),
        "flash-sale-mode": Text(
            summary="Turn the flash sale mode on or off.",
            details="Undo is exact.",
            examples=(
                "flash-sale-mode on",
                "flash-sale-mode off --yes",
                "flash-sale-mode on --env prod --dry-run",
            ),
        ),
        "prewarm-search": Text(
            summary="Send searches, so that customers meet a warm index.",
            details="Reads only, at a rate, with a table of latencies. There is nothing to undo.",
            examples=(
                "prewarm-search",
                "prewarm-search --queries queries.jsonl --rate 10",
                "prewarm-search --count 200 --env prod",
            ),
        ),
        "enable-invalidation": Text(
            summary="Let changes of the stock reach the cache again.",
            details="The stream of the inventory table and its mapping to the invalidator. "
            "Undo is exact.",
            examples=(
                "enable-invalidation",
                "enable-invalidation --yes",
                "enable-invalidation --env prod --dry-run",
            ),
        ),
        "request-quota": Text(
            summary="Ask AWS for a higher quota of tokens per minute.",
            details="Takes days, not minutes, and cannot be undone.",
            examples=(
                "request-quota sonnet",
                "request-quota haiku --factor 3",
                "request-quota sonnet --env prod --dry-run",
            ),
        ),
    }
)
