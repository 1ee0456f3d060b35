"""What is written about a call: one record a call, one an attempt, and metrics in them."""
