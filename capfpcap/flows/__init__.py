"""Packets in, flows and byte streams out.

A flow is a five-tuple as seen at one vantage point, in both directions. TCP streams are put
together with their gaps kept as gaps: what was not captured is never papered over.
"""
