"""Documents in, chunks out. Knows nothing of vectors."""
