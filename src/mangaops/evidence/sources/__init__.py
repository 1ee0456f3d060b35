"""One module per kind of evidence: the query of a declaration into calls, the answer into
a value of `model.evidence`. Each satisfies `evidence.source.Reader` (metrics, which are
read all at once, `BatchReader`).
"""
