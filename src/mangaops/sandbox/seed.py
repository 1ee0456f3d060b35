"""MangaAssist's resources in their normal state, before anything has gone wrong.

What moto holds is made here, through moto in this process; what the overlay holds is
made by `seed(world)` of its own module.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.awslambda.utils import get_backend as lambda_backend
from moto.backends import get_backend

from mangaops.sandbox import passthrough, past_parameters, services
from mangaops.sandbox.cached_answers import seed_cache
from mangaops.sandbox.overlay import Call
from mangaops.sandbox.prompt_texts import template
from mangaops.sandbox.world import World

PARAMETERS: Mapping[str, str] = {
    "/mangaassist/router/complexity_threshold_for_sonnet": "0.3",
    "/mangaassist/router/adaptive_routing": "off",
    "/mangaassist/classifier/version": "2026-11-01",
    "/mangaassist/models/sonnet": "jp.anthropic.claude-sonnet-4-6",
    "/mangaassist/models/haiku": "jp.anthropic.claude-haiku-4-5-20251001-v1:0",
    "/mangaassist/features/flash_sale_mode": "off",
    "/mangaassist/cache/recommendation_ttl_s": "86400",
    "/mangaassist/search/ef_search": "256",
    "/mangaassist/prompts/candidate_share": "0",
}
LOG_GROUPS = (
    "/mangaassist/orchestrator",
    "/mangaassist/websocket",
    "/aws/route53/resolver/mangaassist",
    "/aws/lambda/inventory-invalidator",
)
PROMPT_TABLE = "manga-prompt-templates"
INVENTORY_TABLE = "manga-inventory"
LOCK_TABLE = "mangaops-locks"
"""Where two operators are kept apart: `lock_table` of the environment `sandbox`."""
INVALIDATOR = "inventory-invalidator"

_EMPTY_ZIP = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="
"""An archive without files: the invalidator's code is never run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One version of an intent's prompt; `activated` is how long ago it went live."""

    version: str
    active: bool
    tokens: int
    max_output: int
    activated: timedelta
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    id: str
    title: str
    quantity: int


_PROMPT_SIZES: Mapping[str, tuple[int, int]] = {
    "greeting": (180, 120),
    "faq": (420, 300),
    "order_tracking": (510, 300),
    "recommendation": (180, 350),
    "comparison": (1620, 900),
}
"""Intent -> tokens of the active prompt, and its limit of output tokens."""

PRODUCTS = (
    Product(id="manga-0101", title="Blade of the North Wind 1", quantity=42),
    Product(id="manga-0102", title="Blade of the North Wind 2", quantity=17),
    Product(id="manga-0103", title="Iron Petals 7", quantity=63),
    Product(id="manga-0201", title="Tea Shop at the End of the Line 1", quantity=25),
    Product(id="manga-0202", title="Letters to Mio 3", quantity=31),
    Product(id="manga-0203", title="Second-Year Spring 12", quantity=8),
    Product(id="manga-0301", title="The Lighthouse Cipher 4", quantity=19),
    Product(id="manga-0302", title="Midnight Ledger 2", quantity=54),
    Product(id="manga-0303", title="Room 404 1", quantity=12),
    Product(id="manga-0401", title="Starfall Mechanics 9", quantity=37),
    Product(id="manga-0402", title="Orbit of Paper Cranes 1", quantity=22),
    Product(id="manga-0403", title="Low Gravity Diner 5", quantity=71),
)


def prompts(intent: str) -> tuple[Prompt, Prompt]:
    """The version before and the active one of an intent."""
    tokens, output = _PROMPT_SIZES[intent]
    shorter = tokens - tokens // 25
    before = Prompt(
        version="v1.9",
        active=False,
        tokens=shorter,
        max_output=output,
        activated=timedelta(days=61),
        template=template(intent, shorter),
    )
    now = Prompt(
        version="v2.0",
        active=True,
        tokens=tokens,
        max_output=output,
        activated=timedelta(days=19),
        template=template(intent, tokens, closing="Be brief and name titles exactly."),
    )
    return before, now


def seed(world: World) -> None:
    """Make every resource that a healthy installation has."""
    for service, operation, params in _calls(world):
        passthrough.ask(_call(world, service, operation, params))
    past_parameters.date_all(world)
    _seed_invalidator(world)
    for seed_service in services.SEEDS:
        seed_service(world)
    seed_cache(world, PRODUCTS)


def _call(world: World, service: str, operation: str, params: Mapping[str, Any]) -> Call:
    return Call(
        service=service,
        operation=operation,
        params=params,
        region=world.region,
        account=world.account,
        caller=world.caller,
    )


def _calls(world: World) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, value in PARAMETERS.items():
        yield "ssm", "PutParameter", {"Name": name, "Value": value, "Type": "String"}
    for group in LOG_GROUPS:
        yield "logs", "CreateLogGroup", {"logGroupName": group}
    yield "dynamodb", "CreateTable", _table(PROMPT_TABLE, ("intent", "version"))
    yield "dynamodb", "CreateTable", _table(LOCK_TABLE, ("lock",))
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    inventory = _table(INVENTORY_TABLE, ("product_id",))
    yield "dynamodb", "CreateTable", {**inventory, "StreamSpecification": stream}
    for intent in _PROMPT_SIZES:
        for prompt in prompts(intent):
            item = _prompt_item(world, intent, prompt)
            yield "dynamodb", "PutItem", {"TableName": PROMPT_TABLE, "Item": item}
    for age, product in enumerate(PRODUCTS, start=1):
        item = _inventory_item(world, product, timedelta(minutes=11 * age))
        yield "dynamodb", "PutItem", {"TableName": INVENTORY_TABLE, "Item": item}


def _table(name: str, keys: tuple[str, ...]) -> dict[str, Any]:
    kinds = ("HASH", "RANGE")
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": k, "AttributeType": "S"} for k in keys],
        "KeySchema": [
            {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, kinds, strict=False)
        ],
    }


def _prompt_item(world: World, intent: str, prompt: Prompt) -> dict[str, Any]:
    return {
        "intent": {"S": intent},
        "version": {"S": prompt.version},
        "active": {"BOOL": prompt.active},
        "template": {"S": prompt.template},
        "prompt_tokens": {"N": str(prompt.tokens)},
        "max_output_tokens": {"N": str(prompt.max_output)},
        "activated_at": {"S": _ago(world, prompt.activated)},
    }


def _inventory_item(world: World, product: Product, age: timedelta) -> dict[str, Any]:
    return {
        "product_id": {"S": product.id},
        "quantity": {"N": str(product.quantity)},
        "updated_at": {"S": _ago(world, age)},
    }


def _ago(world: World, age: timedelta) -> str:
    return (world.now() - age).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seed_invalidator(world: World) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam = get_backend("iam")[world.account]["aws"]
    role = iam.create_role(INVALIDATOR, document, "/", None, "", [], "3600")
    lambda_backend(world.account, world.region).create_function(
        {
            "FunctionName": INVALIDATOR,
            "Runtime": "python3.13",
            "Role": role.arn,
            "Handler": "app.handler",
            "Code": {"ZipFile": _EMPTY_ZIP},
            "Timeout": 30,
            "MemorySize": 256,
        }
    )
    described = passthrough.ask(
        _call(world, "dynamodb", "DescribeTable", {"TableName": INVENTORY_TABLE})
    )
    create = services.SERVICES["lambda"]["CreateEventSourceMapping"]
    mapping = {
        "FunctionName": INVALIDATOR,
        "EventSourceArn": described["Table"]["LatestStreamArn"],
        "StartingPosition": "LATEST",
    }
    create(world, _call(world, "lambda", "CreateEventSourceMapping", mapping))
