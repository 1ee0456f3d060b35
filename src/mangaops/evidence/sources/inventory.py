"""`inventory`: stock of the products that other evidence names, a row for each. A product
that the table does not hold has no quantity: its stock is unknown, not zero and not plenty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from mangaops.evidence.source import Asked, Stopped, found, missing, query_of
from mangaops.evidence.sources.attempt import attempted, epoch, newest
from mangaops.model.evidence import JSON, Evidence, EvidenceSet, EvidenceState, Row, Table
from mangaops.model.query import InventoryQuery
from mangaops.model.resources import Stock
from mangaops.model.runbook import EvidenceDeclaration

_COLUMNS = ("product_id", "quantity", "updated_at")


class Inventory(Protocol):
    def prepare(self) -> None: ...
    def stock(
        self, table: str, product_ids: Iterable[str], *, wait: Callable[[float], object]
    ) -> tuple[Stock, ...]: ...


class InventoryReader:
    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def prepare(self) -> None:
        self._inventory.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        query = query_of(declaration, InventoryQuery)
        call: dict[str, JSON] = {
            "call": "dynamodb:BatchGetItem",
            "table": query.table,
            "products_from": f"{query.products_from}.{query.column}",
        }
        products = products_in(asked.evidence, query)
        if products is None:
            return _nothing_to_ask(declaration, query, call, asked.evidence)

        def wait(seconds: float) -> None:
            if asked.stop.wait(seconds):
                raise Stopped

        def read() -> Evidence:
            stock = self._inventory.stock(query.table, products, wait=wait)
            return _evidence(declaration, {**call, "keys": len(products)}, products, stock)

        return attempted(declaration, call, read)


def products_in(evidence: EvidenceSet, query: InventoryQuery) -> tuple[str, ...] | None:
    """The products to look up, each once; None when the evidence that names them is missing."""
    source = evidence.get(query.products_from)
    if source is None or not isinstance(source.value, Table):
        return None
    named = (row.get(query.column) for row in source.value.rows)
    return tuple(dict.fromkeys(name for name in named if isinstance(name, str) and name))


def _evidence(
    declaration: EvidenceDeclaration,
    call: dict[str, JSON],
    products: tuple[str, ...],
    stock: tuple[Stock, ...],
) -> Evidence:
    held = {item.product_id: _row(item) for item in stock}
    rows = tuple(held.get(product) or _unknown(product) for product in products)
    return found(
        declaration,
        Table(columns=_COLUMNS, rows=rows),
        query=call,
        summary={
            "rows": len(rows),
            "products_not_in_inventory": len(products) - len(held),
            "sold_out": sum(
                1 for item in stock if item.quantity is not None and item.quantity <= 0
            ),
        },
        newest=newest(item.updated_at for item in stock),
    )


def _nothing_to_ask(
    declaration: EvidenceDeclaration,
    query: InventoryQuery,
    call: dict[str, JSON],
    evidence: EvidenceSet,
) -> Evidence:
    source = evidence.get(query.products_from)
    told = source.state.value if source else "not read"
    empty = source is not None and source.state is EvidenceState.NO_DATA
    state = EvidenceState.NO_DATA if empty else EvidenceState.FAILED
    detail = f"which products to look up is unknown: {query.products_from} is {told}"
    return missing(declaration, state, detail, query=call)


def _row(stock: Stock) -> Row:
    return {
        "product_id": stock.product_id,
        "quantity": stock.quantity,
        "updated_at": epoch(stock.updated_at),
    }


def _unknown(product: str) -> Row:
    return {"product_id": product, "quantity": None, "updated_at": None}
