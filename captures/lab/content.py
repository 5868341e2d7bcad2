"""What the publisher serves: certificates, trust lists, signed configurations."""

from __future__ import annotations

import shutil

from captures.lab import pki
from captures.lab.configuration import PUBLISHER_NAME, SUBSCRIBER_NAME, configuration
from captures.lab.knobs import Certificate, TrustList
from captures.lab.pki import Identity
from captures.lab.plan import Plan
from captures.lab.trust_lists import Entry, signed_file, trust_list
from captures.lab.trust_rows import Function

CORRUPT_AT_SHARE = 0.6


def build(plan: Plan) -> None:
    """Make every identity of the scenario, and every file that TFTP and HTTP serve."""
    plan.identities.mkdir()
    plan.root.mkdir()
    identities: dict[str, Identity] = {}
    for name, settings in sorted(plan.record.all_certificates().items(), key=_issuers_first):
        identities[name] = pki.make_certificate(settings, identities.get(settings.issuer))
    identities["subscriber-tvs"] = pki.make_certificate(Certificate(common_name=SUBSCRIBER_NAME))
    for name, identity in identities.items():
        pki.write(identity, plan.identities, name)
    files = plan.record.files
    for each in files.trust_lists:
        (plan.root / each.file).write_bytes(_trust_list(plan, each, identities))
    digest = files.trust_lists[0].digest if files.trust_lists else "sha1"
    for phone in plan.record.phones:
        if phone.name in files.configuration_missing:
            continue
        name = f"{phone.name}.cnf.xml"
        content = configuration(plan.record, phone)
        signed = signed_file(f"{name}.sgn", identities["callmanager"], digest, content)
        (plan.root / name).write_bytes(content)
        if files.signed:
            (plan.root / f"{name}.sgn").write_bytes(signed)
    if files.subscriber_lists:
        shutil.copytree(plan.root, plan.subscriber_root)
        for each in files.subscriber_lists:
            (plan.subscriber_root / each.file).write_bytes(_trust_list(plan, each, identities))
    for file in files.unreadable:
        (plan.root / file).chmod(0o600)


def _issuers_first(item: tuple[str, Certificate]) -> bool:
    return item[1].issuer != ""


def _trust_list(plan: Plan, settings: TrustList, identities: dict[str, Identity]) -> bytes:
    if settings.fault == "empty":
        return b""
    entries = _entries(plan, settings, identities)
    data = trust_list(settings.file, identities[settings.signer], settings.digest, entries)
    if settings.fault == "bad-signature":
        middle = data.index(b"\x0c\x01\x00") + 64
        return data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1 :]
    if settings.fault == "corrupt":
        middle = int(len(data) * CORRUPT_AT_SHARE)
        return data[:middle] + bytes(len(data) - middle)
    return data


def _entries(plan: Plan, settings: TrustList, identities: dict[str, Identity]) -> list[Entry]:
    """The records in CUCM's order: SASTs, CCM+TFTP, CAPF, one TVS for each node."""
    hash_only = settings.style == "hash-only"
    publisher = plan.publisher
    subscriber = plan.record.network.subscriber.address.partition("/")[0]
    callmanager = identities["callmanager"].certificate
    recovery = identities["recovery"].certificate
    signers = [recovery, callmanager] if settings.signer == "recovery" else [callmanager, recovery]
    entries = [Entry(Function.SAST, each) for each in signers]
    entries.append(Entry(Function.CCM_TFTP, callmanager, PUBLISHER_NAME, publisher))
    if settings.capf_record:
        capf = identities[settings.capf_record].certificate
        entries.append(Entry(Function.CAPF, capf, PUBLISHER_NAME, publisher, hash_only))
    for name, node, address in (
        ("tvs", PUBLISHER_NAME, publisher),
        ("subscriber-tvs", SUBSCRIBER_NAME, subscriber),
    ):
        tvs = identities[name].certificate
        entries.append(Entry(Function.TVS, tvs, node, address, hash_only))
    return entries
