"""The process that analyses, and the wire between it and the screens."""
