"""What `from mangaops import fm` costs: nothing that a call needs is loaded before a call."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from mangaops import fm
own = [name for name in sys.modules if name.startswith("mangaops.")]
fm.Client()
heavy = {"boto3", "botocore", "pydantic", "yaml", "rich", "duckdb", "redis", "numpy"}
print(own, sorted(heavy & sys.modules.keys()))
"""


def test_importing_fm_loads_nothing_and_making_a_client_no_boto3() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("['mangaops.fm'] []\n", "")
