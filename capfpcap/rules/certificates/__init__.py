"""Rules about the certificate that CAPF presents."""
