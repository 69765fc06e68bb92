"""Numbers, dates and names, read alike in Kazakh, English and Russian."""
