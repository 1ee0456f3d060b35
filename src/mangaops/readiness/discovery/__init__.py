"""`init`: what AWS has -> a proposed configuration.

    wanted.py     what each resource of the configuration is looked for in, and known by
    matching.py   candidates of one resource, best first, each with its reason
    search.py     asks what is needed, in the order in which one choice leads to the next
    calls.py      the IAM actions of those questions
    proposal.py   the choices -> a commented mangaops.yaml

Only `search` talks to AWS, through a Protocol; the rest is pure.
"""
