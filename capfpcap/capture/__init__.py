"""Capture files in, packets in columns out.

A capture file is never turned into one Python object a packet: it is read in windows of bounded
size, headers are decoded for all packets of a window at once, and only the rows that matter for
an enrolment are kept.
"""
