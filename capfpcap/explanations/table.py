"""For each code: a shipped capture that shows it, a look-alike, and the documents it rests on.

A test holds that every code has a row, that the capture shows it, and the look-alike does not.
"""

from __future__ import annotations

from typing import NamedTuple

from capfpcap.explanations.sources import Source


class Row(NamedTuple):
    """Where a code can be seen, and what it rests on."""

    shown: str
    """Scenario and stems of its captures: ``itl-mismatch/phone`` or ``…/phone+publisher``."""
    look_alike: str
    """A scenario in which nothing of the code may be found."""
    sources: tuple[Source, ...]
    keylog: str = ""
    """The key log beside them with which they show it, and the look-alike does not."""

    @property
    def scenario(self) -> str:
        """The scenario that shows it."""
        return self.shown.rpartition("/")[0]

    @property
    def stems(self) -> tuple[str, ...]:
        """The captures of it that show it, without their endings."""
        return tuple(self.shown.rpartition("/")[2].split("+"))


_LISTS = (Source.SECURITY_BY_DEFAULT, Source.ITL_RESET)
_CAPF = (Source.SECURITY_GUIDE, Source.TROUBLESHOOTING)
_INSTALL = (Source.SECURITY_GUIDE, Source.INSTALL_LSC)
_KEYS = "keylog.txt"

