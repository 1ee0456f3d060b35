"""Courses of a metric, as a function of how many minutes before the end a minute ended."""

from __future__ import annotations

from collections.abc import Callable

from blackbox.seeding import Sample


def since(minutes: int, bad: Sample, before: Sample) -> Callable[[int], Sample]:
    """`bad` in the newest minutes, `before` in all the older ones."""
    return lambda age: bad if age < minutes else before


def until(minutes: int, then: Sample, now: Sample = None) -> Callable[[int], Sample]:
    """`then` up to so many minutes ago, and `now` since; by default nothing more."""
    return since(minutes, now, then)


def without(*ages: int, value: Sample) -> Callable[[int], Sample]:
    """`value`, but nothing in the minutes of these ages."""
    return lambda age: None if age in ages else value
