"""A Logs Insights engine over JSON log events, usable without the rest of the sandbox.

    from mangaops.sandbox.insights.grammar import parse_query
    from mangaops.sandbox.insights.execute import run_query
    from mangaops.sandbox.insights.files import read_events

    result = run_query(parse_query(text), read_events(path))

    query.py       what a query is: commands and expressions, frozen
    grammar.py     text -> query (lark, LALR), with AWS's places of errors
    build.py       the parse tree -> query
    check.py       rules beyond syntax: what exists where, what may follow what
    values.py      numbers, texts, instants: comparing, ordering, printing
    functions.py   scalar functions
    aggregates.py  functions of `stats`
    evaluate.py    expressions -> closures over a row
    events.py      an event and the fields that are discovered in it
    execute.py     commands over rows -> result rows and statistics
    files.py       exported log files, one JSON event a line
    patterns.py    filter patterns of FilterLogEvents

Rule: the portable grammar and nothing else. fields, filter (where), parse, stats,
sort, limit, display, dedup run as in AWS; every other command and function is refused
as AWS of April 2026 refused it (`if`, `case`, `percentile`, PPL, SQL), because a query
that runs here and not in production is worse than an error. Known costs, where the
documentation leaves a choice:

- `pct` is exact, with linear interpolation between the two nearest ranks (AWS
  approximates); `stddev` is that of the population; `count_distinct` is exact.
- `stats` over no event at all gives no row, also without `by`.
- A comparison with a field that the event lacks is false, also `!=` and `not like`.
- JSON booleans are 1 and 0, and also equal the texts "true" and "false".
- A JSON null, an empty object and an empty array discover no field.
"""
