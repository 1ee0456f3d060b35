"""What CloudWatch lists: asked about each name as needed, about a whole namespace once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Protocol


class Listing(Protocol):
    """Satisfied by `aws.cloudwatch.CloudWatch`."""

    def metrics(
        self, namespace: str, name: str, *, recently: bool = False
    ) -> tuple[Mapping[str, str], ...]: ...

    def metric_names(self, namespace: str) -> tuple[str, ...]: ...

    def namespaces(self) -> tuple[str, ...]: ...


class Once:
    """A listing whose long answers serve several metrics, from several threads.

    What failed is asked again.
    """

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._lock = Lock()
        self._known: dict[str, tuple[str, ...]] = {}

    def metrics(
        self, namespace: str, name: str, *, recently: bool = False
    ) -> tuple[Mapping[str, str], ...]:
        return self._listing.metrics(namespace, name, recently=recently)

    def metric_names(self, namespace: str) -> tuple[str, ...]:
        return self._answer(namespace, lambda: self._listing.metric_names(namespace))

    def namespaces(self) -> tuple[str, ...]:
        return self._answer("", self._listing.namespaces)

    def _answer(self, key: str, ask: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
        with self._lock:
            if key not in self._known:
                self._known[key] = ask()
            return self._known[key]
