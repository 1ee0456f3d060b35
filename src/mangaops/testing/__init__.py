"""Tests of runbooks: files beside them, run on the production engine without a network.

    case.py      what a test file holds, and what came of a test
    format.py    the file format: the one place where its keys, types and defaults are listed
    schema.py    the same as JSON Schema; example.py, a whole file
    notation.py  series in a compact form: repeats, ramps, gaps
    load.py      a test file -> cases, or every finding at once; evidence_file.py and
                 expectations.py are parts of it
    given.py     a test's evidence -> what the readers of production make of it
    telemetry.py CloudWatch as a test gives it, in memory
    run.py       a prepared case on a runbook -> its diagnosis, and how that differs
    coverage.py  which edges of a runbook its tests take, and which not
    report.py    what came of all test files of one command
    mutants/     small changes of a runbook that its tests must notice
    write.py     recorded evidence -> a test file; write_evidence.py and write_words.py
                 are parts of it

Rules, with their reasons:

- Nothing of the engine is built again for tests: metrics go through the production reader
  with a telemetry that answers from the file, conditions and walk are the same functions.
- The clock is a value of the file. No test depends on when or where it runs.
- What a test does not give is not there (`no_data`), so that nothing is healthy by default.
- A file that matches no runbook, or in which no test ran, is an error and never a success.
"""
