"""Work that can wait: an SQS queue in front of the client."""
