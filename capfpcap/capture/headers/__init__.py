"""Headers of many packets at once: unwrapped, put together, turned into columns."""
