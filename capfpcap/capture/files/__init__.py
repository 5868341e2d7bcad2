"""Capture files of every format, compressed or not, as windows full of records."""
