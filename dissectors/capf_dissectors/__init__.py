"""Dissectors for what an IP phone speaks while it enrols: bytes in, messages out, no I/O.

Every dissector is a pure function of bytes. It answers in one of three ways: a message, a
:class:`~capf_dissectors.results.NeedMore`, or a :class:`~capf_dissectors.results.Malformed` that
names the offset and the reason. Dissectors are passive: oddities are reported, not refused.
"""
