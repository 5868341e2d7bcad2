"""TLS decrypted: secrets and records in, plaintext or a reason out.

Whatever is handed out has passed its integrity check; secrets stand in no ``repr``. Loading this
takes longer than all dissectors together: import it only where secrets are at hand.
"""

from capf_dissectors.tls.decryption.decryptor import decrypt
from capf_dissectors.tls.decryption.key_log import MAX_KEY_LOG, MAX_LINES, Damage, KeyLog
from capf_dissectors.tls.decryption.model import Decryption, Plaintext, Reason, Revealed, Side
from capf_dissectors.tls.decryption.secrets import (
    PasswordError,
    RsaKey,
    Secrets,
    load_rsa_key,
)
from capf_dissectors.tls.decryption.suites import is_rsa_exchange

__all__ = [
    "MAX_KEY_LOG",
    "MAX_LINES",
    "Damage",
    "Decryption",
    "KeyLog",
    "PasswordError",
    "Plaintext",
    "Reason",
    "Revealed",
    "RsaKey",
    "Secrets",
    "Side",
    "decrypt",
    "is_rsa_exchange",
    "load_rsa_key",
]
