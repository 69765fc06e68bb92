"""What makes the models that ship, from data to weights."""
