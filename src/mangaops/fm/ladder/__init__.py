"""What to do instead of giving up: the steps of one call, down to an apology.

    1  the primary model
    2  its answer mended, or asked for once more; or the same model by another profile or region
    3  a backup model, else a stored answer that was checked
    4  the intent's template, or the text of a refusal
    5  an apology with a link to a human

Rule: what is tried again, and where it counts, is said once:

    retry of an attempt   same route       by class, `max_retries` a call, budget of the client
    re-ask                same model       once a call, when an answer came and is of no use
    shortening            same model       once a call, when the question is too long
    alternate             same model       each once; throttled, not ready, transient, cut, quota
    backup                another model    each once; also for answers that are of no use

All of them share the deadline of the call, and none starts with less left than it takes at
the median. What was blocked never goes to another model; a wrong request goes to none.
Reason: a user who waits wants an answer, and an operator wants to know why it was that one.

    beginning.py what its caller gave: checked, and completed
    call.py      one call from its first moment to its record
    walk.py      down the steps until there is an answer
    steps.py     which steps there are; descent.py, where a failure leads
    take.py      one step: asked, judged, perhaps asked again
    fitting.py   the request as one model takes it
    ask.py       the one loop of retries
    attempt.py   one HTTP request, its permit and its record
    counting.py  what the rate fallback hears of a call, once a model
    judge.py     whether an answer can be given; quality.py, whether a model's answers could
    ending.py    the answer that is given; texts.py, what is said without a model
    status.py    how the log calls it; log.py, the records
    latch.py     targets that are left alone: a quota that is used up, settings that do not work
    asking_hooks.py the application's own code, so that it breaks nothing
    parts.py     what all calls share; so_far.py, what one call did
"""
