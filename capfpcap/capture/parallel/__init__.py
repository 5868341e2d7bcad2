"""A large file read by two processes."""
