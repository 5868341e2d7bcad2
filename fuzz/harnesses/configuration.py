"""Phone configurations, read by the full reader and by its short cut."""

from __future__ import annotations

from capf_dissectors import configuration
from capf_dissectors.configuration.reader import read_values
from capf_dissectors.configuration.template import read_by_template
from capf_dissectors.configuration.values import configuration as assembled
from capf_dissectors.configuration.values import servers
from capf_dissectors.results import Malformed
from capf_dissectors.signed_file import unwrap

from capfpcap.timeline.files import FileKind
from fuzz.answers import check_answer
from fuzz.harness import Harness
from fuzz.seeds import carried


def judge(data: bytes) -> None:
    """Where the short cut answers, it answers as the full reader does."""
    check_answer(configuration.dissect(data), len(data))
    short = read_by_template(data)
    if short is not None:
        values = read_values(data)
        assert not isinstance(values, Malformed), values
        assert assembled(values.scalars, servers(values.lists)) == short


def seeds() -> list[bytes]:
    """Every configuration without its signature, and short ones of other shapes."""
    loaded = carried().files.get(FileKind.CONFIGURATION, [])
    made = (
        b"<?xml version='1.0' encoding='utf-16'?><device/>",
        '<?xml version="1.0"?><device><capfAuthMode>2</capfAuthMode></device>'.encode("utf-16"),
        b"<!DOCTYPE device [<!ENTITY e 'x'>]><device>&e;</device>",
        b"<device><!-- c --><capfAuthMode><![CDATA[2]]></capfAuthMode></device>",
        b"<Default><TVS><members><member priority='0'><port>2445</port></member></members></TVS>"
        b"</Default>",
    )
    return [*map(unwrap, loaded), *made]


_WORDS = b"device Default capfAuthMode capfList capf phonePort processNodeName TVS members member"
HARNESS = Harness(
    judge,
    seeds,
    dictionary=[
        *_WORDS.split(),
        *(b"<" + word + b">" for word in _WORDS.split()),
        *(b"</" + word + b">" for word in _WORDS.split()),
        *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml", b"?>", b"&#0;", b"&amp;", b"<!DOCTYPE"),
    ],
)