TABLE: dict[str, Row] = {
    # names
    "dns-nxdomain": Row("dns-nxdomain/phone", "name-fails-for-a-while", (Source.NEGATIVE_ANSWERS,)),
    "dns-no-answer": Row("dns-silent/phone", "udp-lost-once", (Source.DNS,)),
    "dns-server-failure": Row("dns-refused/phone", "name-fails-for-a-while", (Source.DNS,)),
    "dns-no-address": Row("dns-no-address/phone", "aaaa-empty", (Source.NEGATIVE_ANSWERS,)),
    "dns-truncated": Row("dns-truncated/phone", "dns-long-answer", (Source.DNS,)),
    "dns-wrong-address": Row(
        "name-leads-to-subscriber/phone+publisher",
        "service-stopped",
        (Source.DNS, Source.SECURITY_GUIDE),
    ),
    # files
    "tftp-no-answer": Row(
        "tftp-filtered/phone", "tftp-server-stands-in", (Source.TFTP, Source.PORTS)
    ),
    "transfer-stalled": Row("transfer-stalled/phone", "udp-lost-once", (Source.TFTP,)),
    "transfer-failed": Row("transfer-failed/phone", "itl-not-found", (Source.TFTP, Source.HTTP)),
    "tftp-other-address": Row(
        "tftp-answers-from-other-address/phone",
        "tftp-other-address-accepted",
        (Source.TFTP, Source.ICMP),
    ),
    "file-not-genuine": Row("portal-answers/phone", "itl-corrupt", (Source.PORTS, Source.HTTP)),
    "config-not-found": Row("config-not-found/phone", "configuration-unsigned", (Source.TFTP,)),
    "itl-not-found": Row("itl-not-found/phone", "success-by-address", _LISTS),
    # trust list
    "itl-empty": Row("itl-empty/phone", "transfer-stalled", _LISTS),
    "itl-corrupt": Row("itl-corrupt/phone", "snapped", _LISTS),
    "itl-signature-invalid": Row("itl-signature-invalid/phone", "itl-corrupt", _LISTS),
    "itl-no-capf-record": Row(
        "itl-no-capf-record/phone", "capf-record-in-ctl", (*_LISTS, Source.CTL)
    ),
    "itl-capf-mismatch": Row(
        "itl-mismatch/phone",
        "two-lists-last-counts",
        (Source.REGENERATE, Source.SECURITY_BY_DEFAULT),
    ),
    "itl-differs-between-servers": Row(
        "lists-differ/phone", "own-trust-list", (Source.REGENERATE, Source.SECURITY_BY_DEFAULT)
    ),
    "itl-stale-on-phone": Row(
        "alarm-names-other-list/phone", "alarm-names-own-list", (Source.SECURITY_BY_DEFAULT,)
    ),
    "itl-of-another-cluster": Row(
        "tvs-of-another-cluster/phone",
        "started-twice",
        (Source.MIGRATE, Source.SECURITY_BY_DEFAULT),
    ),
    # connections
    "connection-refused": Row(
        "service-stopped/phone", "refused-on-the-way", (Source.TCP, Source.PORTS)
    ),
    "connection-no-answer": Row("syn-filtered/phone", "capture-ends-early", (Source.TCP,)),
    "connection-half-open": Row("return-path-filtered/publisher", "syn-lost-once", (Source.TCP,)),
    "one-way-traffic": Row(
        "host-drops-connections/phone+publisher", "one-direction-captured", (Source.TCP,)
    ),
    "icmp-unreachable": Row("icmp-rejected/phone", "syn-filtered", (Source.ICMP, Source.ICMP_V6)),
    "path-dropped-to-server": Row("syn-filtered/phone+publisher", "syn-lost-once", (Source.TCP,)),
    "path-dropped-to-phone": Row(
        "return-path-filtered/phone+publisher", "syn-lost-once", (Source.TCP,)
    ),
    "path-mtu-blackhole": Row(
        "large-packets-vanish/phone+publisher", "loss-overcome", (Source.PATH_MTU,)
    ),
    "path-drops-data": Row("lost-clienthello/phone+publisher", "frozen-server", (Source.TCP,)),
    "server-silent": Row("frozen-server/phone", "slow-key-generation", (Source.FROZEN_CAPF,)),
    "connection-reset": Row("reset-mid-session/phone", "success-by-address", (Source.TCP,)),
    "connection-lost": Row(
        "path-dies-in-key-generation/phone",
        "slow-key-generation",
        (Source.TCP, Source.SECURITY_GUIDE),
    ),
    "rst-injected": Row("rst-injected/phone+publisher", "service-stopped", (Source.TCP, Source.IP)),
    "packet-loss": Row("loss-overcome/phone+publisher", "mirrored-twice", (Source.RETRANSMISSION,)),
    # TLS
    "tls-version-mismatch": Row(
        "server-requires-tls12/phone", "success-old-server", (Source.TLS_1_2, Source.OLD_TLS)
    ),
    "tls-no-shared-cipher": Row("no-shared-cipher/phone", "server-alert", (Source.TLS_1_2,)),
    "tls-certificate-rejected": Row(
        "itl-mismatch/phone", "server-alert", (Source.TLS_1_2, Source.REGENERATE)
    ),
    "tls-client-certificate-rejected": Row(
        "lsc-expired/phone", "mic-accepted", (Source.TLS_1_2, Source.MIC_AND_LSC)
    ),
    "tls-fatal-alert": Row("server-alert/phone", "success-by-name", (Source.TLS_1_2,)),
    "tls-handshake-incomplete": Row(
        "closed-in-handshake/phone", "frozen-server", (Source.TLS_1_2,)
    ),
    "tls-not-spoken": Row("not-tls/phone", "mid-session", (Source.TLS_1_2,)),
    "tls-certificate-hidden": Row("success-tls13/phone", "success-by-name", (Source.TLS_1_3,)),
    # the CAPF certificate
    "capf-certificate-expired": Row(
        "certificate-expired/phone",
        "certificate-expiring",
        (Source.REGENERATE, Source.CERTIFICATES),
    ),
    "capf-certificate-not-yet-valid": Row(
        "certificate-not-yet-valid/phone", "clock-ahead", (Source.CERTIFICATES,)
    ),
    "capf-certificate-expiring": Row(
        "certificate-expiring/phone",
        "certificate-expired",
        (Source.REGENERATE, Source.CERTIFICATES),
    ),
    "capf-certificate-weak": Row(
        "certificate-weak/phone",
        "certificate-without-ca",
        (Source.SECURITY_GUIDE, Source.CERTIFICATES),
    ),
    "capf-certificate-replaced": Row(
        "intercepted/phone", "capf-certificate-from-ca-listed", (Source.SECURITY_BY_DEFAULT,)
    ),
    # CAPF itself
    "capf-not-attempted": Row(
        "not-attempted/phone", "waits-for-string", (Source.SECURITY_GUIDE, Source.INSTALL_LSC)
    ),
    "capf-session-refused": Row("session-refused/phone", "nothing-pending", _CAPF),
    "capf-session-aborted": Row(
        "closed-mid-session/phone", "capture-ends-in-key-generation", _CAPF
    ),
    "capf-session-complete": Row(
        "success-by-name/phone", "closed-before-end", (Source.INSTALL_LSC,)
    ),
    "capf-unknown-device": Row("unknown-device/phone", "wrong-string", _CAPF, _KEYS),
    "capf-authentication-rejected": Row("wrong-string/phone", "no-operation", _CAPF, _KEYS),
    "capf-no-operation": Row("no-operation/phone", "unknown-device", _CAPF, _KEYS),
    "capf-retry-later": Row("retry-later/phone", "no-operation", _CAPF, _KEYS),
    "capf-malformed": Row("capf-malformed/phone", "capf-in-pieces", _CAPF, _KEYS),
    "lsc-installed": Row("lsc-renewed-by-lsc/phone", "lsc-read-back", _INSTALL, _KEYS),
    "lsc-fetched": Row("lsc-read-back/phone", "lsc-read-back-none", _INSTALL, _KEYS),
    "lsc-deleted": Row("lsc-removed/phone", "lsc-read-back-none", _INSTALL, _KEYS),
    # TVS and the phone's own certificate
    "tvs-not-trusted": Row(
        "tvs-says-no/phone", "tvs-answers", (Source.TVS, Source.SECURITY_BY_DEFAULT)
    ),
    "phone-uses-mic": Row(
        "phone-uses-mic/phone", "registers-with-lsc", (Source.MIC_AND_LSC, Source.INSTALL_LSC)
    ),
    "lsc-expired": Row(
        "lsc-expired/phone", "lsc-expiring", (Source.INSTALL_LSC, Source.CERTIFICATES)
    ),
    "lsc-expiring": Row("lsc-expiring/phone", "registers-with-lsc", (Source.INSTALL_LSC,)),
    "lsc-foreign-issuer": Row("lsc-foreign-issuer/phone", "registers-with-lsc", (Source.MIGRATE,)),
    # the captures themselves
    "capture-empty": Row("empty/phone", "capture-ends-early", (Source.TCPDUMP,)),
    "capture-cut-short": Row("cut-short/phone", "capture-ends-early", (Source.EDITCAP,)),
    "capture-snapped": Row("snapped/phone", "cut-short", (Source.TCPDUMP,)),
    "capture-malformed-packets": Row(
        "malformed-packets/phone", "noise-around-success", (Source.IP,)
    ),
    "records-out-of-order": Row(
        "built/answers-before-request/phone", "reordered", (Source.EDITCAP,)
    ),
    "captures-merged": Row(
        "merged-success/merged", "routed-seen-twice", (Source.EDITCAP, Source.IP)
    ),
    "capture-mid-session": Row(
        "mid-session/phone", "capture-ends-in-key-generation", (Source.TCP,)
    ),
    "capture-duplicates": Row(
        "mirrored-twice/mirror", "merged-success", (Source.EDITCAP, Source.IP)
    ),
    "capture-port-scan": Row("built/port-scan/publisher", "syn-filtered", (Source.TCP,)),
    "capture-offload": Row("offload/phone", "fragmented-tftp", (Source.ETHTOOL,)),
    "capture-drops": Row("mirror-drops/mirror", "loss-overcome", (Source.TCP, Source.TCPDUMP)),
    "capture-one-sided": Row("one-direction-captured/phone", "syn-filtered", (Source.TCP,)),
    "capture-clock-offset": Row("clock-ahead/phone+publisher", "success-by-name", (Source.NTP,)),
}
"""The rows by code, in the order of the catalogue."""
