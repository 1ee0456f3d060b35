"""The faults by name; they are kept where the sandbox's extra is not needed to read them."""

from __future__ import annotations

from mangaops.sandbox.model_chaos import CHAOS, WALL, Chaos, Reach

__all__ = ["CHAOS", "WALL", "Chaos", "Reach"]
