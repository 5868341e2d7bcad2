"""Captures of known size and content, and what reading them costs, side by side with others."""
