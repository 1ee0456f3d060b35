"""What a process loads before it is forked for commands.

Everything of mangaops but the embedded AWS, what its first use brings along, and the
descriptions of the services: a fork that reads these itself spends half its time on it.
"""

from __future__ import annotations

import contextlib
import io
import os
import pkgutil
from importlib import import_module
from typing import Any, ClassVar

import mangaops
from support.collecting import collect_seldom

_ALSO = (
    "mangaops.sandbox.control",
    "mangaops.sandbox.scenario",
    "encodings.idna",
    "platformdirs",
    "redis.cluster",
    "rich._unicode_data.unicode17-0-0",
    "rich.tree",
)
_SERVICES = (
    "application-autoscaling",
    "cloudtrail",
    "cloudwatch",
    "dynamodb",
    "ecs",
    "iam",
    "lambda",
    "logs",
    "opensearchserverless",
    "service-quotas",
    "ssm",
    "sts",
)


def warm_up() -> None:
    for module in pkgutil.walk_packages(mangaops.__path__, "mangaops."):
        name = module.name
        if not name.startswith("mangaops.sandbox.") and not name.endswith("__main__"):
            import_module(name)
    for name in _ALSO:
        import_module(name)
    _use()
    _describe()
    collect_seldom()


def _use() -> None:
    """A command that parses, reads a runbook and prints, and calls nobody."""
    from mangaops.cli.app import app  # noqa: PLC0415 - after all others

    nowhere = io.StringIO()
    with (
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        contextlib.suppress(SystemExit),
    ):
        app(["diagnose", "first-token", "--dry-run", "--region", "us-east-1"])


def _describe() -> None:
    """Descriptions are read once from here on; every client is still made from them."""
    from botocore.loaders import JSONFileLoader, Loader  # noqa: PLC0415 - as above
    from botocore.session import Session  # noqa: PLC0415 - as above

    class Remembering(JSONFileLoader):
        read: ClassVar[dict[str, Any]] = {}

        def load_file(self, file_path: str) -> Any:
            if file_path not in self.read:
                self.read[file_path] = super().load_file(file_path)
            return self.read[file_path]

    Loader.FILE_LOADER_CLASS = Remembering
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    session = Session()
    session.set_credentials("AKIAEXAMPLE", "example")
    for service in _SERVICES:
        session.create_client(service, region_name="us-east-1").close()
