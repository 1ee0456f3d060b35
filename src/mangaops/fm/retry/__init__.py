"""Whether to send again: hints, budget, jitter, deadline."""
