"""mangaops.yaml: the environments of an installation and what they are called there.

Only what differs from the defaults of `model.settings` needs to be written. The file
is as strict as a runbook: an unknown key or resource is an error with its place.

    load.py        the file -> model.Settings, or what is wrong with its place
    values.py      values that have a form: regions, accounts, addresses
    guardrails.py  what changes may not do here
    benchmarks.py  how prompt changes are judged, and what their measuring costs
    model_client.py  how models are called: routes by intent, breaker, retries;
                     model_client_sense.py finds what cannot be meant
"""
