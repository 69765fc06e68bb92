"""How fast it is, beside what the machine allows and beside others: `python -m eval.bench`."""
