"""What a client writes about its calls: log records, and the metrics embedded in them.

call.py         one record for each logical call
attempt.py      one for each HTTP request
transition.py   one for each change of a breaker
stream.py       one for each stream, however it ended
status.py       how a call or an attempt ended, in the log's words
document.py     how values become fields
session.py      a session as the log knows it
emf.py          CloudWatch's embedded metric format
metrics.py      which metrics each record carries
fields.py       the fields that each record may have
sink.py         where records go: one JSON object a line
"""
