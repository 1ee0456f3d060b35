"""The mathematics of benchmarks, on numpy alone.

    sample.py         an array of floats from anything, refused when empty or with NaN
    draws.py          random numbers from a seed
    quantile.py       order statistics, and the ranks that are their exact limits
    ratio.py          ratios of quantiles and of means, with one-sided limits
    pair.py           two samples, each sorted once, that serve all of these
    rank_test.py      Mann-Whitney U and Cliff's delta
    multiple.py       Holm's adjustment of several p values
    trend.py          whether values rise or fall over time
    change_points.py  where a series of figures changed: E-divisive means
    student.py        Student's t distribution
    power.py          what n calls a side can find, by simulation
    sequential.py     boundaries for several looks at growing samples

Rule: pure functions of arrays and a seed; every one names its definition and its source,
and is tested against scipy or a published example. Nothing here forms an array of
resamples: the resampled order statistic is drawn from its own distribution (a Beta), so
that a million samples cost little more than sorting them.

Every function refuses an empty sample and a NaN with an InputError. An infinity is a
value: a failed call. An infinity equals an infinity, and is greater than any number.
"""
