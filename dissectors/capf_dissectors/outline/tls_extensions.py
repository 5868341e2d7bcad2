"""The extensions of TLS hellos, field by field (RFC 8446, section 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from capf_dissectors.outline.outliner import Outliner, by_name
from capf_dissectors.outline.tls_names import (
    extension_name,
    key_exchange_mode_name,
    point_format_name,
    scheme_name,
)
from capf_dissectors.text import decode_text
from capf_dissectors.tls.registries import Extension, group_name, is_grease, version_name

_POINT_FORMATS = 11
_PROTOCOLS = 16
_PADDING = 21
_KEY_EXCHANGE_MODES = 45
_CERTIFICATE_SCHEMES = 50


def read_extensions(walk: Outliner, *, in_client_hello: bool) -> None:
    """The extensions that end a hello; nothing where the hello has none."""
    if not walk.left:
        return
    with walk.vector("Extensions", 2) as extensions:
        count = 0
        while extensions.left:
            count += 1
            extensions.value = str(count)
            with extensions.group("Extension") as one:
                kind = one.number("Type", 2, extension_name)
                one.value = extension_name(kind)
                with one.vector("Data", 2) as data:
                    readers = _OFFERED if in_client_hello else _SELECTED
                    reader = readers.get(kind)
                    if reader is not None and data.left:
                        reader(data)
                one.lift()


def numbers(
    walk: Outliner, name: str, size: int, say: Callable[[int], str], *, each: int = 2
) -> None:
    """A list of numbers of ``each`` bytes, behind its length of ``size`` bytes."""
    with walk.vector(f"{name}s", size) as listed:
        count = listed.left // each
        listed.value = f"{count}"
        while listed.left >= each:
            listed.number(name, each, say)


def _server_names(walk: Outliner) -> None:
    with walk.vector("Server names", 2) as names:
        while names.left:
            names.number("Name type", 1, lambda kind: "host_name (0)" if kind == 0 else str(kind))
            names.counted("Server name", 2, decode_text)


def _protocols(walk: Outliner) -> None:
    with walk.vector("Protocols", 2) as names:
        while names.left:
            names.counted("Protocol", 1, decode_text)


def _key_shares(walk: Outliner) -> None:
    with walk.vector("Key shares", 2) as shares:
        while shares.left:
            _key_share(shares)


def _key_share(walk: Outliner) -> None:
    with walk.group("Key share") as share:
        share.value = _group(share.number("Group", 2, _group))
        if share.left:
            share.counted("Key", 2)


def _version(number: int) -> str:
    return f"{'GREASE' if is_grease(number) else version_name(number)} (0x{number:04x})"


def _group(number: int) -> str:
    return by_name(lambda value: "GREASE" if is_grease(value) else group_name(value))(number)


def _renegotiation(walk: Outliner) -> None:
    walk.counted("Verify data", 1)


def _padding(walk: Outliner) -> None:
    walk.rest("Padding")


def _single(name: str, say: Callable[[int], str], walk: Outliner) -> None:
    walk.number(name, 2, say)


def _list(name: str, size: int, say: Callable[[int], str], each: int, walk: Outliner) -> None:
    numbers(walk, name, size, say, each=each)


_COMMON: dict[int, Callable[[Outliner], None]] = {
    Extension.SERVER_NAME: _server_names,
    Extension.SUPPORTED_GROUPS: partial(_list, "Group", 2, _group, 2),
    _POINT_FORMATS: partial(_list, "Point format", 1, point_format_name, 1),
    Extension.SIGNATURE_ALGORITHMS: partial(_list, "Signature algorithm", 2, scheme_name, 2),
    _PROTOCOLS: _protocols,
    _PADDING: _padding,
    _KEY_EXCHANGE_MODES: partial(_list, "Key exchange mode", 1, key_exchange_mode_name, 1),
    _CERTIFICATE_SCHEMES: partial(_list, "Signature algorithm", 2, scheme_name, 2),
    Extension.RENEGOTIATION_INFO: _renegotiation,
}
_OFFERED = _COMMON | {
    Extension.SUPPORTED_VERSIONS: partial(_list, "Version", 1, _version, 2),
    Extension.KEY_SHARE: _key_shares,
}
_SELECTED = _COMMON | {
    Extension.SUPPORTED_VERSIONS: partial(_single, "Version", _version),
    Extension.KEY_SHARE: _key_share,
}
