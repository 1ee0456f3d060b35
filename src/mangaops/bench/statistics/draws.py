"""Random numbers from a seed: the same seed gives the same ones, on every run."""

from __future__ import annotations

import numpy as np

from mangaops.errors import InputError


def seeded(seed: int, *path: int) -> np.random.Generator:
    """A generator (PCG64) of its own for each `path` below a seed. InputError: below 0."""
    if seed < 0:
        raise InputError(f"the seed {seed} is negative", hint="use 0 or a greater number")
    return np.random.Generator(np.random.PCG64([seed, *path]))
