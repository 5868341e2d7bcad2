"""Streams and dissectors together: what was said in each flow, message by message.

A flow becomes one or more *exchanges*: a DNS question with its answer, a file transfer, a TCP
connection with its TLS session. They keep the rows that brought each message, so that every
statement of a later floor can name its frames. The list of events that a person reads is made
from an exchange only when it is asked for.
"""
