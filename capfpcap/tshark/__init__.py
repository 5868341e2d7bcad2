"""Wireshark's own view of frames: the one door to tshark.

Everything that runs tshark goes through here: it gets a home of its own, so that no profile,
preference or plugin of the user changes what it says, our plugin, secrets by file and never on its
command line, and an end. What it says comes back as trees or fields.
"""
