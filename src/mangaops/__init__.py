"""mangaops: from an alarm to a diagnosis, for the on-call engineers of an LLM chatbot on AWS.

The program is a pipeline with named, frozen data between its stages:

    Runbook -> Evidence -> Diagnosis        (and, to come: -> Plan -> Run)

`runbook` loads the first, `evidence` collects the second through the gateways in
`aws`, `diagnose` decides the third; `model` holds the data, `render` shows it and
`cli` wires everything. `sandbox` is an embedded AWS to practise and test on.
"""

__version__ = "0.1.0"
