"""What the packets of a TCP connection tell of it beyond what its streams carried."""
