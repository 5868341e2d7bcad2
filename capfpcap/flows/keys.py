"""The keys that were handed in, or stand in the captures themselves, to decrypt sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from capf_dissectors.tls.decryption import MAX_KEY_LOG, MAX_LINES, KeyLog, RsaKey, Secrets


class Keys:
    """Secrets, and what is to be said of where they come from. None of them is in a ``repr``."""

    def __init__(self, secrets: Secrets, remarks: Sequence[str] = ()) -> None:
        self.secrets = secrets
        self.remarks = tuple(remarks)
        """What of the files could not be used: a sentence each, without a full stop."""

    def __repr__(self) -> str:
        return f"Keys({self.secrets!r})"

    def with_logs(self, logs: Iterable[tuple[str, bytes]]) -> Keys:
        """These, and those of key logs that captures hold, each with its capture's path."""
        read = [(name, KeyLog(data)) for name, data in logs]
        remarks = [
            remark for name, log in read for remark in _on_log(f"the secrets in {name}", log)
        ]
        return Keys(self.secrets.with_logs(log for _, log in read), (*self.remarks, *remarks))


def keys_from(
    logs: Iterable[tuple[str, bytes]], rsa_keys: Iterable[RsaKey], remarks: Iterable[str] = ()
) -> Keys:
    """The keys in key logs, each with its name, and RSA keys."""
    read = [(name, KeyLog(data)) for name, data in logs]
    more = [remark for name, log in read for remark in _on_log(name, log)]
    secrets = Secrets((log for _, log in read), rsa_keys)
    return Keys(secrets, (*remarks, *more))


def _on_log(name: str, log: KeyLog) -> list[str]:
    """What to say of a log that is not as it should be."""
    remarks = []
    if log.cut:
        most = f"{MAX_KEY_LOG >> 20} MiB or {MAX_LINES:,} lines"
        remarks.append(f"{name}: what is behind the first {most} is not read")
    total, first = log.damage
    if total == 1:
        remarks.append(f"{name}: line {first[0]} is damaged and is passed over")
    elif total:
        lines = ", ".join(map(str, first))
        remarks.append(f"{name}: {total:,} lines are damaged and are passed over, first {lines}")
    if not len(log):
        remarks.append(f"{name}: there is no TLS secret in it")
    return remarks
