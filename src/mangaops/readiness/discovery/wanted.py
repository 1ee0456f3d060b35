"""What `init` looks for: for every name of the configuration, where, and what it is known by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mangaops.model.settings import DEFAULT_RESOURCES

CACHE, LOCK = "cache_url", "lock_table"
"""Keys of an environment that are looked for like a resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One name. `sources` are the lists to look in; none: AWS cannot be asked for it.

    `usual` is the default. `words` are what other names of such a thing hold, `marks` facts
    that decide whatever the name is. `alone`: the only candidate is it. `needs` are marks
    without which it cannot be it, `needed` says so in words.
    """

    name: str
    sources: tuple[str, ...]
    usual: str = ""
    words: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    alone: bool = False
    needs: frozenset[str] = frozenset()
    needed: str = ""


_LOOKED_FOR: Mapping[str, tuple[str, str, bool]] = {
    "cluster": ("clusters", "assist chat prod", True),
    "service": ("services", "orchestrator chat api", True),
    "container": ("containers", "app orchestrator main", True),
    "router_threshold_parameter": ("parameters", "threshold router", False),
    "adaptive_routing_parameter": ("parameters", "adaptive routing", False),
    "classifier_parameter": ("parameters", "classifier", False),
    "sonnet_parameter": ("parameters", "sonnet", False),
    "haiku_parameter": ("parameters", "haiku", False),
    "flash_sale_parameter": ("parameters", "flash sale", False),
    "recommendation_ttl_parameter": ("parameters", "recommendation ttl", False),
    "ef_search_parameter": ("parameters", "ef_search ef-search", False),
    "prompt_table": ("tables", "prompt template", False),
    "inventory_table": ("tables", "inventory stock", False),
    "invalidator": ("functions", "invalidat inventory", False),
    "collection": ("collections", "product catalog", True),
    "collection_group": ("collection_groups", "search", True),
    "index": ("", "", False),
    "websocket_api": ("websocket_apis", "websocket ws chat", True),
    "websocket_stage": ("stages", "prod live", True),
    "nat_gateway": ("nat_gateways", "assist chat prod", True),
    "streaming_namespace": ("namespaces", "streaming", False),
    "orchestrator_namespace": ("namespaces", "orchestrator", False),
    "business_namespace": ("namespaces", "business", False),
    "orchestrator_log": ("log_groups", "orchestrator", False),
    "websocket_log": ("log_groups", "websocket", False),
    "resolver_log": ("log_groups", "resolver", False),
    "invalidator_log": ("log_groups", "invalidat", False),
    "bench_store": ("", "", False),
    "candidate_share_parameter": ("parameters", "candidate share", False),
}
_MARKS: Mapping[str, tuple[str, ...]] = {
    "prompt_table": ("key:intent,version",),
    "inventory_table": ("key:product_id",),
}
_CACHES = ("replication_groups", "serverless_caches", "lone_caches")


def _resource(name: str) -> Wanted:
    source, words, alone = _LOOKED_FOR[name]
    return Wanted(
        name=name,
        sources=(source,) if source else (),
        usual=DEFAULT_RESOURCES[name],
        words=tuple(words.split()),
        marks=_MARKS.get(name, ()),
        alone=alone,
    )


WANTED: Mapping[str, Wanted] = MappingProxyType(
    {
        CACHE: Wanted(name=CACHE, sources=_CACHES, words=("assist", "cache"), alone=True),
        LOCK: Wanted(
            name=LOCK,
            sources=("tables",),
            usual="mangaops-locks",
            words=("mangaops", "lock"),
            marks=("key:lock",),
            needs=frozenset({"key:lock", "types:S"}),
            needed="mangaops needs the key `lock`, a string, and no sort key",
        ),
        **{name: _resource(name) for name in DEFAULT_RESOURCES},
    }
)
