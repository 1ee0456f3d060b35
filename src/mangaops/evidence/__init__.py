"""Reading evidence: once, in parallel, within one deadline and one scan budget.

    source.py    what a reader of one kind is asked, and what it answers
    budget.py    how many bytes of logs may still be scanned, and what it all costs
    collect.py   the rounds: metrics first, then what the walk asks for
    gather.py    the threads of one collection and the queue of what arrives
    hiding.py    what one evidence hides is hidden in all others
    progress.py  what is told meanwhile
    readers.py   which reader reads which kind
    reading_plan.py  what would be read, without reading; reading_calls.py, by which calls
    stopping.py  how a reader is told to give up
    parallel.py  several calls of one reader at once
    sources/     one module per kind
    capsule/     a recorded run in one file: written without secrets, walked again, compared

What must not reach a screen, a file or a ticket is taken out by `model.redaction`.

Rules, with their reasons:

- A kind is read by one `source.Reader`. It knows its AWS calls through a Protocol of
  its own that a gateway of `aws` satisfies by shape, so it is tested with a fake.
- A reader that fails is evidence in state `denied`, `failed` or `timeout`; the rest
  goes on. Nothing found (`no_data`) is not health, and old data (`stale`) is not news.
  What was cut off at a limit is `partial`: a verdict that rests on it is not confirmed.
- Metrics are one batch, because a hundred metrics in one call cost what one costs.
- The walk says what it needs. What it no longer needs is stopped and reported so.

Known cost: a thread per reader that is at work, and one batch of metrics of which a
short walk uses only a part.
"""
