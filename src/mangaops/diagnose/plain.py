"""Scalars as plain text, without units or separators: for lists, keys and commands."""

from __future__ import annotations


def plain_text(value: object) -> str:
    """`none` for an absent value, `yes` and `no`, whole numbers without a point."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case float():
            return f"{value:.4g}" if abs(value) < 1000 else f"{value:.1f}"
        case _:
            return str(value)
