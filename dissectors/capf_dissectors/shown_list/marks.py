"""What is looked for in the text: phrases of the command line, and the beginnings of rows.

Newlines count for no more than blanks, since they get lost.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from capf_dissectors.signed_header import HeaderTag
from capf_dissectors.trust_list import RecordTag


class Mark(Enum):
    """Which phrase it is."""

    RECORD = auto()
    LENGTH = auto()
    MODIFIED = auto()
    CHECKSUMS = auto()
    MD5 = auto()
    SHA1 = auto()
    OPENING = auto()
    VERSION = auto()
    HEADERLENGTH = auto()
    TABLE = auto()
    RULE = auto()
    SIGNED = auto()
    VERIFIED = auto()
    NOT_FOUND = auto()
    UNPARSABLE = auto()
    PROMPT = auto()
    ROW = auto()


_SPELLINGS = {
    "ISSUENAME": RecordTag.ISSUERNAME.name,
    "HASH ALGORITHM": RecordTag.HASHALGORITHM.name,
    "DIGESTALGORTITHM": HeaderTag.DIGESTALGORITHM.name,
    "SIGNATUREALGORTITHM": HeaderTag.SIGNATUREALGORITHM.name,
}
"""Names that the command line spells in another way than the list's description."""
UNKNOWN = "UNKNOWN"
"""Stands for a tag without a name where we print a list ourselves."""
_NAMES = {
    **{tag.name: tag.name for tag in (*RecordTag, *HeaderTag)},
    **_SPELLINGS,
    UNKNOWN: UNKNOWN,
}
_TAGS = "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)).replace(r"\ ", r"\s")
_WHICH = r"(?P<kind_{0}>ITL|CTL)"

_PHRASES: dict[Mark, str] = {
    Mark.RECORD: r"\b{which}\sRecord\s?#?\s?:?\s?(?P<number>\d{{1,5}})\b",
    Mark.LENGTH: r"\bLength\sof\s{which}\sfile\s?:\s?(?P<bytes>\d{{1,9}})\b",
    Mark.MODIFIED: r"\bThe\s{which}\sFile\swas\slast\smodified\son\b",
    Mark.CHECKSUMS: r"\bThe\schecksum\svalue\sof\sthe\s{which}\sfile\s?:?",
    Mark.MD5: r"\b(?P<md5>[0-9a-f]{{32}})\s?\(MD5\)",
    Mark.SHA1: r"\b(?P<sha1>[0-9a-f]{{40}})\s?\(SHA1\)",
    Mark.OPENING: r"\bParse\s{which}\sFile\b",
    Mark.VERSION: r"(?<!\S)Version\s?:\s?(?P<version>\d{{1,3}}\.\d{{1,3}})\b",
    Mark.HEADERLENGTH: r"\bHeader\s?Length\s?:\s?(?P<header>\d{{1,5}})\b(?:\s\(BYTES\))?",
    Mark.TABLE: r"\bBYTEPOS\sTAG\sLENGTH\sVALUE\b",
    Mark.RULE: r"(?<!\S)-{{3,}}(?!\S)",
    Mark.SIGNED: r"\bThis\setoken\swas\s(?P<unsigned>not\s)?used\sto\ssign\sthe\s{which}\sfile\b",
    Mark.VERIFIED: r"\bThe\s{which}\sfile\swas\s(?P<unverified>not\s)?verified\b"
    r"(?:\ssuccessfully)?",
    Mark.NOT_FOUND: r"\b{which}\sFile\snot\sfound\b",
    Mark.UNPARSABLE: r"\bError\sparsing\sthe\s{which}\sFile\b",
    Mark.PROMPT: r"(?<!\S)[\w.-]{{1,64}}:\s?show\s{which}\b|(?<!\S)admin:",
    Mark.ROW: rf"(?<!\S)(?P<position>\d{{{{1,3}}}})\s(?P<tag>{_TAGS})(?!\S)"
    rf"(?:\s(?P<length>\d{{{{1,5}}}})(?!\S)(?!\s(?:{_TAGS})(?!\S)))?",
}
MARKS = re.compile(
    "|".join(
        f"(?P<{mark.name}>{phrase.format(which=_WHICH.format(mark.name))})"
        for mark, phrase in _PHRASES.items()
    ),
    re.IGNORECASE,
)
"""Any of them; the name of the group that matched last is the mark's."""


def tag_name(spelt: str) -> str:
    """The name of a tag, however the command line spells it."""
    return _NAMES[" ".join(spelt.upper().split())]


def printed_name(tag: str) -> str:
    """The name of a tag as the command line spells it."""
    return _PRINTED.get(tag, tag)


_PRINTED = {name: spelt for spelt, name in _SPELLINGS.items() if spelt != "ISSUENAME"}
