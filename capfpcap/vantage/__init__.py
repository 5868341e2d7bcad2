"""Captures of one conversation from several places, made into one picture."""
