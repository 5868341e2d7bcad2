from __future__ import annotations

import pytest
from capf_dissectors.configuration import (
    MAX_LENGTH,
    CallManager,
    CapfServer,
    PhoneConfiguration,
    TvsServer,
    dissect,
)
from capf_dissectors.configuration.values import MAX_CAPF_SERVERS, MAX_VALUE
from capf_dissectors.results import Malformed
from hypothesis import given
from hypothesis import strategies as st

WHOLE = """<?xml version="1.0" encoding="UTF-8"?>
<device xsi:type="axl:XIPPhone" ctiid="7">
  <fullConfig>true</fullConfig>
  <deviceProtocol>SIP</deviceProtocol>
  <devicePool>
    <name>Default</name>
    <callManagerGroup>
      <name>Group</name>
      <members>
        <member priority="0"><callManager>
          <name>PUB</name>
          <ports>
            <ethernetPhonePort>2000</ethernetPhonePort>
            <sipPort>5060</sipPort>
            <securedSipPort>5061</securedSipPort>
            <mgcpPorts><listen>2427</listen></mgcpPorts>
          </ports>
          <processNodeName>pub.lab.example</processNodeName>
        </callManager></member>
        <member priority="1"><callManager>
          <processNodeName>10.1.1.3</processNodeName>
        </callManager></member>
      </members>
    </callManagerGroup>
    <srstInfo><name>Gateway</name><port1>2000</port1></srstInfo>
  </devicePool>
  <TVS><members>
    <member priority="0"><port>2445</port><address>pub.lab.example</address></member>
    <member priority="1"><address>10.1.1.3</address></member>
  </members></TVS>
  <sipProfile><sipLines><line><port>5070</port><name>1001</name></line></sipLines></sipProfile>
  <vendorConfig><loadServer>10.1.1.9</loadServer></vendorConfig>
  <loadInformation>sip88xx.14-2-1</loadInformation>
  <ipAddressMode>2</ipAddressMode>
  <deviceSecurityMode>3</deviceSecurityMode>
  <transportLayerProtocol>3</transportLayerProtocol>
  <capfAuthMode>2</capfAuthMode>
  <capfList>
    <capf><phonePort>3804</phonePort><processNodeName>pub.lab.example</processNodeName></capf>
    <capf><processNodeName> 10.1.1.2 </processNodeName></capf>
  </capfList>
  <certHash></certHash>
  <encrConfig>false</encrConfig>
</device>
"""


def parse(xml: bytes | str) -> PhoneConfiguration:
    result = dissect(xml.encode() if isinstance(xml, str) else xml)
    assert isinstance(result, PhoneConfiguration), result
    return result


def malformed(xml: bytes | str) -> Malformed:
    result = dissect(xml.encode() if isinstance(xml, str) else xml)
    assert isinstance(result, Malformed), result
    return result


def test_what_enrolment_depends_on_is_read() -> None:
    read = parse(WHOLE)
    assert read.capf_auth_mode == 2
    assert read.capf_servers == (
        CapfServer("pub.lab.example", 3804),
        CapfServer("10.1.1.2", None),
    )
    assert (read.full_config, read.encr_config, read.cert_hash) == (True, False, "")
    assert (read.device_security_mode, read.transport_layer_protocol) == (3, 3)
    assert read.ip_address_mode == 2
    assert (read.device_protocol, read.load_information) == ("SIP", "sip88xx.14-2-1")
    assert read.load_server == "10.1.1.9"


def test_servers_are_read_from_their_own_lists_only() -> None:
    read = parse(WHOLE)
    assert read.tvs_servers == (
        TvsServer("pub.lab.example", 2445, 0),
        TvsServer("10.1.1.3", None, 1),
    )
    assert read.call_managers == (
        CallManager("PUB", "pub.lab.example", 2000, 5060, 5061, 0),
        CallManager("", "10.1.1.3", None, None, None, 1),
    )


def test_the_default_file_of_a_cluster_is_read_too() -> None:
    read = parse(
        "<Default><callManagerGroup><members><member><callManager>"
        "<processNodeName>pub</processNodeName></callManager></member></members>"
        "</callManagerGroup></Default>"
    )
    assert read.call_managers == (CallManager("", "pub", None, None, None, None),)
    assert read.capf_auth_mode is None


