"""What messages and lists have in common: elements with a tag, a length and a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from scapy.fields import (
    ByteEnumField,
    Field,
    FieldLenField,
    PacketListField,
    StrLenField,
    XStrLenField,
)
from scapy.packet import Packet

Names = Mapping[int, str]
Kinds = dict[int, type["Tagged"]]


class Part(Packet):
    """A part of a list: what stands behind it is the next part."""

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Nothing is this part's own payload."""
        return b"", s


class Tagged(Part):
    """A tag, a length and a value; a kind with a value of its own is told by tag and length."""

    kinds: ClassVar[Kinds] = {}
    """Of a family: what has a value of its own, by tag."""
    size: ClassVar[int | None] = None
    """Bytes of the value; None: any number."""


def _kind_of_bytes(
    family: type[Tagged], /, _pkt: bytes | None = None, *_: object, **__: object
) -> type[Tagged]:
    """The kind of the element that begins the bytes; scapy asks for it before it reads them."""
    if not _pkt or len(_pkt) < 3:
        return family
    kind = family.kinds.get(_pkt[0])
    fits = kind is not None and kind.size in (None, int.from_bytes(_pkt[1:3], "big"))
    return kind if kind is not None and fits else family


def _fields(tag: int, names: Names, value: Field[Any, Any]) -> list[Field[Any, Any]]:
    return [
        ByteEnumField("tag", tag, dict(names)),
        FieldLenField("length", None, length_of="value", fmt="!H"),
        value,
    ]


def octets() -> Field[Any, Any]:
    """A value of bytes."""
    return XStrLenField("value", b"", length_from=lambda element: element.length)


def text() -> Field[Any, Any]:
    """A value of characters, with the NUL that ends most of them."""
    return StrLenField("value", b"", length_from=lambda element: element.length)


def choice(names: Names) -> Field[Any, Any]:
    """A value of one byte with names."""
    return ByteEnumField("value", 0, {int(number): name for number, name in names.items()})


def family_of(name: str, names: Names) -> type[Tagged]:
    """Elements of any tag, whose values are bytes."""
    contents = {
        "name": name,
        "fields_desc": _fields(0, names, octets()),
        "kinds": {},
        "dispatch_hook": classmethod(_kind_of_bytes),
    }
    return cast("type[Tagged]", type(name, (Tagged,), contents))


def kind_of(family: type[Tagged], tag: int, names: Names, value: Field[Any, Any]) -> type[Tagged]:
    """Elements of one tag; of another length than that of the value they are of the family."""
    name = family.__name__ + names[tag].title().replace("_", "")
    size = None if isinstance(value, StrLenField | PacketListField) else value.sz
    contents = {"name": name, "fields_desc": _fields(tag, names, value), "size": size}
    kind = cast("type[Tagged]", type(name, (family,), contents))
    family.kinds[tag] = kind
    return kind
