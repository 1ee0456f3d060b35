"""What the recommended remedies write to, and where to look whether it is there."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import assert_never

from mangaops.aws.ecs import EcsGateway
from mangaops.aws.lambda_ import LambdaGateway
from mangaops.aws.opensearch import SearchGateway
from mangaops.aws.session import Aws
from mangaops.aws.ssm import SsmGateway
from mangaops.aws.table_key import key_of
from mangaops.model.condition import Slot, Template
from mangaops.model.request import REMEDIES
from mangaops.model.runbook import RemedyKind, Runbook
from mangaops.model.settings import Environment
from mangaops.readiness.doctor.targets import Target, TargetKind, targets_of


class Looker:
    """Satisfies `readiness.doctor.targets.Looking`: one read for each target."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def look(self, target: Target) -> None:
        match target.kind:
            case TargetKind.SERVICE:
                EcsGateway(self._aws).service(*target.name.split("/", 1))
            case TargetKind.PARAMETER:
                SsmGateway(self._aws).parameter(target.name)
            case TargetKind.TABLE:
                key_of(self._aws, target.name)
            case TargetKind.FUNCTION:
                LambdaGateway(self._aws).must_exist(target.name)
            case TargetKind.COLLECTION:
                SearchGateway(self._aws).collection(target.name)
            case _:
                assert_never(target.kind)


def recommended(runbooks: Sequence[Runbook], at: Environment) -> Mapping[str, tuple[Target, ...]]:
    """The remedies that bound runbooks recommend, in the order of their names."""
    commands = [
        (runbook, remedy.command)
        for runbook in runbooks
        for outcome in runbook.outcomes.values()
        for remedy in outcome.remedies
        if remedy.kind is RemedyKind.EXECUTABLE and remedy.command is not None
    ]
    names = {command.source.split()[0] for _, command in commands}
    parameters = list(_parameters(commands))
    return {name: targets_of(name, parameters, at) for name in sorted(names.intersection(REMEDIES))}


def _parameters(commands: Iterable[tuple[Runbook, Template]]) -> Iterator[str]:
    """What `set-parameter` is to set: a name, or a parameter of the runbook that has it."""
    for runbook, command in commands:
        remedy, name, *_ = (*command.source.split(), "")
        if remedy != "set-parameter":
            continue
        slots = [part for part in command.parts if isinstance(part, Slot)]
        if not name.startswith("{"):
            yield name
        elif slots and isinstance(tree := slots[0].condition.tree, ast.Name):
            known = runbook.parameters.get(tree.id)
            if known is not None and isinstance(known.value, str):
                yield known.value
