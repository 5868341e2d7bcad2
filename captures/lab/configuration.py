"""The configuration file of one phone, as CUCM's TFTP service builds it."""

from __future__ import annotations

import uuid
from xml.sax.saxutils import escape

from captures.lab.knobs import Phone
from captures.lab.scenario import Record

PUBLISHER_NAME = "cucm-pub.lab.example"
SUBSCRIBER_NAME = "cucm-sub1.lab.example"

_TEMPLATE = """\
<?xml version="1.0" encoding="UTF-8"?>
<device xsi:type="axl:XIPPhone" ctiid="{cti_id}" uuid="{{{device_id}}}">
<fullConfig>true</fullConfig>
<deviceProtocol>SIP</deviceProtocol>
<sshUserId></sshUserId>
<sshPassword></sshPassword>
<ipAddressMode>{address_mode}</ipAddressMode>
<allowAutoConfig>true</allowAutoConfig>
<dadEnable>true</dadEnable>
<redirectEnable>false</redirectEnable>
<echoMultiEnable>false</echoMultiEnable>
<ipPreferenceModeControl>0</ipPreferenceModeControl>
<tzdata>
<tzolsonversion>2026a</tzolsonversion>
<tzupdater>tzupdater.jar</tzupdater>
</tzdata>
<mlppDomainId>-1</mlppDomainId>
<mlppIndicationStatus>Off</mlppIndicationStatus>
<preemption>Disabled</preemption>
<devicePool uuid="{{{pool_id}}}">
<revertPriority>0</revertPriority>
<name>Brno_Voice_DP</name>
<dateTimeSetting uuid="{{9ec4850a-7748-11d3-bdf0-00108302ead1}}">
<name>Prague</name>
<dateTemplate>D.M.Y</dateTemplate>
<timeZone>Central Europe Standard/Daylight Time</timeZone>
<olsonTimeZone>Europe/Prague</olsonTimeZone>
</dateTimeSetting>
<callManagerGroup>
<name>Brno_CMG</name>
<tftpDefault>true</tftpDefault>
<members>
{call_managers}
</members>
</callManagerGroup>
<srstInfo uuid="{{cd241e11-4a58-4d3d-9661-f06c912a18a3}}">
<name>Disable</name>
<srstOption>Disable</srstOption>
<userModifiable>false</userModifiable>
<isSecure>false</isSecure>
</srstInfo>
<connectionMonitorDuration>120</connectionMonitorDuration>
</devicePool>
<TVS>
<members>
<member priority="0">
<port>2445</port>
<address>{tvs_host}</address>
</member>
</members>
</TVS>
<sipProfile>
<sipProxies>
<registerWithProxy>true</registerWithProxy>
</sipProxies>
<phoneLabel>{label}</phoneLabel>
<sipLines>
<line button="1" lineIndex="1">
<featureID>9</featureID>
<proxy>USECALLMANAGER</proxy>
<port>5060</port>
<name>{extension}</name>
<displayName>{label}</displayName>
<authName>{extension}</authName>
<messagesNumber>7900</messagesNumber>
</line>
</sipLines>
<softKeyFile>SK4f1c8b02-93aa-4e2d-b1d7-66c0e0f5a9b3.xml</softKeyFile>
<dialTemplate>DRdflt.xml</dialTemplate>
</sipProfile>
<commonProfile>
<phonePassword></phonePassword>
<backgroundImageAccess>true</backgroundImageAccess>
<callLogBlfEnabled>3</callLogBlfEnabled>
</commonProfile>
<loadInformation>{firmware}</loadInformation>
<vendorConfig>
<disableSpeaker>false</disableSpeaker>
<webAccess>1</webAccess>
<sshAccess>1</sshAccess>
<daysDisplayNotActive>1,7</daysDisplayNotActive>
</vendorConfig>
<commonConfig>
<sshAccess>1</sshAccess>
</commonConfig>
<versionStamp>{version}</versionStamp>
<userLocale>
<name>English_United_States</name>
<langCode>en_US</langCode>
<version>14.0.0.0(1)</version>
<winCharSet>iso-8859-1</winCharSet>
</userLocale>
<networkLocale>Czech_Republic</networkLocale>
<deviceSecurityMode>1</deviceSecurityMode>
<servicesURL>http://{publisher}:8080/ccmcip/getservicesmenu.jsp</servicesURL>
<dscpForSCCPPhoneConfig>96</dscpForSCCPPhoneConfig>
<transportLayerProtocol>1</transportLayerProtocol>
<phonePersonalization>0</phonePersonalization>
{capf}<certHash>{certificate_hash}</certHash>
<encrConfig>false</encrConfig>
<advertiseG722Codec>1</advertiseG722Codec>
<mobility>
<handoffdn></handoffdn>
</mobility>
{filler}</device>
"""

_CAPF = """\
<capfAuthMode>{auth_mode}</capfAuthMode>
<capfList>
<capf>
<phonePort>{port}</phonePort>
<processNodeName>{host}</processNodeName>
</capf>
</capfList>
"""

_CALL_MANAGER = """\
<member priority="{priority}">
<callManager>
<name>{name}</name>
<description>{description}</description>
<ports>
<ethernetPhonePort>2000</ethernetPhonePort>
<sipPort>5060</sipPort>
<securedSipPort>5061</securedSipPort>
<mgcpPorts>
<listen>2427</listen>
<keepAlive>2428</keepAlive>
</mgcpPorts>
</ports>
<processNodeName>{name}</processNodeName>
</callManager>
</member>"""

_NAMESPACE = uuid.UUID("5f1a7c60-8a1e-4b58-9a0c-3a8e5f0f1d2b")
_FILLER_LINE = "<!-- speed dial list kept for the display templates of this line group -->\n"


def configuration(record: Record, phone: Phone) -> bytes:
    """The XML that tells ``phone`` to see CAPF."""
    publisher = record.network.publisher.address.partition("/")[0]
    files = record.files
    members = [
        _CALL_MANAGER.format(priority=number, name=name, description=description)
        for number, (name, description) in enumerate(
            ((PUBLISHER_NAME, "Publisher"), (SUBSCRIBER_NAME, "Subscriber 1"))
        )
    ]
    number = int(phone.name[-3:], 16)
    return _TEMPLATE.format(
        cti_id=200 + number,
        device_id=uuid.uuid5(_NAMESPACE, phone.name),
        pool_id=uuid.uuid5(_NAMESPACE, "pool"),
        address_mode=2 if record.network.ipv6 else 0,
        call_managers="\n".join(members),
        tvs_host=escape(files.tvs_host or publisher),
        label=f"Desk {number}",
        extension=7000 + number,
        firmware=f"sip{phone.model[3:5]}xx.14-2-1-0004-14",
        version=f"{{{uuid.uuid5(_NAMESPACE, phone.name + 'stamp')}}}",
        publisher=PUBLISHER_NAME,
        capf=_capf(record, publisher) if files.names_capf else "",
        certificate_hash=files.certificate_hash,
        filler=_FILLER_LINE * (files.filler_bytes // len(_FILLER_LINE)),
    ).encode()


def _capf(record: Record, publisher: str) -> str:
    """What tells the phone to see CAPF; a PBX of another maker leaves it out."""
    return _CAPF.format(
        auth_mode=record.files.capf_auth_mode,
        port=record.capf.port,
        host=escape(record.files.capf_host or publisher),
    )
