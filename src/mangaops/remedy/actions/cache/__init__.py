"""Pre-computed answers in Redis.

invalidate_cache.py  the remedy
selection.py         which keys a request means
keys.py              the action: removed in batches at a rate, and restored
step.py              whether a step is whole, and of the cache that is reached
saving.py            removed keys as lines of a file
ports.py             what is needed of Redis and of the inventory
"""
