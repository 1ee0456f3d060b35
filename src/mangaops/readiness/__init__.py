"""Before the incident: will mangaops work here, and what does it need to?

    discovery/   `init`: what AWS has -> a proposed configuration
    doctor/      `doctor`: what can be read and changed -> which diagnoses are possible
    policies/    `iam`: what runbooks and remedies declare -> least-privilege documents

Deciding is pure; what is asked of AWS goes through Protocols that gateways of `aws`
satisfy by shape.
"""
