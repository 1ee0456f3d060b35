"""Whether to send at all, by model and region."""
