"""mangaops: from an alarm to a diagnosis, for the on-call engineers of an LLM chatbot on AWS.

The program is a pipeline with named, frozen data between its stages:

    Runbook -> Evidence -> Diagnosis -> Plan -> Run

`runbook` loads the first, `evidence` collects the second through the gateways in
`aws`, `diagnose` decides the third, `remedy` makes plans and carries them out. `model`
holds the data, `config` says what things are called here, `errors` what can go wrong;
`render` shows, and `cli` wires everything. `fm` is the resilient client of the models, a
library of its own; `bench` measures and compares the latency of prompts, `testing` runs the
tests of runbooks, `readiness` looks before an incident whether all this will work, and
`sandbox` is an embedded AWS to practise and test on.
"""

__version__ = "0.1.0"
