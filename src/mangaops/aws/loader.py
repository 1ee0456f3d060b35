"""botocore's loader of service descriptions, without its search through all of them.

The original opens the folders of 440 services, twice, to learn which services have a
description: 10 of the 40 ms that a first client takes. Whether a folder holds what is
asked for comes out when it is read.

This module imports botocore: import it inside a function.
"""

from __future__ import annotations

import os
from pathlib import Path

from botocore.loaders import Loader


class QuickLoader(Loader):
    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - botocore's
        """Every service that has a folder, whatever is in it."""
        folders = (Path(path) for path in self.search_paths)
        return sorted(
            {each.name for folder in folders if folder.is_dir() for each in folder.iterdir()}
        )


def quick_loader(data_path: str | None) -> QuickLoader:
    """`data_path` is botocore's setting: more folders, separated as in PATH."""
    paths = (data_path or "").split(os.pathsep)
    return QuickLoader(extra_search_paths=[str(Path(p).expanduser()) for p in paths if p])
