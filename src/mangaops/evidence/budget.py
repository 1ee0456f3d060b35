"""How much of the logs may still be scanned, and what a diagnosis has cost."""

from __future__ import annotations

from threading import Lock

from mangaops.model.diagnosis import Cost

GIB = 1024**3
USD_PER_METRIC = 0.01 / 1000
DEFAULT_SCAN_GB = 10.0


class ScanBudget:
    """Bytes that Logs Insights may scan. Safe to use from several threads.

    A query's bytes are known only while it runs, so what is scanned can exceed the
    budget by what the running queries scan between two looks.
    """

    def __init__(self, max_gb: float = DEFAULT_SCAN_GB) -> None:
        self.max_gb = max_gb
        self._lock = Lock()
        self._bytes: dict[str, float] = {}

    def scanned_so_far(self, query_id: str, total: float) -> None:
        """What this query has scanned since its start."""
        with self._lock:
            self._bytes[query_id] = max(total, self._bytes.get(query_id, 0))

    @property
    def used(self) -> int:
        """Bytes scanned by all queries."""
        with self._lock:
            return int(sum(self._bytes.values()))

    @property
    def exhausted(self) -> bool:
        return self.used >= self.max_gb * GIB

    def __str__(self) -> str:
        return f"the scan budget of {self.max_gb:g} GB (--max-scan-gb)"


def cost(*, calls: int, metrics: int, scanned: int, log_price_per_gb: float) -> Cost:
    """Dollars by the list price of GetMetricData and the environment's price of a scan."""
    return Cost(
        api_calls=calls,
        metrics_requested=metrics,
        log_bytes_scanned=scanned,
        usd_estimate=round(metrics * USD_PER_METRIC + scanned / GIB * log_price_per_gb, 6),
    )
