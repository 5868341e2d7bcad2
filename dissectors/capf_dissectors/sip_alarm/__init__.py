"""Alarms that phones send by SIP: XML of the type ``application/x-cisco-alarm+xml`` in a REFER.

The form is that of Cisco's "SIP Line Messaging Guide" (content types) and of the log of a 7821 in
Cisco's document on EMCC.
"""

from capf_dissectors.sip_alarm.alarm import Alarm, TrustListAlarm, alarms_in, trust_list_alarm
from capf_dissectors.sip_alarm.sip import MAX_BODY, MAX_HEADER, SipMessage, dissect

__all__ = [
    "MAX_BODY",
    "MAX_HEADER",
    "Alarm",
    "SipMessage",
    "TrustListAlarm",
    "alarms_in",
    "dissect",
    "trust_list_alarm",
]
