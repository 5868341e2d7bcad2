"""Rules about CAPF sessions."""
