"""Phones and what each of them did, in order, on its way to a certificate."""
