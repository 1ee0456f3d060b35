"""Latency benchmarks of prompts: measured samples, statistics that hold, a gate.

    sample.py      what one call was like, and the header of the run that it belongs to
    run_file.py    a run as JSON lines: the format, strict reading (run_header.py, run_lines.py)
    writer.py      writing one: append only, for one writer, resumed after an interruption
    store.py       a directory or an S3 prefix of runs
    comparison.py  what a comparison says: figures with limits, verdict, cause, reasons
    workload.py    what is sent, by intent; workload_format.py has the file's keys
    prompts.py     which prompt each arm sends, of the workload or the prompt table
    schedule.py    which call comes when; limiter.py spaces them
    cost.py        what a run may cost, and has cost
    runner.py      carries a schedule out
    safeguard.py   whether a slower prompt is taken back without a person
    statistics/    the mathematics, on numpy and nothing else

A developer compares two samples of latencies without any file:

    from mangaops import bench
    bench.compare(before_ms, after_ms).verdict

Rules, with their reasons:

- Raw samples are kept, summaries are derived. A failed call is an infinite latency: a
  version that fails fast is not a fast version.
- numpy is imported in `statistics` and `columns`, inside the functions that need it.
  scipy is an oracle of the tests and never imported here: it takes 0.6 s.
- No verdict from what cannot carry one: too few samples, different conditions or one
  side only are INCONCLUSIVE, with the reason.
- The same samples and seed give the same bytes.
"""
