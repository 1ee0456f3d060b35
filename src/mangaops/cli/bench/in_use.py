"""What is in use here, now: the place and the texts that a run is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mangaops.bench.guarding.origin import Here, Table

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.model.settings import Environment


def here(aws: Aws, environment: Environment) -> Here:
    """The place whose prompts and traffic would be changed."""
    return Here(environment=environment.name, region=aws.region)


def table_of(aws: Aws, environment: Environment, intent: str) -> Table:
    """The texts that customers get, as they are now. Raises AwsError."""
    from mangaops.aws.dynamodb import DynamoGateway  # noqa: PLC0415 - where it is read

    name = environment.resources["prompt_table"]
    return Table(name=name, texts=DynamoGateway(aws).templates_of(name, intent))
