"""The certificates that each phone showed: to whom, and how long they are valid."""
