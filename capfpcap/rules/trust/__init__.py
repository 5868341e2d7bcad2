"""Rules about trust lists."""
