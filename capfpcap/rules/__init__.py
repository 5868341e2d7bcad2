"""Rules decide: from what a phone did and what its flows show to findings. They never decode."""
