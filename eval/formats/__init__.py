"""Formats that evaluation sets come in, one file each: rows in, examples and problems out."""
