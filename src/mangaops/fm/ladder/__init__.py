"""What to do when the first way fails: five modes, down to an apology."""
