"""Is it any good? Sets, metrics, results. Nothing imports this folder."""
