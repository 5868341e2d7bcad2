"""Steps that several remedies share, each in the order in which Cisco has it."""

from __future__ import annotations

RESET = "Then, in a maintenance window (a reset is an outage), reset"
"""Stands before the phones that are to be reset (document 214231)."""

AFTER_CAPF_CERTIFICATE = (
    "in mixed mode 'utils ctl update CTLFile' on the publisher (the CTL names CAPF too); then "
    "'utils service restart' of Cisco Certificate Authority Proxy Function (publisher), Cisco "
    "Trust Verification Service (all nodes) and Cisco Tftp (TFTP nodes)"
)
"""What makes a CAPF certificate known, once it was regenerated (document 214231)."""

RESET_LOCALKEY = (
    "as a last resort 'utils itl reset localkey' (in mixed mode 'utils ctl reset localkey'), which "
    "affects every phone: in a maintenance window"
)
"""How a trust list is signed again with a key that phones still know (document 117598)."""

ERASE_ITL = (
    "Admin Settings > Reset Settings > Security; on 7900 models Settings > Security > Trust List"
)
"""Where a phone's own menu forgets the trust list that it holds."""
