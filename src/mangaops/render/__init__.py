"""What the operator sees: model -> terminal text, JSON, Markdown. No decisions, no I/O.

    case.py           one run as it is shown and recorded: diagnosis, place, window, evidence
    document.py       a case as the JSON of the contract; recorded.py reads it back
    diagnosis.py      a case for a terminal; markdown.py for a ticket
    checks.py, mark.py  its path, check by check, and the word in front of each
    explanation.py    every check of a run, and what would have changed it
    plan.py           a plan for a terminal; fields.py, its fields as lines
    change.py         what became of a plan, for a terminal and as JSON
    ticket.py         plans and changes in Markdown
    journal.py        the journal of a change; runs.py, the list of past runs
    reading_plan.py   what a diagnosis would read; sensitivity.py, how far its numbers hold
    capsule.py        what a recorded incident holds; capsule_diff.py, how two of them differ
    tests_text.py     tests of runbooks for a terminal; tests_document.py, JSON and Markdown;
                      mutants.py, the changes that they do not notice
    junit.py, annotations.py   the same for CI systems and for GitHub
    ci.py, ci_junit.py   what a change of runbooks must pass; ci_report.py, what is told of it
    doctor.py         what will work in an incident, and what will not
    triage.py, runbook.py, logs.py, finding.py, error.py   the other answers
    logs_file.py      what exported logs answer, and tables that fit a terminal
    place.py          the account, region and caller that an answer is about
    figures.py        numbers with units, times with ages
    grid.py           rows as an aligned table, Markdown or JSON
    json_text.py      a document as text
    bench_run.py  a run of the benchmark: what will be sent, and what was measured
    bench_comparison.py  a comparison of prompts for a terminal; bench_document.py, as JSON;
                      bench_markdown.py, for a pull request; bench_plot.py, as PNG or SVG;
                      bench_gate.py, what may pass; bench_words.py, the words;
                      ecdf.py, its curves in characters
    bench_history.py  stored runs as a series; bench_noise.py, what the noise alone does
    bench_safeguard.py  what was done about a prompt that failed; bench_watch.py, a whole watch;
                      bench_rollout.py, a stage's next step
    probed.py         a probe of a model: its calls as they are shown; probe.py, for a
                      terminal and in Markdown; probe_document.py, as JSON
    painted.py        coloured and aligned lines without rich
    screen.py         renderables -> text of a given width, with or without colour
    escaping.py       text that Markdown must show as it is

Everything here is a function of its arguments: the width, the colour and the present
time are passed in, so that a golden file can hold the result. JSON is made without rich.
"""
