"""Reads the values of a configuration in one walk of the parser.

A busy capture holds thousands of configurations, and calling Python costs more than parsing: the
handlers for text and for ends of elements are there only while a value or a list is read.
"""

from __future__ import annotations

from xml.parsers.expat import ExpatError, ParserCreate, errors

from defusedxml import DTDForbidden

from capf_dissectors.configuration.values import LISTS, MAX_VALUE, SCALARS, Entry, Values
from capf_dissectors.results import Malformed

_ROOTS = frozenset({"device", "default"})
"""Root elements, lower case: a phone's own file, and ``XMLDefault.cnf.xml``."""
_ENTRY_FIELDS = frozenset(
    {
        "name",
        "processNodeName",
        "phonePort",
        "address",
        "port",
        "ethernetPhonePort",
        "sipPort",
        "securedSipPort",
    }
)
"""Elements read only within an entry of a list."""


class _RefusedError(Exception):
    """Well-formed so far, and yet no configuration that is read further."""


def read_values(xml: bytes) -> Values | Malformed:
    """What stands in the configuration that is all of ``xml``."""
    reader = _Reader()
    parser = reader.parser
    try:
        parser.Parse(xml, True)
    except ExpatError as error:
        return Malformed(max(parser.ErrorByteIndex, 0), errors.messages[error.code])
    except DTDForbidden:
        reason = "a document type, which could define entities, is declared"
        return Malformed(reader.refused_at, reason)
    except _RefusedError as refusal:
        return Malformed(reader.refused_at, str(refusal))
    except (ValueError, LookupError):
        return Malformed(max(parser.ErrorByteIndex, 0), "the declared encoding is not known")
    finally:
        del reader.parser  # whose handlers lead back to it: freed here, collected or not
    return reader.values


class _Reader:
    """Collects the values of the elements above."""

    def __init__(self) -> None:
        self.parser = parser = ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start_root
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        self.refused_at = 0
        self.values = Values({}, {name: [] for name in LISTS})
        self._list = ""
        self._depth = 0
        self._element = ""
        self._text: list[str] = []

    def _start_root(self, name: str, _attributes: dict[str, str]) -> None:
        self.parser.StartElementHandler = self._start
        if name.lower() not in _ROOTS:
            self.refused_at = self.parser.CurrentByteIndex
            raise _RefusedError(f"the root element is {name[:MAX_VALUE]!r}, not 'device'")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        """An element outside the lists."""
        if name in SCALARS:
            self._open(name)
            self.parser.EndElementHandler = self._end_scalar
        elif name in LISTS:
            self._list = name
            self._depth = 1
            self.parser.StartElementHandler = self._start_in_list
            self.parser.EndElementHandler = self._end_in_list

    def _end_scalar(self, name: str) -> None:
        if name == self._element:
            self.values.scalars.setdefault(name, self._close())
            self.parser.EndElementHandler = None

    def _start_in_list(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if name in _ENTRY_FIELDS:
            self._open(name)
            return
        layout = LISTS[self._list]
        entries = self.values.lists[self._list]
        if name == layout.entry and self._depth == layout.depth and len(entries) <= layout.most:
            entries.append(Entry(attributes.get("priority", ""), {}))

    def _end_in_list(self, name: str) -> None:
        self._depth -= 1
        if name == self._element:
            value = self._close()
            entries = self.values.lists[self._list]
            if entries and self._depth >= LISTS[self._list].depth:
                entries[-1].fields.setdefault(name, value)
        elif self._depth == 0:
            self.parser.StartElementHandler = self._start
            self.parser.EndElementHandler = None

    def _open(self, name: str) -> None:
        self._element = name
        self._text = []
        self.parser.CharacterDataHandler = self._text.append

    def _close(self) -> str:
        self._element = ""
        self.parser.CharacterDataHandler = None
        return "".join(self._text).strip()

    def _refuse_document_type(
        self, name: str, system_id: str | None, public_id: str | None, _internal: int
    ) -> None:
        self.refused_at = self.parser.CurrentByteIndex
        raise DTDForbidden(name, system_id, public_id)