def test_what_is_missing_or_no_number_is_none() -> None:
    read = parse(
        "<device><capfAuthMode>two</capfAuthMode><ipAddressMode>\u0662</ipAddressMode>"
        "<capfList><capf><phonePort>65536</phonePort></capf>"
        "<capf><phonePort>-1</phonePort></capf></capfList>"
        f"<deviceSecurityMode>{'9' * 5000}</deviceSecurityMode>"
        "<fullConfig>yes</fullConfig></device>"
    )
    assert read.capf_servers == (CapfServer("", None), CapfServer("", None))
    assert read.capf_auth_mode is None
    assert read.ip_address_mode is None
    assert read.device_security_mode is None
    assert read.full_config is None
    assert read.cert_hash is None


def test_the_first_value_of_a_repeated_element_counts() -> None:
    xml = "<device><capfAuthMode>1</capfAuthMode><capfAuthMode>0</capfAuthMode></device>"
    assert parse(xml).capf_auth_mode == 1


def test_more_capf_servers_than_a_phone_takes_are_passed_over() -> None:
    entries = "".join(f"<capf><processNodeName>h{n}</processNodeName></capf>" for n in range(9))
    read = parse(f"<device><capfList>{entries}</capfList></device>")
    assert [server.host for server in read.capf_servers] == [
        f"h{n}" for n in range(MAX_CAPF_SERVERS)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_declared_encoding_is_used(encoding: str) -> None:
    xml = (
        f'<?xml version="1.0" encoding="{encoding}"?><device><loadServer>Zoë</loadServer></device>'
    )
    assert parse(xml.encode(encoding)).load_server == "Zoë"


def test_blanks_around_the_file_and_padding_behind_it_do_no_harm() -> None:
    assert parse(b"\r\n " + WHOLE.encode() + b"\n\0\0\0") == parse(WHOLE)


def test_a_document_type_is_refused_before_any_entity_of_it() -> None:
    bomb = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><device>&b;</device>'
    assert "document type" in malformed(bomb).reason
    outside = '<!DOCTYPE d SYSTEM "file:///etc/hostname"><device/>'
    assert "document type" in malformed(outside).reason
    assert malformed("<device>&undeclared;</device>").offset == 8


def test_another_kind_of_file_is_told_by_its_root() -> None:
    result = malformed("<?xml version='1.0'?><CiscoIPPhoneText/>")
    assert result.offset == 21
    assert "CiscoIPPhoneText" in result.reason


def test_a_file_cut_short_is_malformed_at_its_end() -> None:
    cut = WHOLE.encode()[:1000].rstrip()
    assert len(cut) - 40 <= malformed(cut).offset <= len(cut)


def test_leading_blanks_count_in_the_offset() -> None:
    assert (
        malformed("   <device><a></device>").offset == malformed("<device><a></device>").offset + 3
    )


@pytest.mark.parametrize("encoding", ["no-such", "hex", "shift_jis", "idna", "utf-7"])
def test_an_encoding_that_cannot_be_used_is_malformed(encoding: str) -> None:
    assert malformed(f'<?xml version="1.0" encoding="{encoding}"?><device/>').offset >= 0


def test_length_and_values_are_limited() -> None:
    assert "longer" in malformed(b" " * (MAX_LENGTH + 1)).reason
    assert malformed("<device>" + "<a>" * (MAX_LENGTH // 4)).reason == "no element found"
    read = parse(f"<device><loadServer>{'x' * 5000}</loadServer></device>")
    assert read.load_server == "x" * MAX_VALUE


def test_no_octets_are_no_configuration() -> None:
    assert malformed(b"").offset == 0


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6))
def test_no_changed_octets_make_it_raise(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE.encode())
    for offset, value in changes:
        data[offset] = value
    dissect(bytes(data))


@given(st.binary(max_size=100))
def test_no_octets_make_it_raise(data: bytes) -> None:
    dissect(data)
    dissect(b"<device>" + data)
    dissect(b'<?xml version="1.0" encoding="' + data + b'"?><device/>')
