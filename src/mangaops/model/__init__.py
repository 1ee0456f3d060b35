"""The data between the stages: frozen values, standard library only, no behaviour
beyond what a value needs to answer questions about itself.

    time.py       windows and durations
    evidence.py   what was read: states, series, tables, records
    query.py      what each kind of evidence is asked for; field_type.py, its columns
    source.py     the kinds of evidence, what each answers and may cost
    condition.py  parsed conditions and templates, with their place in the file
    runbook.py    a decision tree
    telemetry.py  what is asked of CloudWatch and Logs Insights, and what they answer
    diagnosis.py  the answer, check by check
    resources.py  services, parameters, tables as the gateways report them
    settings.py   one environment: region, names of resources, limits
    site.py       which AWS a command looks at or changes, and as whom
    request.py    what may be asked of each remedy
    plan.py       what would be changed, from what to what; change.py, what became of it
    lock.py       a lock on one target
    redaction/    secrets taken out of what is shown or kept
    model_ids.py  what the id of a model says: its base model, whether it is a profile
    asking.py     one question to a foundation model, and what came of it
    prompt_digest.py  what tells one text of a prompt from another
    tokens.py     how many tokens a text has, estimated
    edge.py       the ways out of a runbook's nodes, which a walk takes and tests cover
    listed.py     one thing that AWS lists, to choose from
"""
