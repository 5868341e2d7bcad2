"""How long the terminal interface takes to open many phones, and to answer each key."""
