"""Certificates and trust lists: what they say, and whether one vouches for the other."""
