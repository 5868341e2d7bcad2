"""The console log of a phone: names that it asked for, and what its security application says.

The forms are those of 78xx and 88xx phones: ``0478 INF Mar 12 15:07:53.695263 dnsmasq[12864]: …``,
as a file of the phone's web page, through a syslog server, or pasted from a document.
"""

from capf_dissectors.phone_log.entries import Entry, Stamp, read_entries
from capf_dissectors.phone_log.messages import Kind, Message, read_message

__all__ = ["Entry", "Kind", "Message", "Stamp", "read_entries", "read_message"]
