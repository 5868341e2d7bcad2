"""Trust lists as they are compared, each as far as its source tells it."""

from __future__ import annotations

from capf_dissectors import shown_list
from capf_dissectors.shown_list import ShownList, ShownRecord
from capf_dissectors.signed_header import HeaderTag, Signer
from capf_dissectors.trust_list import Record, RecordTag, TrustFunction, TrustList
from msgspec import Struct

from capfpcap.inspection.trust_lists import owner_of

OF_THE_NODE = frozenset({TrustFunction.CCM, TrustFunction.CCM_TFTP, TrustFunction.TFTP})
"""Functions of the server that made a list: each TFTP server puts its own certificate there."""


class Listed(Struct, frozen=True, eq=False):
    """A record of a list that is compared, as far as its source tells it."""

    record: Record
    number: int
    """From 1."""
    untold: frozenset[str] = frozenset()
    """Fields of the record of which the source does not say whether they are there."""
    key_length: int | None = None
    """Bytes of the public key, where the source tells no more of it."""


class Side(Struct, frozen=True, eq=False):
    """One of the two lists; None of the header what its source does not tell."""

    records: tuple[Listed, ...]
    signer: Signer | None
    timestamp: int | None
    version: str | None
    digest: int | None

    @property
    def own_serials(self) -> frozenset[str]:
        """Serial numbers of the certificates of the server that made the list.

        Before CUCM 12.0 that server signs with its own, which stands as SAST in the list as well.
        """
        return frozenset(record.serial for record in self._of_the_node() if record.serial)

    @property
    def own_hosts(self) -> frozenset[str]:
        """What the server that made the list is called in it."""
        return frozenset(map(host_of, self._of_the_node()))

    def _of_the_node(self) -> list[Record]:
        records = [listed.record for listed in self.records]
        return [record for record in records if record.function in OF_THE_NODE]


def host_of(record: Record) -> str:
    """What a record's server is called, to compare."""
    return owner_of(record).casefold()


def side_of(listed: TrustList) -> Side:
    """A list that is known byte by byte."""
    header = listed.header
    return Side(
        tuple(Listed(record, number) for number, record in enumerate(listed.records, 1)),
        header.signer,
        header.timestamp,
        f"{header.version} {header.signer_version}",
        header.digest_algorithm,
    )


def shown_side(shown: ShownList) -> Side:
    """A list as the command line prints it, which tells less."""
    row = shown.header_row(HeaderTag.SIGNERNAME.name)
    serial = shown.header_row(HeaderTag.SERIALNUMBER.name)
    signer = Signer(row.value, serial.value.lstrip("0")) if row and serial else None
    return Side(
        tuple(_listed(number, one) for number, one in enumerate(shown.records, 1)),
        signer,
        None,
        shown.version or None,
        None,
    )


def _listed(number: int, shown: ShownRecord) -> Listed:
    key = shown.row(RecordTag.PUBLICKEY.name)
    return Listed(
        shown_list.as_record(shown),
        shown.number or number,
        shown_list.untold(shown),
        key.length if key is not None else None,
    )
