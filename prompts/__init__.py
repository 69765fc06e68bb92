"""The words of Dalel: one Jinja file for each prompt and language."""
