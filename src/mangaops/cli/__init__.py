"""The command line: what the operator types, and the one place where objects are wired.

    app.py         the command, its lazily loaded subcommands, the process boundary
    boundary.py    any error -> three lines (or one JSON document) and an exit code
    context.py     wiring: environment, library, runbooks; embedded.py, a sandbox as one
    reading.py, readers.py   wiring: the readers of evidence; regions.py, where AWS is
    options.py     options that mean the same everywhere, as groups; window.py reads times
    command.py     a command's help, and how option groups become options; group.py, later.py
    completion.py  what the shell offers after TAB
    terminal.py    the three streams, and what may be done on them; progress.py
    answer.py, case.py   tables and cases on stdout, in the form that --output asks for
    new_file.py    writes a file that must not be there yet
    runs.py        records of past runs; capsules.py, their evidence by what a person types
    without_secrets.py   a case without what was typed or configured as a secret
    recording.py   what stays of a run; replaying.py walks it again, shifting.py over other
                   numbers, testing_from.py makes a test of it
    testing.py     runs tests of runbooks; tests_options.py, tests_sources.py, tests_told.py
    mutating.py    changes runbooks to see whether their tests notice
    ci_systems.py  what CI systems take beside an answer: files, annotations; junit_file.py
    reading_plan.py   tells what a diagnosis would read
    remedies/      what each remedy takes: help, options, words, commands
    bench/         the commands of `mangaops bench`
    changes/       what `plan`, `apply`, `undo` and every remedy do

A file named like a command is that command: diagnose, triage, explain, plan, apply, undo,
history, logs, probe, runbook, capsule, ci, init, iam, doctor, sandbox. What takes more than a few
lines is beside it, free of Typer's decorators: diagnosing, triaging, changes/, asking_logs
with its questions, logs_query, logs_file, logs_told and logs_options, probing with
model_client, probe_outcome, probe_cost, overhearing and chaos, linting, doctoring with
doctoring_targets, and ci_run with ci_steps, ci_lines, ci_remedies.

Rules, with their reasons:

- A command's body is a few lines: read options, call one thing, render, exit code.
- stdout is the answer, stderr the conversation. Without a terminal there is no
  prompt, no colour and no progress.
- A subcommand's module is imported when it is typed, so that `--help`, `--version`
  and completion stay as fast as Typer itself. No module here imports boto3, moto or
  redis, not even indirectly, before a command needs it.

Known cost: the one-line summaries of `app.COMMANDS` are written twice, here and in the
command's help; a test compares them.
"""
