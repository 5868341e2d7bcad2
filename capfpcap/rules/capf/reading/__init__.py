"""Rules on what keys reveal of CAPF sessions. Loaded only where they reveal anything."""
