"""What somebody sees who looks closely: packets field by field, certificates, lists, captures.

It is made of a scene when it is asked for, and never while captures are judged. Values in, values
out: whoever shows it computes nothing. Text may hold text of packets, **not yet made harmless**.
"""
