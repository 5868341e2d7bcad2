"""Which packets matter."""
