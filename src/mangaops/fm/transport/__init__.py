"""The calls themselves. Everything above sees only these shapes.

Rule: sent once. botocore's own retries are off, whatever the environment says, because the
client has the one retry loop. A stream ends by its stop event and in no other way.

    raw.py    what a call gives before anybody judged it
"""
