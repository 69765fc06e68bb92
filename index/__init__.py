"""The index: chunks in, ranked hits out."""
