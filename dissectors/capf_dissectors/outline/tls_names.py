"""Names that only a person who reads a hello needs.

Source: IANA "TLS ExtensionType Values" and "TLS Parameters", in the registries' own spelling.
"""

from __future__ import annotations

from capf_dissectors.tls.registries import is_grease

_EXTENSIONS = {
    **dict(
        enumerate(
            [
                "server_name",
                "max_fragment_length",
                "client_certificate_url",
                "trusted_ca_keys",
                "truncated_hmac",
                "status_request",
                "user_mapping",
                "client_authz",
                "server_authz",
                "cert_type",
                "supported_groups",
                "ec_point_formats",
                "srp",
                "signature_algorithms",
                "use_srtp",
                "heartbeat",
                "application_layer_protocol_negotiation",
                "status_request_v2",
                "signed_certificate_timestamp",
                "client_certificate_type",
                "server_certificate_type",
                "padding",
                "encrypt_then_mac",
                "extended_master_secret",
                "token_binding",
                "cached_info",
                "tls_lts",
                "compress_certificate",
                "record_size_limit",
            ]
        )
    ),
    34: "delegated_credential",
    35: "session_ticket",
    41: "pre_shared_key",
    42: "early_data",
    43: "supported_versions",
    44: "cookie",
    45: "psk_key_exchange_modes",
    47: "certificate_authorities",
    48: "oid_filters",
    49: "post_handshake_auth",
    50: "signature_algorithms_cert",
    51: "key_share",
    57: "quic_transport_parameters",
    0xFE0D: "encrypted_client_hello",
    0xFF01: "renegotiation_info",
}
_SCHEMES = {
    0x0201: "rsa_pkcs1_sha1",
    0x0203: "ecdsa_sha1",
    0x0401: "rsa_pkcs1_sha256",
    0x0403: "ecdsa_secp256r1_sha256",
    0x0501: "rsa_pkcs1_sha384",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0601: "rsa_pkcs1_sha512",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0804: "rsa_pss_rsae_sha256",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x0809: "rsa_pss_pss_sha256",
    0x080A: "rsa_pss_pss_sha384",
    0x080B: "rsa_pss_pss_sha512",
    0x081A: "ecdsa_brainpoolP256r1tls13_sha256",
    0x081B: "ecdsa_brainpoolP384r1tls13_sha384",
    0x081C: "ecdsa_brainpoolP512r1tls13_sha512",
}
_HASHES = ["none", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
_SIGNATURES = ["anonymous", "rsa", "dsa", "ecdsa"]
_CERTIFICATE_TYPES = {
    1: "rsa_sign",
    2: "dss_sign",
    3: "rsa_fixed_dh",
    4: "dss_fixed_dh",
    64: "ecdsa_sign",
    65: "rsa_fixed_ecdh",
    66: "ecdsa_fixed_ecdh",
}
_POINT_FORMATS = ["uncompressed", "ansiX962_compressed_prime", "ansiX962_compressed_char2"]
_KEY_EXCHANGE_MODES = ["psk_ke", "psk_dhe_ke"]


def extension_name(number: int) -> str:
    """``server_name (0)``."""
    name = "GREASE" if is_grease(number) else _EXTENSIONS.get(number, "extension")
    return f"{name} ({number})"


def scheme_name(number: int) -> str:
    """A SignatureScheme, or the pair of hash and signature that TLS 1.2 has in its place."""
    name = _SCHEMES.get(number)
    if name is None:
        hashed, signature = number >> 8, number & 0xFF
        known = hashed < len(_HASHES) and signature < len(_SIGNATURES)
        name = f"{_SIGNATURES[signature]}_{_HASHES[hashed]}" if known else "unknown"
    return f"{name} (0x{number:04x})"


def certificate_type_name(number: int) -> str:
    """A ClientCertificateType."""
    return f"{_CERTIFICATE_TYPES.get(number, 'unknown')} ({number})"


def point_format_name(number: int) -> str:
    """An ECPointFormat."""
    return _listed(_POINT_FORMATS, number)


def key_exchange_mode_name(number: int) -> str:
    """A PskKeyExchangeMode."""
    return _listed(_KEY_EXCHANGE_MODES, number)


def _listed(names: list[str], number: int) -> str:
    return f"{names[number] if number < len(names) else 'unknown'} ({number})"
