"""Question in, cited answer out: the extractive answer, the command line, the page."""
