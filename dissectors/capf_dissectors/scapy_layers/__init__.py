"""CAPF, TVS, trust lists and signed files as layers of scapy, to craft packets and take them apart.

Nothing else loads this: it needs the extra ``scapy``, which is GPL-2.0-only, and so is a program
that loads it. Lengths are worked out where they are not set, and any of them may be set wrong.
Importing this changes nothing of scapy; :func:`bind_to_tls` makes it find the messages inside TLS.

    CAPF(cmd="KEYGEN_REQUEST", elements=[CAPF_ELEMENTS[Tag.KEY_SIZE](value=3072)])
"""

from capf_dissectors.scapy_layers.lists import (
    LIST_FIELDS,
    RECORD_FIELDS,
    ListField,
    ListPadding,
    RecordField,
    SignedFile,
    TrustList,
    TrustRecord,
)
from capf_dissectors.scapy_layers.messages import (
    CAPF,
    CAPF_ELEMENTS,
    TVS,
    TVS_ELEMENTS,
    CAPFCertificate,
    CAPFElement,
    TVSElement,
)

__all__ = [
    "CAPF",
    "CAPF_ELEMENTS",
    "LIST_FIELDS",
    "RECORD_FIELDS",
    "TVS",
    "TVS_ELEMENTS",
    "CAPFCertificate",
    "CAPFElement",
    "ListField",
    "ListPadding",
    "RecordField",
    "SignedFile",
    "TVSElement",
    "TrustList",
    "TrustRecord",
    "bind_to_tls",
]


def bind_to_tls(*, capf_port: int = 3804, tvs_port: int = 2445) -> None:
    """From now on scapy takes these TCP ports for TLS, and finds CAPF and TVS in what it decrypts.

    scapy decrypts with ``conf.tls_session_enable`` and ``conf.tls_nss_filename``. A message that
    reaches into another record is shown as far as it goes in the first one.
    """
    from capf_dissectors.scapy_layers.inside_tls import bind  # noqa: PLC0415 - loads scapy's TLS

    bind(capf_port, tvs_port)
