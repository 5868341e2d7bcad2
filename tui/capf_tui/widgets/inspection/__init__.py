"""Widgets that show packets, certificates, trust lists and captures closely."""
