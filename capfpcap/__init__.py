"""Says why a Cisco IP phone does not enrol its certificate, from packet captures."""

__version__ = "0.1.0"
