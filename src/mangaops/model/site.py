"""Which AWS a command looked at or changes, and as whom."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

DEFAULT_NAME = "default"
"""The environment where there is no configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Empty text where it could not be learned; a plan is never made without an account."""

    name: str
    region: str = ""
    account: str = ""
    caller: str = ""
    protected: bool = False

    @property
    def option(self) -> str:
        """` --env prod`: what a command to type must repeat; empty where none is needed."""
        return "" if self.name in {"", DEFAULT_NAME} else f" --env {shlex.quote(self.name)}"
