"""Reading by template must say what the full reader says, or leave the file to it."""

from __future__ import annotations

import pytest
from capf_dissectors.configuration import PhoneConfiguration, dissect
from capf_dissectors.configuration.reader import read_values
from capf_dissectors.configuration.template import MAX_LENGTH, read_by_template
from capf_dissectors.configuration.values import configuration, servers
from capf_dissectors.results import Malformed
from hypothesis import given
from hypothesis import strategies as st

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<device xsi:type="axl:XIPPhone" ctiid="{ctiid}" uuid="{{4f-{ctiid}}}">
<fullConfig>true</fullConfig>
<devicePool><callManagerGroup><members><member priority="{priority}"><callManager>
<ports><sipPort>5060</sipPort></ports><processNodeName>{host}</processNodeName>
</callManager></member></members></callManagerGroup></devicePool>
<TVS><members><member priority="0"><port>2445</port><address>{host}</address></member></members>
</TVS>
<sipProfile><phoneLabel>{label}</phoneLabel></sipProfile>
<capfAuthMode>{mode}</capfAuthMode>
<capfList><capf><phonePort>3804</phonePort><processNodeName>{host}</processNodeName></capf>
</capfList>
<certHash>{hash}</certHash>
</device>"""


def file(
    *,
    ctiid: int = 7,
    priority: int = 0,
    host: str = "pub.lab.example",
    label: str = "Reception",
    mode: str = "2",
    digest: str = "",
) -> bytes:
    return FILE.format(
        ctiid=ctiid, priority=priority, host=host, label=label, mode=mode, hash=digest
    ).encode()


def in_full(xml: bytes) -> PhoneConfiguration | Malformed:
    values = read_values(xml)
    if isinstance(values, Malformed):
        return values
    return configuration(values.scalars, servers(values.lists))


def agrees(xml: bytes) -> bool:
    """Whether reading by template gives what the full reader gives, or nothing."""
    read = read_by_template(xml)
    return read is None or read == in_full(xml)


@pytest.mark.parametrize(
    "xml",
    [
        file(),
        file(ctiid=112),
        file(label="Zoë €"),
        file(digest="00ff", mode=" 1 "),
        file(host=" 10.1.1.2\n"),
        file(label="[]] 100 % 'quoted' \"twice\""),
        file().replace(b"\n", b"\r\n"),
        file(mode="1\r\n2").replace(b"\n", b"\r"),
        file()[39:],
        b"<device/>",
        b"<device a='1'><capfAuthMode/></device>",
        b"<Default><loadServer>a<b>c</b>d</loadServer><loadServer>e</loadServer></Default>",
        b"<device><loadServer>a<certHash>c</certHash>d</loadServer></device>",
    ],
)
def test_files_as_services_write_them_are_read_by_template(xml: bytes) -> None:
    assert read_by_template(xml) == in_full(xml)


def test_files_that_differ_in_text_each_keep_their_own_values() -> None:
    hosts = [f"host{number}.example" for number in range(600)]
    read = [read_by_template(file(ctiid=ctiid, host=host)) for ctiid, host in enumerate(hosts)]
    assert [one and one.capf_servers[0].host for one in read] == hosts
    assert [one and one.tvs_servers[0].host for one in read] == hosts


def test_the_priority_of_an_entry_is_the_file_s_own() -> None:
    for priority in (1, 0, 2):
        read = read_by_template(file(priority=priority))
        assert read is not None
        assert read.call_managers[0].priority == priority


@pytest.mark.parametrize(
    "xml",
    [
        file(label="a &amp; b"),
        file(label="<!-- a -->"),
        file(label="<![CDATA[5;]]>"),
        file(label="<?target 5;?>"),
        file(label="a > b"),
        file(label="]]>"),
        file(label="\x01"),
        file(label="\x7f"),
        file(label="\ufffe"),
        file(label="<b>"),
        file(label="x").replace(b"x</", b"\xff</"),
        file().replace(b"UTF-8", b"ISO-8859-1"),
        file().replace(b"?>\n", b"?>junk"),
        file().replace(b"ctiid", b"uuid"),
        file() + b"junk",
        b"junk" + file(),
        file() + b"<device/>",
        b"<!DOCTYPE device><device/>",
        b"\xef\xbb\xbf<device/>",
        b"<other/>",
        b"<device",
        b"<>",
        b"<?xml version='1.0'?>",
        b"<?xml version='1.0'?>\n<?xml version='1.0'?><device/>",
        b"",
        b"<device>" + b" " * MAX_LENGTH + b"</device>",
    ],
)
def test_anything_unusual_is_left_to_the_full_reader(xml: bytes) -> None:
    assert read_by_template(xml) is None


@pytest.mark.parametrize(
    "root",
    [
        b"device a=\"1\" a='2'",
        b'device a="1"b="2"',
        b'device a= "x=" b="y"',
        b'device a="x="y"z"',
        b'device ="1"',
        b'device a="1',
        b"device a=1",
        b"device a='\" b=\"'",
    ],
)
def test_attributes_of_the_root_are_judged_like_by_the_full_reader(root: bytes) -> None:
    assert agrees(b"<" + root + b"><capfAuthMode>1</capfAuthMode></device>")


NAMES = st.sampled_from(
    [
        *("capfList", "capf", "TVS", "members", "member", "callManagerGroup", "name", "port"),
        *("processNodeName", "phonePort", "address", "capfAuthMode", "certHash", "line"),
    ]
)
TEXTS = st.one_of(
    st.sampled_from(
        ["", "1", " 3804 ", "\n", "\r\n", "x\ry", "0;", "é", "\u2003a", "]]", "\U0001fffe"]
    ),
    st.text(
        st.characters(codec="utf-8", exclude_characters="<>&\x7f\ufffe\uffff", categories=["L"])
    ),
)
ODD_TEXTS = st.sampled_from(
    [
        *("&lt;", "&", ">", "]]>", "\x0b", "\x85", "\uffff", "\x00", "<!--c-->", "<![CDATA[3;]]>"),
        *("<?p i?>", "<b/>", "<b a='>'/>", "<"),
    ]
)
ATTRIBUTES = st.sampled_from(["", "", ' priority="1"', " priority='x'", " a='\"' b=\"'\"", " "])
ODD_ATTRIBUTES = st.sampled_from([' a="1" a="2"', ' a=">"', ' a="&lt;"', ' a="1"b="2"', " a"])


def documents(
    texts: st.SearchStrategy[str], attributes: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    def elements(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        contents = st.lists(children, max_size=4).map("".join)
        return st.builds("<{0}{1}>{2}</{0}>".format, NAMES, attributes, contents)

    return st.builds(
        "{}<device{}>{}</device>".format,
        st.sampled_from(["", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8'?>\n"]),
        attributes,
        st.lists(st.recursive(texts, elements, max_leaves=12), max_size=6).map("".join),
    )


@given(documents(TEXTS, ATTRIBUTES))
def test_documents_of_elements_and_text_are_read_by_template(document: str) -> None:
    assert read_by_template(document.encode()) == in_full(document.encode())


@given(documents(TEXTS | ODD_TEXTS, ATTRIBUTES | ODD_ATTRIBUTES))
def test_documents_with_anything_in_them_are_read_alike(document: str) -> None:
    assert agrees(document.encode())


@given(
    st.lists(
        st.tuples(st.integers(0, len(file()) - 1), st.sampled_from(b" <>/='&;ab1\0\xff\"")),
        max_size=3,
    )
)
def test_changed_octets_are_read_alike(changes: list[tuple[int, int]]) -> None:
    data = bytearray(file())
    for offset, value in changes:
        data[offset] = value
    assert agrees(bytes(data))


@given(st.text("ab12 ='\"/<>\n", max_size=12))
def test_any_root_is_judged_alike(attributes: str) -> None:
    assert agrees(f"<device {attributes}><capfAuthMode>1</capfAuthMode></device>".encode())
    assert agrees(f'<device {attributes} x="1"/>'.encode())


def test_both_ways_of_reading_are_behind_one_door() -> None:
    assert dissect(b"\n" + file() + b"\n\0") == read_by_template(file())
    assert dissect(file(label="a &amp; b")) == in_full(file(label="a &amp; b"))
