"""The embedded AWS: an HTTP endpoint that any SDK or CLI can use, and a Redis server."""
