"""Text to terms for the lexical leg, per language. Knows nothing of ranking."""
