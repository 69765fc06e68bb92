"""Questions as they were meant: other alphabets, missing letters, slips of the finger."""
