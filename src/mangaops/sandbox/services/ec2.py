"""EC2: the NAT gateway that MangaAssist's metrics name; moto would draw another id.

Known cost: it is described, and cannot be made, changed or deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.world import World

ID = DEFAULT_RESOURCES["nat_gateway"]


def describe_nat_gateways(world: World, call: Call) -> Mapping[str, Any]:
    """Filters are not looked at but for `state`: nothing that reads it sends others."""
    wanted = call.params.get("NatGatewayIds")
    here = [ID] if world.is_home(call.region) else []
    absent = [each for each in wanted or [] if each not in here]
    if absent:
        message = f"The Nat Gateway {absent[0]} was not found"
        raise Fault("NatGatewayNotFound", message)
    filters = {each["Name"]: each["Values"] for each in call.params.get("Filters", [])}
    shown = here if "available" in filters.get("state", ["available"]) else []
    return {"NatGateways": [_described(each) for each in shown]}


def _described(name: str) -> dict[str, Any]:
    return {
        "NatGatewayId": name,
        "State": "available",
        "ConnectivityType": "public",
        "VpcId": "vpc-0a1b2c3d4e5f60718",
        "SubnetId": "subnet-0a1b2c3d4e5f60718",
        "Tags": [{"Key": "Name", "Value": "mangaassist"}],
    }


OPERATIONS: Mapping[str, Handler] = {"DescribeNatGateways": describe_nat_gateways}
