"""The web page and its API: the same answers as on the command line, for people and programs."""
