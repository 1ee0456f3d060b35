"""The calls themselves. Everything above sees only these shapes.

Rule: sent once. botocore's own retries are off, whatever the environment says, because the
client has the one retry loop. A stream ends by its stop event and in no other way.

    raw.py          what a call gives before anybody judged it
    bedrock.py      the five operations of Bedrock Runtime
    clients.py      boto3's clients, one for each region
    bodies.py       a request in the words of Converse and of InvokeModel
    events.py       the events of a stream, up to a whole answer
    pieces.py       text, tools and reasoning, block by block
    stream.py       a stream: to its proper end, broken, or closed
    credentials.py  those that expired before their time
    clocks.py       the clocks of one attempt
    hanging_up.py   ending an attempt from another thread
    connections.py  botocore's connections, held to these clocks
"""
