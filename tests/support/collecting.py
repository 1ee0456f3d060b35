"""How often a process of the tests looks for what it can free.

One that has loaded moto holds a million objects that live as long as it does. Looking through
them while a scenario writes its events is a fifth of all the time that a scenario takes.
"""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """For a process that has loaded what it needs: what it holds is not looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
