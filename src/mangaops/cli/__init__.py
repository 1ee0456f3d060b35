"""The command line: what the operator types, and the one place where objects are wired.

    app.py         the command, its lazily loaded subcommands, the process boundary
    boundary.py    any error -> three lines (or one JSON document) and an exit code
    context.py     wiring: environment, library, collector, run records
    options.py     options that mean the same everywhere, as groups
    command.py     a command's help, and how option groups become options
    terminal.py    the three streams, and what may be done on them

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
