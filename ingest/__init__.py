"""Documents: read from files, cut into sentences and chunks."""
