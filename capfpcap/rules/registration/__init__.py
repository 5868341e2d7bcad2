"""Rules about the certificate with which a phone registers."""
