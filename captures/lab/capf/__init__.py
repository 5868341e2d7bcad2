"""CAPF: its messages, the service, the phone, and what both really said."""
