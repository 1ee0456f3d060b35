"""The mathematics of benchmarks, on numpy alone.

Rule: pure functions of arrays and a seed; every one names its definition and its source,
and is tested against scipy or a published example. Nothing here forms an array of
resamples: the resampled order statistic is drawn from its own distribution (a Beta), so
that a million samples cost little more than sorting them.
"""
