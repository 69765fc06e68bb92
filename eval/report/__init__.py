"""What people read of a run: its page, plots, and passages in context."""
