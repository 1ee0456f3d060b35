"""A Logs Insights engine over JSON log events, usable without the rest of the sandbox.

    from mangaops.sandbox.insights.exported import run_files
    from mangaops.sandbox.insights.files import exported
    from mangaops.sandbox.insights.grammar import parse_query

    answer = run_files(parse_query(text), [exported(path)])

    query.py       what a query is: commands and expressions, frozen
    grammar.py     text -> query (lark, LALR), with AWS's places of errors
    tables.py      the parser's tables, made beforehand
    prepared.py    saved queries, parsed beforehand
    build.py       the parse tree -> query
    check.py       rules beyond syntax: what exists where, what may follow what
    values.py      numbers, texts, instants: comparing, ordering, printing
    functions.py   scalar functions
    aggregates.py  functions of `stats`
    evaluate.py    expressions -> closures over a row
    events.py      an event and the fields that are discovered in it
    execute.py     commands over rows -> result rows and statistics
    patterns.py    filter patterns of FilterLogEvents

Exported files, without any AWS:

    files.py       what a file is: records, events, lines with a time, a document
    own_time.py    when a record happened, by its own fields
    records.py     the fields of an exported record that a query asks for
    lines.py       the events of files, one after the other
    names.py       which fields a query names, which texts its filters need
    tallies.py     functions of `stats` over events as they come
    stream.py      a query over events as they come
    duck.py        DuckDB as a reader of records
    sql_values.py  values in SQL
    sql_patterns.py  `like` in SQL
    sql_expressions.py  expressions in SQL
    sql_stats.py   functions of `stats` in SQL
    sql_query.py   a query up to its first `stats` as one statement
    sql_top.py     which rows can be among the first ones of a sorted query
    ordering.py    the order of groups that come out of SQL
    damage.py      lines that are no records
    leniency.py    what DuckDB takes for JSON and is none
    exported.py    a query over files, by the quickest way that is sure

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
- Of two members of the same name the last counts.
- A message that is no strict JSON (a NaN, a comma too many, deeper than Python's parser
  goes) has no fields but `@message`.
"""
