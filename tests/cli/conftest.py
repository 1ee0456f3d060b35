from __future__ import annotations

from pathlib import Path

import pytest

from support.command import Command, command_in


@pytest.fixture
def mangaops(tmp_path: Path) -> Command:
    return command_in(tmp_path)
