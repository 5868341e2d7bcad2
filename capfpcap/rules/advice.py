"""Steps that several remedies share, each in the order in which Cisco has it."""

from __future__ import annotations

IN_A_WINDOW = "a reset is an outage, so many belong in a maintenance window"
"""Stands before or behind whatever resets phones (document 214231)."""

AFTER_CAPF_CERTIFICATE = (
    "in mixed mode 'utils ctl update CTLFile' on the publisher, for the CTL names CAPF too; then "
    "'utils service restart' of Cisco Certificate Authority Proxy Function on the publisher, of "
    "Cisco Trust Verification Service on every node and of Cisco Tftp on every TFTP node"
)
"""What makes a CAPF certificate known, once it was regenerated (document 214231)."""

ERASE_ITL = (
    "on the phone Admin Settings > Reset Settings > Security, or on 7900 models Settings > "
    "Security > Trust List"
)
"""How a single phone forgets the trust list that it holds."""
