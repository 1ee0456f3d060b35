"""Amazon OpenSearch Serverless: collections, collection groups, account limits; all ours.

Rule: capacity has a minimum only on a group and a maximum on groups and the account;
an update of a group resets the limits that it leaves out. The indexes live here as
well; `sandbox.dataplane` serves them over a port of its own.
Known cost: all collections of a world share that port, and therefore index names;
security policies are not served, and encryption policies are not required.

For scenarios (`search = world.state(SearchState)`):

    search.use_ocu("mangaassist-search", search=16, now=world.now())
    search.indexes["manga-products"].settings[EF_SEARCH] = "1024"
    search.search_latency_ms = 2500
    search.ungroup("manga-products")         an installation without a group
    search.max_search_ocu = 4                the account's maximum
    search.scaling = timedelta(seconds=3)    how long a group takes to scale
    search.collection("manga-products").failure = ("CODE", "message")
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.overlay import Handler
from mangaops.sandbox.services.opensearchserverless import collections, groups
from mangaops.sandbox.services.opensearchserverless.state import (
    DEFAULT_EF_SEARCH,
    DIMENSION,
    EF_SEARCH,
    Capacity,
    Collection,
    Generation,
    Group,
    Index,
    Limits,
    SearchState,
)
from mangaops.sandbox.world import World

__all__ = ["EF_SEARCH", "OPERATIONS", "SearchState", "seed"]

OPERATIONS: Mapping[str, Handler] = {**collections.OPERATIONS, **groups.OPERATIONS}

AGE = timedelta(days=120)
GROUP_ID = "mgr0up5earchxq7t2a1b"
COLLECTION_ID = "mpr0ductsk3v9w8z5c6d"


def seed(world: World) -> None:
    """One vector collection in one group, and its index with the default ef_search."""
    state = world.state(SearchState)
    since = world.now() - AGE
    state.groups[GROUP_ID] = Group(
        id=GROUP_ID,
        name=DEFAULT_RESOURCES["collection_group"],
        limits=Limits(min_indexing=2.0, max_indexing=16.0, min_search=2.0, max_search=16.0),
        generation=Generation.CLASSIC,
        standby="ENABLED",
        created_at=since,
        modified_at=since,
        search=Capacity(current=2.0, wanted=2.0, changed_at=since),
        indexing=Capacity(current=2.0, wanted=2.0, changed_at=since),
        description="Search of MangaAssist",
    )
    state.collections[COLLECTION_ID] = Collection(
        id=COLLECTION_ID,
        name=DEFAULT_RESOURCES["collection"],
        type="VECTORSEARCH",
        created_at=since,
        modified_at=since,
        group=DEFAULT_RESOURCES["collection_group"],
        description="Products by embedding",
    )
    name = DEFAULT_RESOURCES["index"]
    vector = {"type": "knn_vector", "dimension": DIMENSION}
    properties = {"title": {"type": "text"}, "product_id": {"type": "keyword"}}
    state.indexes[name] = Index(
        name=name,
        collection=COLLECTION_ID,
        settings={
            "index.knn": "true",
            EF_SEARCH: DEFAULT_EF_SEARCH,
            "index.number_of_shards": "2",
            "index.number_of_replicas": "0",
        },
        mappings={"properties": {"embedding": vector, **properties}},
        created_at=since,
    )
