"""One module per remedy: what it reads, what it proposes, and how its steps are carried out."""
